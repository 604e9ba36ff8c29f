//! Submissions, their sealed parts, consent events and blind indexes.

use sea_orm_migration::prelude::*;

use crate::{forbid_changes, run};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            "CREATE TABLE submissions (
                id {uuid} PRIMARY KEY,
                site_id {uuid} NOT NULL,
                form_id {uuid} NOT NULL,
                site_version_id {uuid} NOT NULL REFERENCES site_versions (id),
                form_version_id {uuid} NOT NULL REFERENCES form_versions (id),
                policy_version_id {uuid} NOT NULL REFERENCES policy_versions (id),
                reference TEXT NOT NULL,
                status TEXT NOT NULL CHECK (status IN ('new', 'open', 'done', 'spam')),
                method TEXT NOT NULL CHECK (method IN ('form', 'api')),
                lang TEXT NOT NULL,
                touchpoint TEXT NOT NULL,
                unknown_fields INTEGER NOT NULL,
                received_at {time} NOT NULL,
                idempotency_key {bytes},
                request_hash {bytes}
            ) {clustered}",
        )
        .await?;
        // The first page of every view of the inbox is the end of one of these.
        run(
            manager,
            "CREATE INDEX submissions_by_status ON submissions (status, id);
             CREATE INDEX submissions_by_form ON submissions (form_id, id);
             CREATE INDEX submissions_by_form_and_status ON submissions (form_id, status, id);
             CREATE INDEX submissions_by_reference ON submissions (reference);
             CREATE UNIQUE INDEX submissions_idempotency ON submissions (idempotency_key)
                WHERE idempotency_key IS NOT NULL",
        )
        .await?;
        run(
            manager,
            "CREATE TABLE submission_parts (
                submission_id {uuid} NOT NULL REFERENCES submissions (id),
                purpose_id {uuid} NOT NULL,
                purpose_version_id {uuid} NOT NULL REFERENCES purpose_versions (id),
                inbox_key_id {uuid} NOT NULL REFERENCES inbox_keys (id),
                sealed {bytes} NOT NULL,
                expires_at {time},
                PRIMARY KEY (submission_id, purpose_id)
            )",
        )
        .await?;
        run(
            manager,
            "CREATE TABLE consent_events (
                id {uuid} PRIMARY KEY,
                site_id {uuid} NOT NULL,
                submission_id {uuid} NOT NULL,
                subject_id {uuid} NOT NULL,
                action TEXT NOT NULL
                    CHECK (action IN ('given', 'refused', 'confirmed', 'withdrawn', 'expired', 'renewed')),
                method TEXT NOT NULL,
                lang TEXT NOT NULL,
                touchpoint TEXT NOT NULL,
                purpose_id {uuid} NOT NULL,
                purpose_version_id {uuid} NOT NULL REFERENCES purpose_versions (id),
                wording_sha256 {bytes} NOT NULL,
                policy_version_id {uuid} NOT NULL,
                form_version_id {uuid} NOT NULL,
                occurred_at {time} NOT NULL
            ) {clustered}",
        )
        .await?;
        run(manager, "CREATE INDEX consent_events_by_submission ON consent_events (submission_id)").await?;
        forbid_changes(manager, "consent_events", "id = NEW.id").await?;
        run(
            manager,
            "CREATE TABLE blind_indexes (
                site_id {uuid} NOT NULL,
                kind TEXT NOT NULL CHECK (kind IN ('email', 'phone')),
                hash {bytes} NOT NULL,
                submission_id {uuid} NOT NULL REFERENCES submissions (id),
                purpose_id {uuid} NOT NULL,
                PRIMARY KEY (hash, submission_id, purpose_id)
            ) {clustered}",
        )
        .await?;
        run(manager, "CREATE INDEX blind_indexes_by_submission ON blind_indexes (submission_id)").await
    }
}
