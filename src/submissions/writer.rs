//! The group-commit writer: whatever waits is committed together, in one transaction.
//!
//! Submissions queue in a bounded channel. A writer takes all that wait, up to [`BATCH`], inserts
//! them with multi-row statements, commits, and answers each. One that can't be stored fails
//! alone. SQLite has one writer, PostgreSQL several side by side.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};
use uuid::Uuid;

use super::{SealedSubmission, Status, admission, spam, uploads};
use crate::consents::Events;
use crate::db::{self, Db};
use crate::ledger::{self, Source as _};

/// Most submissions of one transaction.
pub const BATCH: usize = 256;
/// Most memory of what waits, in KiB: a full queue of large submissions must not take the machine.
const QUEUE_KIB: usize = 32 * 1024;
/// How long a node says that it is not ready after a write failed, unless one succeeds.
const WARY_FOR: Duration = Duration::from_secs(5);

/// When writing last failed for a reason outside of the submissions, such as a full disk.
type LastFailure = Arc<RwLock<Option<Instant>>>;

fn note(failing: &LastFailure, failure: Option<Instant>) {
    *failing.write().unwrap_or_else(PoisonError::into_inner) = failure;
}

/// What became of a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is on disk.
    Stored,
    /// The same request is on disk already, under this id.
    Repeated(Uuid),
}

/// Why a submission was not stored. Nothing of it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// Too many submissions wait.
    #[error("the queue is full")]
    QueueFull,
    /// The idempotency key was used with another body; the id is that of the first submission.
    #[error("the idempotency key was used with another body")]
    KeyReused(Uuid),
    /// A file that belongs to it is not there any more.
    #[error("a file was erased meanwhile")]
    UploadGone,
    /// The form has taken as many as it takes.
    #[error("the form is full")]
    FormFull,
    /// The person has answered as often as one may.
    #[error("this person has answered already")]
    AnsweredAlready,
    /// The personal link was used.
    #[error("the link is spent")]
    LinkSpent,
    /// The form is not there any more.
    #[error("the form was removed meanwhile")]
    Gone,
    /// The database can't be reached.
    #[error("the database can't be reached")]
    Unavailable,
    /// The disk is full.
    #[error("the disk is full")]
    DiskFull,
    /// The database refused for a reason that needs a look at the log.
    #[error("the database refused")]
    Refused,
}

impl From<&db::Error> for WriteError {
    fn from(error: &db::Error) -> Self {
        match error {
            db::Error::Unavailable(_) => Self::Unavailable,
            db::Error::Full => Self::DiskFull,
            db::Error::Dangling => Self::Gone,
            db::Error::Duplicate | db::Error::Conflict | db::Error::Other(_) => Self::Refused,
        }
    }
}

type Answer = Result<Outcome, WriteError>;

struct Job {
    submission: SealedSubmission,
    answer: oneshot::Sender<Answer>,
    /// Its share of the queue's memory, given back with the job.
    _share: OwnedSemaphorePermit,
}

/// The door to the database for submissions.
pub struct Writer {
    queue: mpsc::Sender<Job>,
    memory: Arc<Semaphore>,
    stop: watch::Sender<bool>,
    tasks: Mutex<Vec<tokio::task::JoinHandle<()>>>,
    failing: LastFailure,
}

impl Writer {
    /// Starts `writers` tasks with one queue of `length` places.
    pub fn start(db: &Db, length: usize, writers: usize) -> Self {
        let (queue, waiting) = mpsc::channel(length.max(1));
        let (stop, stopped) = watch::channel(false);
        let failing = LastFailure::default();
        let waiting = Arc::new(Mutex::new(waiting));
        let count = if db.is_sqlite() { 1 } else { writers.max(1) };
        let tasks = (0..count)
            .map(|_| tokio::spawn(write_all(db.clone(), Arc::clone(&waiting), stopped.clone(), Arc::clone(&failing))))
            .collect();
        let memory = Arc::new(Semaphore::new(QUEUE_KIB));
        Self { queue, memory, stop, tasks: Mutex::new(tasks), failing }
    }

