//! The `sealwax serve` and `sealwax demo` programs as processes of their own, which can be killed.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

use serde_json::Value;

pub struct Program {
    pub ready: Value,
    pub url: String,
    child: Child,
    log: Option<JoinHandle<String>>,
}

/// `sealwax serve` with `toml` as its configuration, not yet started.
pub fn command(dir: &Path, toml: &str, arguments: &[&str]) -> Command {
    subcommand("serve", dir, toml, arguments)
}

fn subcommand(name: &str, dir: &Path, toml: &str, arguments: &[&str]) -> Command {
    let file = dir.join("sealwax.toml");
    // Replaced in one step: another node that starts in this directory never reads half of it.
    let new = dir.join(format!("sealwax.toml.{:?}", std::thread::current().id()));
    std::fs::write(&new, toml).unwrap();
    std::fs::rename(&new, &file).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_sealwax"));
    command.arg(name).arg("--config").arg(&file).arg("--dir").arg(dir).args(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

impl Program {
    /// Starts it and waits until it says that it is ready.
    pub fn start(dir: &Path, toml: &str, arguments: &[&str]) -> Self {
        Self::spawn(command(dir, toml, arguments))
    }

    /// Starts the filled example on free ports, with `toml` merged over its own settings.
    #[cfg(feature = "saml")]
    pub fn demo(dir: &Path, toml: &str) -> Self {
        let listen = ["--listen", "127.0.0.1:0", "--host-listen", "127.0.0.1:0"];
        Self::spawn(subcommand("demo", dir, toml, &listen))
    }

    fn spawn(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let Some(Ok(line)) = lines.next() else {
            let mut said = String::new();
            child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
            panic!("it did not start: {said}");
        };
        // The log must not fill its pipe while nobody reads it.
        let mut log = child.stderr.take().unwrap();
        let log = std::thread::spawn(move || {
            let mut text = String::new();
            let _ = log.read_to_string(&mut text);
            text
        });
        let ready: Value = serde_json::from_str(line.strip_prefix("ready ").expect("the ready line")).unwrap();
        Self { url: ready["url"].as_str().unwrap().to_owned(), ready, child, log: Some(log) }
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL: no time to finish anything.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, and waits for the end.
    pub fn terminate(mut self) -> std::process::ExitStatus {
        self.end()
    }

    /// Ends it, and gives everything that it wrote to its log.
    pub fn log(mut self) -> String {
        self.end();
        self.log.take().unwrap().join().unwrap()
    }

    fn end(&mut self) -> std::process::ExitStatus {
        let pid = self.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.child.wait().unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
