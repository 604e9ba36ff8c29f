//! Why a submission is suspect, and hashes of what was sent lately.

use sea_orm_migration::prelude::*;

use crate::run;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            "ALTER TABLE submissions ADD COLUMN suspicions TEXT NOT NULL DEFAULT '';
            CREATE INDEX submissions_wanted ON submissions (form_id, id) WHERE status <> 'spam';
            CREATE INDEX submissions_all_wanted ON submissions (id) WHERE status <> 'spam';
            CREATE TABLE recent_contents (
                form_id {uuid} NOT NULL,
                hash {bytes} NOT NULL,
                seen_at {time} NOT NULL,
                PRIMARY KEY (form_id, hash)
            ) {clustered};
            CREATE INDEX recent_contents_by_age ON recent_contents (seen_at)",
        )
        .await
    }
}