    /// Stores a submission; returns when it is durable, or says why it is not stored.
    pub async fn commit(&self, submission: SealedSubmission) -> Answer {
        let (answer, answered) = oneshot::channel();
        let bytes: usize = submission.parts.iter().map(|part| part.sealed.len()).sum();
        let share = u32::try_from(bytes / 1024 + 1).unwrap_or(u32::MAX);
        let Ok(share) = Arc::clone(&self.memory).try_acquire_many_owned(share) else {
            return Err(WriteError::QueueFull);
        };
        match self.queue.try_send(Job { submission, answer, _share: share }) {
            Ok(()) => answered.await.unwrap_or(Err(WriteError::Unavailable)),
            Err(mpsc::error::TrySendError::Full(_)) => Err(WriteError::QueueFull),
            Err(mpsc::error::TrySendError::Closed(_)) => Err(WriteError::Unavailable),
        }
    }

    /// Whether the last batch failed for a reason outside of it, such as a full disk.
    pub fn is_failing(&self) -> bool {
        self.failing.read().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Whether the last failure is long enough ago for a probe to be believed.
    pub fn may_recover(&self) -> bool {
        self.failing.read().unwrap_or_else(PoisonError::into_inner).is_none_or(|at| at.elapsed() >= WARY_FOR)
    }

    /// Whether nobody takes submissions out of the queue any more.
    pub fn is_closed(&self) -> bool {
        self.queue.is_closed()
    }

    /// Notes that writing works again.
    pub fn recovered(&self) {
        note(&self.failing, None);
    }

    /// Takes no more, finishes what waits, and returns when everything is committed.
    pub async fn finish(&self) {
        let _ = self.stop.send(true);
        for task in self.tasks.lock().await.drain(..) {
            let _ = task.await;
        }
    }
}

async fn write_all(
    db: Db,
    waiting: Arc<Mutex<mpsc::Receiver<Job>>>,
    mut stop: watch::Receiver<bool>,
    failing: LastFailure,
) {
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        {
            let mut waiting = waiting.lock().await;
            if *stop.borrow() {
                waiting.close();
            }
            let taken = tokio::select! {
                taken = waiting.recv_many(&mut batch, BATCH) => taken,
                _ = stop.changed() => continue,
            };
            if taken == 0 {
                return;
            }
        }
        commit_batch(&db, &mut batch, &failing).await;
    }
}

/// Commits a batch and answers each job. Falls back to one at a time when the batch as a whole is
/// refused, so that only those at fault fail.
async fn commit_batch(db: &Db, batch: &mut Vec<Job>, failing: &LastFailure) {
    let jobs = std::mem::take(batch);
    let together = insert(db, &jobs.iter().map(|job| &job.submission).collect::<Vec<_>>()).await;
    match together {
        Ok(outcomes) => {
            if failing.read().unwrap_or_else(PoisonError::into_inner).is_some() {
                note(failing, None);
            }
            for (job, outcome) in jobs.into_iter().zip(outcomes) {
                let _ = job.answer.send(outcome);
            }
        }
        Err(error) if error.is_temporary() => {
            note(failing, Some(Instant::now()));
            tracing::error!(%error, waiting = jobs.len(), "submissions could not be stored");
            for job in jobs {
                let _ = job.answer.send(Err((&error).into()));
            }
        }
        Err(_) => {
            for job in jobs {
                let mut alone = insert(db, &[&job.submission]).await;
                // Another node was faster with the same key, which is there to be found now; or the
                // two waited for each other and the database ended one of them.
                for _ in 0..3 {
                    if matches!(alone, Err(db::Error::Duplicate | db::Error::Conflict)) {
                        alone = insert(db, &[&job.submission]).await;
                    }
                }
                let outcome = match alone {
                    Ok(mut outcomes) => outcomes.pop().unwrap_or(Err(WriteError::Refused)),
                    Err(error) => {
                        tracing::error!(%error, submission = %job.submission.id, "a submission could not be stored");
                        Err((&error).into())
                    }
                };
                let _ = job.answer.send(outcome);
            }
        }
    }
}

