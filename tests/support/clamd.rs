//! A clamd of the test's own, which knows one signature.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use super::fresh_directory;

/// What it finds harmful.
pub const HARMFUL: &[u8] = b"sealwax-harmful-pattern";

pub struct Clamd {
    child: Child,
    pub socket: PathBuf,
}

impl Clamd {
    /// Starts it; it takes files of a megabyte at most.
    pub async fn start() -> Self {
        let dir = fresh_directory();
        let signatures = dir.join("signatures");
        std::fs::create_dir(&signatures).unwrap();
        std::fs::write(signatures.join("own.ndb"), format!("Sealwax.Test:0:*:{}\n", sealwax::crypto::hex(HARMFUL)))
            .unwrap();
        let (socket, settings) = (dir.join("clamd.ctl"), dir.join("clamd.conf"));
        let text = format!(
            "LocalSocket {}\nDatabaseDirectory {}\nTemporaryDirectory {}\nStreamMaxLength 1M\nForeground true\n",
            socket.display(),
            signatures.display(),
            dir.display()
        );
        std::fs::write(&settings, text).unwrap();
        let child = Command::new("/usr/sbin/clamd")
            .arg("--config-file")
            .arg(&settings)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("clamd is installed; run scripts/setup.sh test");
        let mut this = Self { child, socket };
        while tokio::net::UnixStream::connect(&this.socket).await.is_err() {
            assert!(this.child.try_wait().unwrap().is_none(), "clamd has ended");
            tokio::task::yield_now().await;
        }
        this
    }
}

impl Drop for Clamd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
