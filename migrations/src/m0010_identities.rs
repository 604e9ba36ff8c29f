//! Accounts that other providers vouch for: what they are called there, and when they were last
//! looked up.

use sea_orm_migration::prelude::*;

use crate::run;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // `username` is what the account is known by: the name of a local one, the stable subject of any other.
        run(
            manager,
            "ALTER TABLE staff ADD COLUMN login TEXT;
            ALTER TABLE staff ADD COLUMN email TEXT;
            ALTER TABLE staff ADD COLUMN checked_at {time}",
        )
        .await
    }
}
