//! Connecting to SQLite or PostgreSQL, transactions, and what differs between the two.
//!
//! [`Db::reader`] serves queries, [`Db::begin`] starts a writing transaction. On SQLite there is
//! exactly one writing connection, so that writers queue here and never meet in the file; on
//! PostgreSQL both come from one pool.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use migrations::{Migrator, MigratorTrait as _};
use sea_orm::sqlx::sqlite::{SqliteAutoVacuum, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    IsolationLevel, RuntimeErr, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};

/// Why the database did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It can't be reached, or has no free connection in time. Trying again may help.
    #[error("the database can't be reached: {0}")]
    Unavailable(String),
    /// The disk below it is full.
    #[error("the database's disk is full")]
    Full,
    /// A row with this key is there already.
    #[error("a row with this key is there already")]
    Duplicate,
    /// A row that another row points at is missing.
    #[error("a row that another one points at is missing")]
    Dangling,
    /// The database ended the transaction for the sake of another one. Trying again helps.
    #[error("another transaction was in the way")]
    Conflict,
    /// Anything else: a defect of ours or a damaged database.
    #[error("the database refused: {0}")]
    Other(String),
}

impl Error {
    /// Whether the same call may succeed later without anybody changing it.
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Full)
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        let runtime = match &error {
            DbErr::Conn(runtime) | DbErr::Exec(runtime) | DbErr::Query(runtime) => runtime,
            DbErr::ConnectionAcquire(cause) => return Self::Unavailable(cause.to_string()),
            _ => return Self::Other(error.to_string()),
        };
        let RuntimeErr::SqlxError(cause) = runtime else { return Self::Other(error.to_string()) };
        match cause.as_ref() {
            sqlx::Error::Database(refusal) => classify(refusal.as_ref()),
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Protocol(_) => Self::Unavailable(cause.to_string()),
            _ => Self::Other(cause.to_string()),
        }
    }
}

fn classify(refusal: &dyn sqlx::error::DatabaseError) -> Error {
    if refusal.is_unique_violation() {
        return Error::Duplicate;
    }
    if refusal.is_foreign_key_violation() {
        return Error::Dangling;
    }
    // SQLite: the low byte of the result code. PostgreSQL: SQLSTATE classes 08, 53 and 57P.
    let code = refusal.code().unwrap_or_default();
    let message = refusal.message().to_owned();
    match code.parse::<u32>() {
        Ok(sqlite) if code.len() < 5 => match sqlite & 0xff {
            13 => Error::Full,
            5 | 6 | 10 | 14 => Error::Unavailable(message),
            _ => Error::Other(message),
        },
        _ if code == "53100" => Error::Full,
        _ if code == "40P01" || code == "40001" => Error::Conflict,
        _ if code.starts_with("08") || code.starts_with("53") || code.starts_with("57P") || code == "25006" => {
            Error::Unavailable(message)
        }
        _ => Error::Other(message),
    }
}

/// The database, shared by everything.
#[derive(Debug, Clone)]
pub struct Db {
    read: DatabaseConnection,
    write: DatabaseConnection,
    /// Whether something that was erased may still be in the write-ahead log.
    unscrubbed: Arc<AtomicBool>,
}

#[derive(sea_orm::FromQueryResult)]
struct Setting {
    value: String,
}

/// How to connect.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `sqlite://…` or `postgres://…`.
    pub url: String,
    /// Most connections, for PostgreSQL.
    pub max_connections: u32,
}

const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

impl Db {
    /// Connects, or says why not. An SQLite file that is not there is made, with its directory.
    pub async fn connect(settings: &Settings) -> Result<Self, Error> {
        if settings.url.starts_with("sqlite:") {
            let write = Database::connect(sqlite(&settings.url, 1)).await?;
            let read = Database::connect(sqlite(&settings.url, 4)).await?;
            Ok(Self { read, write, unscrubbed: Arc::default() })
        } else {
            let mut options = ConnectOptions::new(settings.url.clone());
            options
                .max_connections(settings.max_connections)
                .acquire_timeout(ACQUIRE_TIMEOUT)
                .connect_timeout(ACQUIRE_TIMEOUT)
                .sqlx_logging(false);
            let mut pool = Database::connect(options.clone()).await?;
            // What is acknowledged must be on disk. Stronger settings of the server stay as they are.
            let setting =
                one::<Setting, _>(&pool, "SELECT current_setting('synchronous_commit') AS value", vec![]).await?;
            if setting.is_some_and(|setting| setting.value == "off") {
                pool.close().await?;
                options.map_sqlx_postgres_opts(|postgres| postgres.options([("synchronous_commit", "on")]));
                pool = Database::connect(options).await?;
            }
            Ok(Self { read: pool.clone(), write: pool, unscrubbed: Arc::default() })
        }
    }

