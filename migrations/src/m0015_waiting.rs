//! Which password a sign-in that waits for its second factor was let on with.

use sea_orm_migration::prelude::*;

use crate::run;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, "ALTER TABLE sign_in_requests ADD COLUMN verified_hash {bytes}").await
    }
}