#[derive(FromQueryResult)]
struct KeyRow {
    id: Uuid,
    idempotency_key: Vec<u8>,
    request_hash: Vec<u8>,
}

/// Inserts what is new in one transaction; gives an answer for each, in order.
async fn insert(db: &Db, submissions: &[&SealedSubmission]) -> Result<Vec<Answer>, db::Error> {
    let transaction = db.begin().await?;
    admission::lock(&transaction, submissions).await?;
    let mut known = used_keys(&transaction, submissions).await?;
    let mut answers = Vec::with_capacity(submissions.len());
    let mut fresh = Vec::with_capacity(submissions.len());
    let mut stored = Vec::new();
    let mut taken: HashSet<Uuid> = HashSet::new();
    let mut counts = admission::Taken::new();
    for submission in submissions {
        let used = submission.idempotency.as_ref().and_then(|(key, request)| Some((known.get(key)?, request)));
        let answer = match used {
            Some(((id, first), request)) if first == request => Ok(Outcome::Repeated(*id)),
            Some(((id, _), _)) => Err(WriteError::KeyReused(*id)),
            None if submission.uploads.iter().any(|id| taken.contains(id))
                || !uploads::all_wait(&transaction, &submission.uploads).await? =>
            {
                Err(WriteError::UploadGone)
            }
            None if submission.rules.is_empty() => {
                fresh.push(*submission);
                Ok(Outcome::Stored)
            }
            None => {
                // One by one, so that each sees those before it.
                let refusal = admission::refusal(&transaction, submission, &mut counts).await?;
                if refusal.is_none() {
                    if submission.status != Status::Spam
                        && let Some(count) = counts.get_mut(&submission.form_id)
                    {
                        *count += 1;
                    }
                    insert_rows(&transaction, &[submission]).await?;
                    admission::settle(&transaction, submission).await?;
                    stored.push(*submission);
                }
                refusal.map_or(Ok(Outcome::Stored), Err)
            }
        };
        if answer == Ok(Outcome::Stored) {
            taken.extend(&submission.uploads);
            if let Some((key, request)) = &submission.idempotency {
                known.insert(*key, (submission.id, *request));
            }
        }
        answers.push(answer);
    }
    if fresh.is_empty() && stored.is_empty() {
        return Ok(answers);
    }
    insert_rows(&transaction, &fresh).await?;
    stored.extend(fresh);
    for submission in &stored {
        uploads::attach(&transaction, &submission.uploads, submission.id).await?;
    }
    // In the same order on all nodes, so that none waits for one that waits for it.
    stored.sort_by_key(|submission| (submission.form_id, submission.content));
    for submission in &stored {
        if let Some(hash) = &submission.content {
            spam::remember(&transaction, submission.form_id, hash, submission.received_at).await?;
        }
    }
    transaction.commit().await?;
    Ok(answers)
}

async fn used_keys<C: ConnectionTrait>(
    connection: &C,
    submissions: &[&SealedSubmission],
) -> Result<HashMap<[u8; 32], (Uuid, [u8; 32])>, db::Error> {
    // Padded to a few fixed sizes by naming the last key again, so that the statements stay prepared.
    const SIZES: [usize; 4] = [1, 8, 64, BATCH];
    let keys: Vec<&[u8; 32]> =
        submissions.iter().filter_map(|one| one.idempotency.as_ref().map(|(key, _)| key)).collect();
    let Some(last) = keys.last() else { return Ok(HashMap::new()) };
    let size = SIZES.into_iter().find(|size| *size >= keys.len()).unwrap_or(keys.len());
    let padded = keys.iter().chain(std::iter::repeat(last)).take(size);
    let marks = vec!["?"; size].join(",");
    let sql = format!("SELECT id, idempotency_key, request_hash FROM submissions WHERE idempotency_key IN ({marks})");
    let rows = db::all::<KeyRow, _>(connection, &sql, padded.map(|key| key.to_vec().into()).collect()).await?;
    let pairs = rows.into_iter().filter_map(|row| {
        Some((<[u8; 32]>::try_from(row.idempotency_key).ok()?, (row.id, <[u8; 32]>::try_from(row.request_hash).ok()?)))
    });
    Ok(pairs.collect())
}

