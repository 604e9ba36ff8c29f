//! How providers fare, on all nodes together: every query on `provider_states`.

use sea_orm::{ConnectionTrait, FromQueryResult};
use time::{Duration, OffsetDateTime};

use super::fault::Fault;
use crate::db;

/// How a provider fares.
#[derive(Debug, Clone, FromQueryResult)]
pub struct StateRow {
    /// Its id in the configuration.
    pub provider: String,
    /// When it last answered as it should.
    pub last_success_at: Option<OffsetDateTime>,
    /// When it last did not.
    pub last_failure_at: Option<OffsetDateTime>,
    /// What was wrong then, as [`Fault::kept`].
    pub last_failure: Option<String>,
    /// Until when the first of its certificates holds.
    pub certificate_until: Option<OffsetDateTime>,
}

/// Every provider of which anything is known.
pub async fn all<C: ConnectionTrait>(connection: &C) -> Result<Vec<StateRow>, db::Error> {
    let sql = "SELECT provider, last_success_at, last_failure_at, last_failure, certificate_until FROM provider_states";
    db::all(connection, sql, vec![]).await
}

/// Notes that a provider answered as it should; once a minute is often enough.
pub async fn succeeded<C: ConnectionTrait>(
    connection: &C,
    provider: &str,
    now: OffsetDateTime,
) -> Result<(), db::Error> {
    let sql = "INSERT INTO provider_states (provider, last_success_at) VALUES (?, ?) ON CONFLICT (provider) DO UPDATE SET \
               last_success_at = excluded.last_success_at WHERE provider_states.last_success_at IS NULL \
               OR provider_states.last_success_at < ? OR provider_states.last_failure_at >= provider_states.last_success_at";
    db::execute(connection, sql, vec![provider.into(), now.into(), (now - Duration::MINUTE).into()]).await?;
    Ok(())
}

/// Notes what is wrong with a provider.
pub async fn failed<C: ConnectionTrait>(
    connection: &C,
    provider: &str,
    now: OffsetDateTime,
    fault: &Fault,
) -> Result<(), db::Error> {
    let sql = "INSERT INTO provider_states (provider, last_failure_at, last_failure) VALUES (?, ?, ?) \
               ON CONFLICT (provider) DO UPDATE SET last_failure_at = excluded.last_failure_at, \
               last_failure = excluded.last_failure";
    db::execute(connection, sql, vec![provider.into(), now.into(), fault.kept().into()]).await?;
    Ok(())
}

/// Notes that an answer was refused. Anybody can bring one that counts for nothing, so it hides no failure
/// that is worse and goes on.
pub async fn refused<C: ConnectionTrait>(
    connection: &C,
    provider: &str,
    now: OffsetDateTime,
    fault: &Fault,
) -> Result<(), db::Error> {
    let sql = "INSERT INTO provider_states (provider, last_failure_at, last_failure) VALUES (?, ?, ?) \
               ON CONFLICT (provider) DO UPDATE SET last_failure_at = excluded.last_failure_at, \
               last_failure = excluded.last_failure WHERE provider_states.last_failure IS NULL \
               OR provider_states.last_failure LIKE 'refused %' OR provider_states.last_failure LIKE 'clock %' \
               OR provider_states.last_success_at > provider_states.last_failure_at";
    db::execute(connection, sql, vec![provider.into(), now.into(), fault.kept().into()]).await?;
    Ok(())
}

/// Notes until when the certificates of a provider hold.
pub async fn certified<C: ConnectionTrait>(
    connection: &C,
    provider: &str,
    until: OffsetDateTime,
) -> Result<(), db::Error> {
    let sql = "INSERT INTO provider_states (provider, certificate_until) VALUES (?, ?) ON CONFLICT (provider) DO UPDATE SET \
               certificate_until = excluded.certificate_until";
    db::execute(connection, sql, vec![provider.into(), until.into()]).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct MetadataRow {
    metadata: Option<String>,
}

/// The last metadata of a provider that was good, from this address and no other.
pub async fn metadata<C: ConnectionTrait>(
    connection: &C,
    provider: &str,
    source: &str,
) -> Result<Option<String>, db::Error> {
    let sql = "SELECT metadata FROM provider_states WHERE provider = ? AND metadata_source = ?";
    let row = db::one::<MetadataRow, _>(connection, sql, vec![provider.into(), source.into()]).await?;
    Ok(row.and_then(|row| row.metadata))
}

/// Notes what the groups of a provider may do, as a hash; whether it was otherwise before.
pub async fn roles_changed<C: ConnectionTrait>(
    connection: &C,
    provider: &str,
    hash: &[u8; 32],
) -> Result<bool, db::Error> {
    let sql = "INSERT INTO provider_states (provider, roles_hash) VALUES (?, ?) ON CONFLICT (provider) DO UPDATE SET \
               roles_hash = excluded.roles_hash WHERE provider_states.roles_hash IS NULL \
               OR provider_states.roles_hash <> excluded.roles_hash";
    Ok(db::execute(connection, sql, vec![provider.into(), hash.to_vec().into()]).await? == 1)
}

/// Keeps metadata of a provider that is good.
pub async fn keep_metadata<C: ConnectionTrait>(
    connection: &C,
    provider: &str,
    source: &str,
    metadata: &str,
    now: OffsetDateTime,
) -> Result<(), db::Error> {
    let sql = "INSERT INTO provider_states (provider, metadata_source, metadata, metadata_at) VALUES (?, ?, ?, ?) \
               ON CONFLICT (provider) DO UPDATE SET metadata_source = excluded.metadata_source, \
               metadata = excluded.metadata, metadata_at = excluded.metadata_at";
    db::execute(connection, sql, vec![provider.into(), source.into(), metadata.into(), now.into()]).await?;
    Ok(())
}
