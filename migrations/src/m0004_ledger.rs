//! The ledger's entries.

use sea_orm_migration::prelude::*;

use crate::run;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            "CREATE TABLE ledger_entries (
                id {uuid} PRIMARY KEY,
                occurred_at {time} NOT NULL,
                kind TEXT NOT NULL,
                actor_id {uuid},
                subject_id {uuid},
                salt {bytes} NOT NULL,
                body TEXT NOT NULL
            )",
        )
        .await?;
        run(manager, "CREATE INDEX ledger_entries_by_subject ON ledger_entries (subject_id, id)").await
    }
}
