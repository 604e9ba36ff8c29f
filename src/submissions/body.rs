//! Bodies of requests: read with patience but not for ever, and with a bound on what all of them
//! together hold in memory.

use std::sync::Arc;
use std::time::Instant;

use actix_web::http::StatusCode;
use actix_web::web;
use futures_util::StreamExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use zeroize::Zeroizing;

use super::uploads::Refused;
use super::writer::WriteError;
use crate::forms::Code;
use crate::forms::view::size;
use crate::server::problem::Problem;

/// The memory that bodies may take on this node, all together.
#[derive(Debug, Clone)]
pub struct Bodies(Arc<Semaphore>);

impl Default for Bodies {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(Self::KIB)))
    }
}

impl Bodies {
    /// 64 MiB, in the KiB that the semaphore counts.
    const KIB: usize = 64 * 1024;
}

/// What one request may still bring, and until when. Gives back its memory when dropped.
pub struct Budget {
    /// Bytes of files that are kept.
    files: u64,
    /// The same at the beginning.
    files_at_most: u64,
    /// Bytes of files that are read only to get to what stands behind them.
    spare: u64,
    /// Bytes of everything else.
    text: u64,
    begun: Instant,
    came: u64,
    bodies: Bodies,
    unpaid: usize,
    held: Option<OwnedSemaphorePermit>,
}

impl Budget {
    /// How long a sender may say nothing.
    const PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);
    /// How long it may take in all.
    const WHOLE: std::time::Duration = std::time::Duration::from_mins(30);
    /// The least that has to come in a second, on average, once it has taken a while.
    const PACE: u64 = 2048;

    /// For a request that begins now and may bring so many bytes of files and of everything else.
    pub fn new(bodies: &Bodies, files: u64, text: u64) -> Self {
        Self {
            files,
            files_at_most: files,
            spare: files,
            text,
            begun: Instant::now(),
            came: 0,
            bodies: bodies.clone(),
            unpaid: 0,
            held: None,
        }
    }

    /// Waits for what comes next, but not for ever.
    pub async fn wait<T>(&self, next: impl Future<Output = T>) -> Result<T, Problem> {
        let slow = || Problem::from_status(StatusCode::REQUEST_TIMEOUT);
        let taken = self.begun.elapsed();
        let due = taken.saturating_sub(Self::PATIENCE).as_secs() * Self::PACE;
        if taken > Self::WHOLE || self.came < due {
            return Err(slow());
        }
        tokio::time::timeout(Self::PATIENCE, next).await.map_err(|_| slow())
    }

    /// Counts bytes of a file that is kept.
    pub fn take_file(&mut self, bytes: usize) -> Result<(), Refused> {
        self.came += bytes as u64;
        let limit = || Some(size(self.files_at_most));
        self.files =
            self.files.checked_sub(bytes as u64).ok_or_else(|| Refused::Answer(Code::FilesTooLarge, limit()))?;
        Ok(())
    }

    /// Counts bytes of a file that is not kept.
    pub fn take_spare(&mut self, bytes: usize) -> Result<(), Problem> {
        self.came += bytes as u64;
        self.spare = self.spare.checked_sub(bytes as u64).ok_or_else(Problem::too_large)?;
        Ok(())
    }

    /// Counts bytes that stay in memory.
    pub fn take_text(&mut self, bytes: usize) -> Result<(), Problem> {
        self.came += bytes as u64;
        self.text = self.text.checked_sub(bytes as u64).ok_or_else(Problem::too_large)?;
        self.unpaid += bytes;
        let kib = u32::try_from(self.unpaid / 1024).unwrap_or(u32::MAX);
        if kib > 0 {
            self.unpaid %= 1024;
            let permit = Arc::clone(&self.bodies.0).try_acquire_many_owned(kib);
            let permit = permit.map_err(|_| Problem::from(&WriteError::QueueFull))?;
            match &mut self.held {
                Some(held) => held.merge(permit),
                None => self.held = Some(permit),
            }
        }
        Ok(())
    }
}

/// A body of at most `most` bytes, wiped when dropped, with what holds its memory.
pub async fn whole(
    bodies: &Bodies,
    mut payload: web::Payload,
    most: usize,
) -> Result<(Zeroizing<Vec<u8>>, Budget), Problem> {
    let mut budget = Budget::new(bodies, 0, most as u64);
    let mut body = Zeroizing::new(Vec::new());
    while let Some(bytes) = budget.wait(payload.next()).await? {
        let bytes = bytes.map_err(|_| Problem::from_status(StatusCode::BAD_REQUEST))?;
        budget.take_text(bytes.len())?;
        body.extend_from_slice(&bytes);
    }
    Ok((body, budget))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_shared_by_all_and_given_back() {
        let bodies = Bodies::default();
        let each = 1024 * 1024;
        let mut all: Vec<Budget> = (0..64).map(|_| Budget::new(&bodies, 0, 2 * each as u64)).collect();
        assert!(all.iter_mut().all(|budget| budget.take_text(each).is_ok()));
        let mut late = Budget::new(&bodies, 0, each as u64);
        assert_eq!(late.take_text(1024).map_err(|problem| problem.status), Err(StatusCode::SERVICE_UNAVAILABLE));
        all.pop();
        assert!(late.take_text(1024).is_ok());
        assert_eq!(all[0].take_text(2 * each).map_err(|problem| problem.status), Err(StatusCode::PAYLOAD_TOO_LARGE));
    }
}
