//! Staff accounts, what they may do, their sessions, and what guards the login.

use sea_orm_migration::prelude::*;

use crate::run;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            "CREATE TABLE staff (
                id {uuid} PRIMARY KEY,
                provider TEXT NOT NULL,
                username TEXT NOT NULL,
                name TEXT NOT NULL,
                password_hash TEXT,
                created_at {time} NOT NULL,
                last_login_at {time},
                disabled_at {time},
                UNIQUE (provider, username)
            )",
        )
        .await?;
        run(
            manager,
            "CREATE TABLE grants (
                id {uuid} PRIMARY KEY,
                staff_id {uuid} NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
                role TEXT NOT NULL CHECK (role IN ('admin', 'editor', 'reviewer', 'auditor')),
                site_id {uuid} REFERENCES sites (id),
                form_id {uuid} REFERENCES forms (id)
            )",
        )
        .await?;
        run(manager, "CREATE INDEX grants_by_staff ON grants (staff_id)").await?;
        run(
            manager,
            "CREATE TABLE sessions (
                token_hash {bytes} PRIMARY KEY,
                staff_id {uuid} NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
                created_at {time} NOT NULL,
                last_seen_at {time} NOT NULL,
                expires_at {time} NOT NULL
            )",
        )
        .await?;
        run(manager, "CREATE INDEX sessions_by_staff ON sessions (staff_id)").await?;
        // Keyed by a keyed hash of the account name or the address, so that neither is readable.
        run(
            manager,
            "CREATE TABLE login_failures (
                subject_hash {bytes} PRIMARY KEY,
                failures INTEGER NOT NULL,
                last_failed_at {time} NOT NULL,
                blocked_until {time}
            )",
        )
        .await?;
        // One-time links to choose a password; without a staff_id: to make the first account.
        run(
            manager,
            "CREATE TABLE setup_links (
                token_hash {bytes} PRIMARY KEY,
                staff_id {uuid} REFERENCES staff (id) ON DELETE CASCADE,
                created_at {time} NOT NULL,
                expires_at {time} NOT NULL
            )",
        )
        .await
    }
}
