//! Time and randomness as parameters.
//!
//! Nothing else in the house reads the clock or the system's random source; clippy forbids it.
//! Production uses [`Ambient::system`]; tests set the clock by hand and never sleep.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use aws_lc_rs::rand::SecureRandom as _;
use time::{Duration, OffsetDateTime};
use uuid::{ContextV7, Timestamp, Uuid};

/// Where the time comes from.
pub trait Clock: Send + Sync {
    /// The present moment in UTC, cut to whole microseconds, which is what the databases keep.
    fn now(&self) -> OffsetDateTime;
}

/// Where randomness comes from.
pub trait Random: Send + Sync {
    /// Fills `bytes` with unpredictable values.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> OffsetDateTime {
        #[expect(clippy::disallowed_methods, reason = "the one place where the system clock is read")]
        whole_microseconds(OffsetDateTime::now_utc())
    }
}

/// A clock that stands still until it is moved; for tests of expiry, retention and replay.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that shows `start`.
    pub fn new(start: OffsetDateTime) -> Self {
        Self(AtomicI64::new(microseconds(start)))
    }

    /// Moves the clock by `step`, which may be negative.
    pub fn advance(&self, step: Duration) {
        let step = i64::try_from(step.whole_microseconds()).unwrap_or(0);
        self.0.fetch_add(step, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> OffsetDateTime {
        let micros = i128::from(self.0.load(Ordering::SeqCst));
        OffsetDateTime::from_unix_timestamp_nanos(micros * 1000).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }
}

/// The operating system's random source, through aws-lc-rs.
#[derive(Debug, Clone, Copy)]
pub struct SystemRandom;

impl Random for SystemRandom {
    #[expect(clippy::expect_used, reason = "a system without randomness can't protect anything; stopping is right")]
    fn fill(&self, bytes: &mut [u8]) {
        aws_lc_rs::rand::SystemRandom::new().fill(bytes).expect("the system's random source works");
    }
}

/// The clock and the random source that the whole program shares.
#[derive(Clone)]
pub struct Ambient {
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// Where randomness comes from.
    pub random: Arc<dyn Random>,
    ids: Arc<std::sync::Mutex<ContextV7>>,
}

impl Ambient {
    /// A clock and a random source put together.
    pub fn new(clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { clock, random, ids: Arc::new(std::sync::Mutex::new(ContextV7::new())) }
    }

    /// The system's clock and random source.
    pub fn system() -> Self {
        Self::new(Arc::new(SystemClock), Arc::new(SystemRandom))
    }

    /// The present moment in UTC, in whole microseconds.
    pub fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }

    /// A new UUIDv7 (RFC 9562). Ids made by one process rise strictly within a millisecond, so
    /// "newest first" is the order in which things were accepted.
    pub fn new_id(&self) -> Uuid {
        let now = self.now();
        let seconds = u64::try_from(now.unix_timestamp()).unwrap_or(0);
        let context = self.ids.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let stamp = Timestamp::from_unix(&*context, seconds, now.nanosecond());
        Uuid::new_v7(stamp)
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.random.fill(&mut bytes);
        bytes
    }
}

impl std::fmt::Debug for Ambient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ambient")
    }
}

fn microseconds(moment: OffsetDateTime) -> i64 {
    i64::try_from(moment.unix_timestamp_nanos() / 1000).unwrap_or(0)
}

/// `moment` cut to whole microseconds.
pub fn whole_microseconds(moment: OffsetDateTime) -> OffsetDateTime {
    moment.replace_nanosecond(moment.microsecond() * 1000).unwrap_or(moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_rise_even_within_one_millisecond() {
        let clock = Arc::new(ManualClock::new(OffsetDateTime::UNIX_EPOCH + Duration::days(20_000)));
        let ambient = Ambient::new(clock, Arc::new(SystemRandom));
        let ids: Vec<Uuid> = (0..1000).map(|_| ambient.new_id()).collect();
        assert!(ids.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn the_manual_clock_goes_both_ways() {
        let clock = ManualClock::new(OffsetDateTime::UNIX_EPOCH);
        clock.advance(Duration::hours(3));
        clock.advance(Duration::hours(-1));
        assert_eq!(clock.now(), OffsetDateTime::UNIX_EPOCH + Duration::hours(2));
    }
}
