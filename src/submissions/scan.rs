//! Has files looked at by clamd while they come in.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Bytes;
use clamav_client::tokio::{Socket, Tcp, scan_stream};
use tokio::sync::Semaphore;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// How long clamd may take when all of a file has come.
const PATIENCE: Duration = Duration::from_mins(1);

/// How long clamd may take nothing of a file, and how long a file may wait for a place.
const STALLED: Duration = Duration::from_secs(20);

/// Where clamd listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clamd {
    /// A Unix socket.
    Socket(PathBuf),
    /// A host and a port.
    Tcp(String),
}

/// What is known of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing was found.
    Clean,
    /// Something was.
    Harmful,
    /// It could not be looked at.
    Unknown,
}

/// Scans under way at once: below the ten that clamd has threads for (`MaxThreads`).
const AT_ONCE: usize = 8;

/// The places for scans on this node.
pub struct Scans(Arc<Semaphore>);

impl Default for Scans {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl Scans {
    /// Begins a scan; the file follows through [`Scan::feed`].
    pub fn begin(&self, clamd: Clamd) -> Scan {
        Scan::begin(clamd, Arc::clone(&self.0))
    }
}

/// A scan that is under way.
pub struct Scan {
    bytes: Option<mpsc::Sender<Bytes>>,
    task: JoinHandle<Verdict>,
}

impl Scan {
    fn begin(clamd: Clamd, places: Arc<Semaphore>) -> Self {
        // A few pieces may wait, so that neither side is held up by each.
        let (bytes, mut waiting) = mpsc::channel(4);
        let file = futures_util::stream::poll_fn(move |context| waiting.poll_recv(context).map(|one| one.map(Ok)));
        let task = tokio::spawn(async move {
            let Ok(Ok(_place)) = tokio::time::timeout(STALLED, places.acquire_owned()).await else {
                tracing::warn!("too many files wait for clamd");
                return Verdict::Unknown;
            };
            let answer = match clamd {
                #[cfg(unix)]
                Clamd::Socket(socket_path) => scan_stream(file, Socket { socket_path }, None).await,
                #[cfg(not(unix))]
                Clamd::Socket(_) => Err(std::io::ErrorKind::Unsupported.into()),
                Clamd::Tcp(host_address) => scan_stream(file, Tcp { host_address }, None).await,
            };
            match answer {
                Ok(answer) if clamav_client::clean(&answer).unwrap_or(false) => Verdict::Clean,
                // `stream: NAME FOUND`; a file larger than clamd takes ends with ERROR.
                Ok(answer) if answer.windows(5).any(|word| word == b"FOUND") => Verdict::Harmful,
                Ok(_) => {
                    tracing::warn!("clamd could not look at a file; is StreamMaxLength large enough?");
                    Verdict::Unknown
                }
                Err(error) => {
                    tracing::warn!(%error, "clamd can't be reached");
                    Verdict::Unknown
                }
            }
        });
        Self { bytes: Some(bytes), task }
    }

    /// The next bytes. When clamd has gone away or takes nothing more, the verdict says so.
    pub async fn feed(&mut self, bytes: Bytes) {
        let Some(to) = &self.bytes else { return };
        if tokio::time::timeout(STALLED, to.send(bytes)).await.is_err() {
            tracing::warn!("clamd takes nothing more");
            self.bytes = None;
            self.task.abort();
        }
    }

    /// What was found when all has come.
    pub async fn verdict(mut self) -> Verdict {
        self.bytes = None;
        match tokio::time::timeout(PATIENCE, &mut self.task).await {
            Ok(Ok(verdict)) => verdict,
            Ok(Err(_)) | Err(_) => Verdict::Unknown,
        }
    }
}

impl Drop for Scan {
    fn drop(&mut self) {
        self.task.abort();
    }
}
