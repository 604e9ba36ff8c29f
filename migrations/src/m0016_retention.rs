//! Finds what is due for erasure.

use sea_orm_migration::prelude::*;

use crate::run;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, "CREATE INDEX submission_parts_due ON submission_parts (expires_at) WHERE expires_at IS NOT NULL")
            .await
    }
}
