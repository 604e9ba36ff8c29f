//! Personal links, and codes that are given out once each.

use sea_orm_migration::prelude::*;

use crate::run;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            "ALTER TABLE uploads ADD COLUMN bytes BIGINT NOT NULL DEFAULT 0;
            CREATE TABLE invitations (
                id {uuid} PRIMARY KEY,
                form_id {uuid} NOT NULL,
                token_hash {bytes} NOT NULL UNIQUE,
                inbox_key_id {uuid} NOT NULL,
                sealed_name {bytes} NOT NULL,
                made_at {time} NOT NULL,
                expires_at {time},
                opened_at {time},
                answered_at {time},
                submission_id {uuid} REFERENCES submissions (id)
            );
            CREATE INDEX invitations_by_form ON invitations (form_id, id);
            CREATE TABLE incentive_codes (
                id {uuid} PRIMARY KEY,
                form_id {uuid} NOT NULL,
                code TEXT NOT NULL,
                submission_id {uuid} REFERENCES submissions (id),
                UNIQUE (form_id, code)
            );
            CREATE TABLE address_codes (
                id {uuid} PRIMARY KEY,
                form_id {uuid} NOT NULL,
                address_hash {bytes} NOT NULL,
                code_hash {bytes} NOT NULL,
                expires_at {time} NOT NULL,
                tries INTEGER NOT NULL
            );
            CREATE INDEX address_codes_by_address ON address_codes (form_id, address_hash);
            CREATE INDEX address_codes_by_end ON address_codes (expires_at);
            CREATE INDEX incentive_codes_left ON incentive_codes (form_id, id) WHERE submission_id IS NULL;
            CREATE UNIQUE INDEX incentive_codes_given ON incentive_codes (submission_id) WHERE submission_id IS NOT NULL",
        )
        .await
    }
}
