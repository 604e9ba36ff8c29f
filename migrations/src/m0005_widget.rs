//! Every edition of the widget's script that this installation has served, kept for good: a page
//! that names one with its integrity hash goes on working after an upgrade.

use sea_orm_migration::prelude::*;

use crate::{forbid_changes, run};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            "CREATE TABLE widget_editions (
                version TEXT PRIMARY KEY,
                script {bytes} NOT NULL,
                first_served_at {time} NOT NULL
            )",
        )
        .await?;
        forbid_changes(manager, "widget_editions", "version = NEW.version").await
    }
}