async fn insert_rows<C: ConnectionTrait>(connection: &C, submissions: &[&SealedSubmission]) -> Result<(), db::Error> {
    let (mut rows, mut parts, mut events, mut blind) =
        (Vec::with_capacity(submissions.len() * 16), Vec::new(), Vec::new(), Vec::new());
    for one in submissions {
        let (key, request) =
            one.idempotency.map_or((None, None), |(key, request)| (Some(key.to_vec()), Some(request.to_vec())));
        rows.extend::<[Value; 16]>([
            one.id.into(),
            one.site_id.into(),
            one.form_id.into(),
            one.site_version_id.into(),
            one.form_version_id.into(),
            one.policy_version_id.into(),
            one.reference.as_str().into(),
            one.status.name().into(),
            one.method.name().into(),
            one.lang.tag().into(),
            one.touchpoint.as_str().into(),
            one.unknown_fields.into(),
            one.received_at.into(),
            key.into(),
            request.into(),
            one.suspicions.iter().map(|one| one.name()).collect::<Vec<_>>().join(",").into(),
        ]);
        for part in &one.parts {
            parts.extend::<[Value; 6]>([
                one.id.into(),
                part.purpose_id.into(),
                part.purpose_version_id.into(),
                part.inbox_key_id.into(),
                part.sealed.clone().into(),
                part.expires_at.into(),
            ]);
        }
        for event in &one.events {
            events.extend::<[Value; 15]>([
                event.id.into(),
                one.site_id.into(),
                one.id.into(),
                one.subject_id.into(),
                event.action.name().into(),
                one.method.name().into(),
                one.lang.tag().into(),
                one.touchpoint.as_str().into(),
                event.purpose_id.into(),
                event.purpose_version_id.into(),
                event.wording_sha256.to_vec().into(),
                one.policy_version_id.into(),
                one.form_version_id.into(),
                one.site_version_id.into(),
                one.received_at.into(),
            ]);
        }
        for index in &one.blind {
            blind.extend::<[Value; 5]>([
                one.site_id.into(),
                index.kind.name().into(),
                index.hash.to_vec().into(),
                one.id.into(),
                index.purpose_id.into(),
            ]);
        }
    }
    let head = "INSERT INTO submissions (id, site_id, form_id, site_version_id, form_version_id, policy_version_id, \
                reference, status, method, lang, touchpoint, unknown_fields, received_at, idempotency_key, request_hash, \
                suspicions)";
    db::insert_rows(connection, head, 16, rows).await?;
    let head = "INSERT INTO submission_parts (submission_id, purpose_id, purpose_version_id, inbox_key_id, sealed, expires_at)";
    db::insert_rows(connection, head, 6, parts).await?;
    let head = "INSERT INTO consent_events (id, site_id, submission_id, subject_id, action, method, lang, touchpoint, \
                purpose_id, purpose_version_id, wording_sha256, policy_version_id, form_version_id, site_version_id, occurred_at)";
    db::insert_rows(connection, head, 15, events).await?;
    let ids: Vec<Uuid> = submissions.iter().flat_map(|one| one.events.iter().map(|event| event.id)).collect();
    ledger::queue(connection, Events.name(), &ids).await?;
    let head = "INSERT INTO blind_indexes (site_id, kind, hash, submission_id, purpose_id)";
    db::insert_rows(connection, head, 5, blind).await
}
