//! The private links by which people see what is kept of them, and parts that are kept without being used.

use sea_orm_migration::prelude::*;

use crate::run;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            "CREATE TABLE person_links (
                token_hash {bytes} PRIMARY KEY,
                submission_id {uuid} NOT NULL REFERENCES submissions (id),
                created_at {time} NOT NULL,
                expires_at {time} NOT NULL
            );
            CREATE INDEX person_links_by_submission ON person_links (submission_id);
            CREATE INDEX person_links_by_end ON person_links (expires_at)",
        )
        .await?;
        // Since when a part is kept without being used.
        run(manager, "ALTER TABLE submission_parts ADD COLUMN restricted_at {time}").await
    }
}
