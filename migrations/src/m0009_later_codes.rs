//! Submissions that are to get a code of their own, but have not yet: suspects, and those who came
//! when there was none left.

use sea_orm_migration::prelude::*;

use crate::run;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            "CREATE TABLE incentive_claims (
                submission_id {uuid} PRIMARY KEY REFERENCES submissions (id),
                form_id {uuid} NOT NULL
            );
            CREATE INDEX incentive_claims_by_form ON incentive_claims (form_id, submission_id);
            CREATE INDEX invitations_by_end ON invitations (expires_at);
            CREATE INDEX invitations_by_answer ON invitations (answered_at)",
        )
        .await
    }
}
