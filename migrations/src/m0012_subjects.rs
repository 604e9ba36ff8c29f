//! Who signed in for a form is found again, as an e-mail address is.

use sea_orm_migration::prelude::*;

use crate::{Dialect, run};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        match Dialect::of(manager) {
            // SQLite changes a condition with the table only.
            Dialect::Sqlite => {
                run(
                    manager,
                    "CREATE TABLE blind_indexes_new (
                        site_id {uuid} NOT NULL,
                        kind TEXT NOT NULL CHECK (kind IN ('email', 'phone', 'subject')),
                        hash {bytes} NOT NULL,
                        submission_id {uuid} NOT NULL REFERENCES submissions (id),
                        purpose_id {uuid} NOT NULL,
                        PRIMARY KEY (hash, submission_id, purpose_id)
                    ) {clustered};
                    INSERT INTO blind_indexes_new (site_id, kind, hash, submission_id, purpose_id)
                        SELECT site_id, kind, hash, submission_id, purpose_id FROM blind_indexes;
                    DROP TABLE blind_indexes;
                    ALTER TABLE blind_indexes_new RENAME TO blind_indexes;
                    CREATE INDEX blind_indexes_by_submission ON blind_indexes (submission_id)",
                )
                .await
            }
            Dialect::Postgres => {
                run(
                    manager,
                    "ALTER TABLE blind_indexes DROP CONSTRAINT blind_indexes_kind_check,
                        ADD CONSTRAINT blind_indexes_kind_check CHECK (kind IN ('email', 'phone', 'subject'))",
                )
                .await
            }
        }
    }
}
