//! What the servers that tests start have in common: ports, certificates, and programs that end with
//! the test.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// The longest that a server may take to come up. Only reached by one that never will.
const LONGEST_START: Duration = Duration::from_mins(2);

/// A port that nobody has, and that no test beside this one is given. It lies below those that the system
/// gives out by itself, so that it is still free when the server takes it.
pub fn free_port() -> u16 {
    static TAKEN: AtomicU32 = AtomicU32::new(0);
    loop {
        // Each process has a range of its own to begin with.
        let number = (std::process::id() % 2500) * 8 + TAKEN.fetch_add(1, Ordering::Relaxed);
        let port = u16::try_from(12_000 + number % 20_000).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

pub fn run(program: &str, arguments: &[&str], dir: &Path) {
    let output = Command::new(program).args(arguments).current_dir(dir).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}; run scripts/setup.sh test"));
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// What a server shows of itself.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Certificate {
    #[default]
    Good,
    /// For another host.
    Foreign,
    /// Over since a fortnight ago.
    Expired,
}

/// An authority in `ca.pem`, and of it `server.pem` with `server.key` for this machine.
pub fn make_certificates(dir: &Path, kind: Certificate) {
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let openssl = |program: &str, line: &str| {
        let arguments = words(line);
        run(program, &arguments.iter().map(String::as_str).collect::<Vec<_>>(), dir);
    };
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
    openssl("openssl", &format!("req -x509 {key} -days 2 -subj /CN=authority -keyout ca.key -out ca.pem"));
    openssl("openssl", &format!("req {key} -subj /CN=server -keyout server.key -out server.csr"));
    let names = if kind == Certificate::Foreign { "DNS:elsewhere.example" } else { "IP:127.0.0.1,DNS:localhost" };
    std::fs::write(dir.join("names"), format!("subjectAltName={names}")).unwrap();
    let sign =
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.pem";
    match kind {
        Certificate::Good | Certificate::Foreign => openssl("openssl", sign),
        Certificate::Expired => openssl("faketime", &format!("-f -16d openssl {sign}")),
    }
}

/// A key with its own certificate, as `NAME.key` and `NAME.pem`, for signing messages.
pub fn make_signing_key(dir: &Path, name: &str) {
    let line = format!(
        "req -x509 -newkey rsa:2048 -nodes -sha256 -days 2 -subj /CN={name} -keyout {name}.key -out {name}.pem"
    );
    run("openssl", &line.split(' ').collect::<Vec<_>>(), dir);
}

/// A program with everything that it starts. All of it ends when this is dropped.
pub struct Server {
    child: Child,
    lines: Receiver<String>,
}

impl Server {
    /// Starts it, with another time than now if need be (`-600s`); what it says on standard error is in
    /// `errors.log` of `dir`.
    pub fn start(mut command: Command, dir: &Path, clock: Option<&str>) -> Self {
        if let Some(clock) = clock {
            // Not by its program, which would stand between this one and the server.
            let library =
                ["x86_64", "aarch64"].map(|machine| format!("/usr/lib/{machine}-linux-gnu/faketime/libfaketime.so.1"));
            let library = library.iter().find(|file| Path::new(file).exists()).expect("faketime is installed");
            // What it waits for is waited for in real time.
            command.env("LD_PRELOAD", library).env("FAKETIME", clock).env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        }
        let program = command.get_program().to_owned();
        let log = std::fs::File::create(dir.join("errors.log")).unwrap();
        command.current_dir(dir).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        let mut child =
            command.spawn().unwrap_or_else(|error| panic!("{}: {error}; run scripts/setup.sh test", program.display()));
        let out = child.stdout.take().unwrap();
        let (send, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                // It is read to the end even when nobody waits any more: a full pipe would stop the server.
                let _ = send.send(line);
            }
        });
        Self { child, lines }
    }

    /// Waits until it has said `line` so many times.
    pub fn wait_for(&self, line: &str, times: usize, dir: &Path) {
        let until = Instant::now() + LONGEST_START;
        let mut heard = 0;
        while heard < times {
            match self.lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(said) if said == line => heard += 1,
                Ok(_) => {}
                Err(reason) => {
                    let what = if reason == RecvTimeoutError::Timeout { "is not ready in time" } else { "has ended" };
                    panic!("the server {what}: {}", log_of(dir));
                }
            }
        }
    }

    /// Waits until it takes connections on `port`.
    pub fn wait_for_port(&mut self, port: u16, dir: &Path) {
        let until = Instant::now() + LONGEST_START;
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            let may_come = self.child.try_wait().unwrap().is_none() && Instant::now() < until;
            assert!(may_come, "no server on port {port}: {}", log_of(dir));
            std::thread::yield_now();
        }
    }

    /// Sends a signal, such as `HUP`, to the program itself.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.id()]).status().unwrap();
        assert!(sent.success(), "kill -{name}");
    }

    /// Stops it from answering, or lets it go on: it still takes connections.
    pub fn freeze(&self, on: bool) {
        let name = if on { "STOP" } else { "CONT" };
        self.signal(name);
        self.signal_children(name);
    }

    fn id(&self) -> String {
        self.child.id().to_string()
    }

    fn signal_children(&self, name: &str) {
        let _ = Command::new("pkill").args([&format!("-{name}"), "-P", &self.id()]).status();
    }
}

fn log_of(dir: &Path) -> String {
    let log = std::fs::read(dir.join("errors.log")).unwrap_or_default();
    String::from_utf8_lossy(&log).chars().take(3000).collect()
}

impl Drop for Server {
    fn drop(&mut self) {
        // Stopped first, so that it does not replace the children that end.
        let _ = Command::new("kill").args(["-STOP", &self.id()]).stderr(Stdio::null()).status();
        self.signal_children("KILL");
        let _ = self.child.kill();
        let _ = self.child.wait();
        // The pipe ends with the last of them: then their ports are free again.
        while self.lines.recv_timeout(LONGEST_START).is_ok() {}
        // What libfaketime leaves of a program that had no time to tidy up.
        for name in ["faketime_shm_", "sem.faketime_sem_"] {
            let _ = std::fs::remove_file(format!("/dev/shm/{name}{}", self.id()));
        }
    }
}
