//! Files that come with submissions: sealed as they arrive, in pieces of one age file.

use sea_orm_migration::prelude::*;

use crate::run;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            "CREATE TABLE uploads (
                id {uuid} PRIMARY KEY,
                form_id {uuid} NOT NULL,
                purpose_id {uuid} NOT NULL,
                inbox_key_id {uuid} NOT NULL,
                submission_id {uuid} REFERENCES submissions (id),
                started_at {time} NOT NULL,
                whole_at {time}
            );
            CREATE INDEX uploads_by_submission ON uploads (submission_id);
            CREATE INDEX uploads_waiting ON uploads (started_at) WHERE submission_id IS NULL;
            CREATE TABLE upload_pieces (
                upload_id {uuid} NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,
                number INTEGER NOT NULL,
                sealed {bytes} NOT NULL,
                PRIMARY KEY (upload_id, number)
            ) {clustered}",
        )
        .await
    }
}