    /// For queries.
    pub fn reader(&self) -> &DatabaseConnection {
        &self.read
    }

    /// For single writing statements; see [`Db::begin`] for several.
    pub fn writer(&self) -> &DatabaseConnection {
        &self.write
    }

    /// Whether this is SQLite.
    pub fn is_sqlite(&self) -> bool {
        self.write.get_database_backend() == DbBackend::Sqlite
    }

    /// Starts a transaction that will write. Dropping it undoes everything.
    pub async fn begin(&self) -> Result<DatabaseTransaction, Error> {
        let options = TransactionOptions {
            sqlite_transaction_mode: self.is_sqlite().then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(self.write.begin_with_options(options).await?)
    }

    /// Starts a transaction that only reads, and sees everything as it is now until it ends.
    pub async fn begin_snapshot(&self) -> Result<DatabaseTransaction, Error> {
        let isolation_level = (!self.is_sqlite()).then_some(IsolationLevel::RepeatableRead);
        Ok(self
            .read
            .begin_with_options(TransactionOptions { isolation_level, ..TransactionOptions::default() })
            .await?)
    }

    /// Starts a transaction that no other node can have started at the same time: what nodes that
    /// start together must do one after the other.
    pub async fn begin_alone(&self) -> Result<DatabaseTransaction, Error> {
        let transaction = self.begin().await?;
        if !self.is_sqlite() {
            transaction.execute_unprepared("SELECT pg_advisory_xact_lock(7305437865)").await?;
        }
        Ok(transaction)
    }

    /// Brings the schema up to date, in one transaction.
    pub async fn migrate(&self) -> Result<(), Error> {
        let transaction = self.begin_alone().await?;
        Migrator::up(&transaction, None).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Leaves nothing of what was erased in the write-ahead log of SQLite, which else keeps it until it is written over.
    /// Waits for nobody who reads just then, because all who write would wait with it: see [`Db::scrub_again`].
    pub async fn scrub(&self) {
        if !self.is_sqlite() {
            return;
        }
        self.unscrubbed.store(true, Ordering::SeqCst);
        match self.empty_log().await {
            Ok(true) => self.unscrubbed.store(false, Ordering::SeqCst),
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "the write-ahead log could not be emptied"),
        }
    }

    /// Tries once more what somebody's reading was in the way of.
    pub async fn scrub_again(&self) {
        if self.unscrubbed.load(Ordering::SeqCst) {
            self.scrub().await;
        }
    }

    /// Whether the log is empty now.
    async fn empty_log(&self) -> Result<bool, Error> {
        let pool = self.write.get_sqlite_connection_pool().clone();
        // To its end even where whoever asked for it has gone, and on one connection that nobody else has meanwhile: the
        // next one to write waits for others as ever.
        let emptied = tokio::spawn(async move {
            let mut connection = pool.acquire().await?;
            sqlx::query("PRAGMA busy_timeout = 0").execute(&mut *connection).await?;
            let done = sqlx::query_as::<_, (i32, i32, i32)>("PRAGMA wal_checkpoint(TRUNCATE)");
            let done = done.fetch_one(&mut *connection).await;
            let patience = format!("PRAGMA busy_timeout = {}", BUSY_TIMEOUT.as_millis());
            sqlx::query(sqlx::AssertSqlSafe(patience)).execute(&mut *connection).await?;
            done.map(|(busy, ..)| busy == 0)
        });
        let emptied = emptied.await.map_err(|error| Error::Other(error.to_string()))?;
        emptied.map_err(|error| DbErr::Query(RuntimeErr::SqlxError(error.into())).into())
    }

    /// Proves that a row can be written, durably.
    pub async fn probe(&self, now: time::OffsetDateTime) -> Result<(), Error> {
        let statement = sea_orm::Statement::from_sql_and_values(
            self.write.get_database_backend(),
            if self.is_sqlite() {
                "UPDATE installation SET probed_at = ?"
            } else {
                "UPDATE installation SET probed_at = $1"
            },
            [now.into()],
        );
        self.write.execute_raw(statement).await?;
        Ok(())
    }

    /// Waits until every connection is closed.
    pub async fn close(self) {
        let _ = self.read.close().await;
        let _ = self.write.close().await;
    }
}

fn sqlite(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url.to_owned());
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .auto_vacuum(SqliteAutoVacuum::Incremental)
                .foreign_keys(true)
                .busy_timeout(BUSY_TIMEOUT)
                // Rows go from one thread to another: the more at once, the less often both are woken.
                .row_buffer_size(1024)
                .pragma("secure_delete", "ON")
                .pragma("recursive_triggers", "ON")
                .pragma("trusted_schema", "OFF")
        });
    options
}

/// A statement in plain portable SQL, written with `?` for every value.
pub fn statement<C: ConnectionTrait>(connection: &C, sql: &str, values: Vec<sea_orm::Value>) -> sea_orm::Statement {
    let backend = connection.get_database_backend();
    if backend == DbBackend::Sqlite {
        return sea_orm::Statement::from_sql_and_values(backend, sql, values);
    }
    let mut numbered = String::with_capacity(sql.len() + values.len());
    let mut count = 0;
    for piece in sql.split_inclusive('?') {
        if let Some(before) = piece.strip_suffix('?') {
            count += 1;
            numbered.push_str(before);
            numbered.push('$');
            numbered.push_str(&count.to_string());
        } else {
            numbered.push_str(piece);
        }
    }
    sea_orm::Statement::from_sql_and_values(backend, numbered, values)
}

/// Runs a writing statement and gives the number of rows that it changed.
pub async fn execute<C: ConnectionTrait>(connection: &C, sql: &str, values: Vec<sea_orm::Value>) -> Result<u64, Error> {
    Ok(connection.execute_raw(statement(connection, sql, values)).await?.rows_affected())
}

/// Every row that a query finds.
pub async fn all<R: sea_orm::FromQueryResult, C: ConnectionTrait>(
    connection: &C,
    sql: &str,
    values: Vec<sea_orm::Value>,
) -> Result<Vec<R>, Error> {
    Ok(R::find_by_statement(statement(connection, sql, values)).all(connection).await?)
}

/// The first row that a query finds.
pub async fn one<R: sea_orm::FromQueryResult, C: ConnectionTrait>(
    connection: &C,
    sql: &str,
    values: Vec<sea_orm::Value>,
) -> Result<Option<R>, Error> {
    Ok(R::find_by_statement(statement(connection, sql, values)).one(connection).await?)
}

/// Every row that a query finds, but for those that can't be read as what they should be: for whoever looks for damage.
pub async fn readable<R: sea_orm::FromQueryResult, C: ConnectionTrait>(
    connection: &C,
    sql: &str,
    values: Vec<sea_orm::Value>,
) -> Result<Vec<R>, Error> {
    let rows = connection.query_all_raw(statement(connection, sql, values)).await?;
    Ok(rows.iter().filter_map(|row| R::from_query_result(row, "").ok()).collect())
}

/// Every row with one of these ids that can be [read](readable). `sql` ends with `WHERE id IN`; the statement comes in a
/// few fixed sizes, so that it stays prepared, and asks for as many at once as both databases take.
pub async fn by_ids<R: sea_orm::FromQueryResult, C: ConnectionTrait>(
    connection: &C,
    sql: &str,
    ids: &[uuid::Uuid],
) -> Result<Vec<R>, Error> {
    const SIZES: [usize; 4] = [1, 16, 256, 1024];
    let mut rows = Vec::with_capacity(ids.len());
    for some in ids.chunks(1024) {
        let Some(last) = some.last() else { continue };
        let size = SIZES.into_iter().find(|size| *size >= some.len()).unwrap_or(some.len());
        // Padded with the last, which is found once all the same.
        let values = some.iter().chain(std::iter::repeat(last)).take(size).map(|id| (*id).into()).collect();
        let marks = vec!["?"; size].join(",");
        rows.extend(readable::<R, C>(connection, &format!("{sql} ({marks})"), values).await?);
    }
    Ok(rows)
}

/// Inserts any number of rows with statements of a few fixed sizes, so that they stay prepared.
/// `head` is `INSERT INTO table (a, b)`; `values` holds the rows one after the other.
pub async fn insert_rows<C: ConnectionTrait>(
    connection: &C,
    head: &str,
    columns: usize,
    mut values: Vec<sea_orm::Value>,
) -> Result<(), Error> {
    const SIZES: [usize; 9] = [256, 128, 64, 32, 16, 8, 4, 2, 1];
    while !values.is_empty() {
        let rows = values.len() / columns;
        let size = SIZES.into_iter().find(|size| *size <= rows).unwrap_or(1);
        let rest = values.split_off((size * columns).min(values.len()));
        let row = format!("({})", vec!["?"; columns].join(","));
        let sql = format!("{head} VALUES {}", vec![row; size].join(","));
        execute(connection, &sql, std::mem::replace(&mut values, rest)).await?;
    }
    Ok(())
}
