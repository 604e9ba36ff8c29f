//! Signing in elsewhere (SAML, CAS, OpenID Connect), second factors, and how providers fare.

use sea_orm_migration::prelude::*;

use crate::run;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // `provider_session` is what the provider calls the session (a hash of the ticket for CAS);
        // `logout_hint` is what it wants to hear when the session ends here.
        run(
            manager,
            "ALTER TABLE sessions ADD COLUMN id {uuid};
            ALTER TABLE sessions ADD COLUMN provider TEXT NOT NULL DEFAULT 'local';
            ALTER TABLE sessions ADD COLUMN authenticated_at {time};
            ALTER TABLE sessions ADD COLUMN provider_session TEXT;
            ALTER TABLE sessions ADD COLUMN logout_hint TEXT;
            DELETE FROM sessions;
            CREATE UNIQUE INDEX sessions_by_id ON sessions (id);
            CREATE INDEX sessions_by_provider ON sessions (provider, provider_session)",
        )
        .await?;
        // What was sent to a provider and waits for its answer, which counts once.
        run(
            manager,
            "CREATE TABLE sign_in_requests (
                state_hash {bytes} PRIMARY KEY,
                browser_hash {bytes} NOT NULL,
                provider TEXT NOT NULL,
                purpose TEXT NOT NULL CHECK (purpose IN ('sign-in', 'confirm', 'form', 'second-factor')),
                next TEXT NOT NULL,
                secret TEXT NOT NULL,
                session_hash {bytes},
                staff_id {uuid} REFERENCES staff (id) ON DELETE CASCADE,
                created_at {time} NOT NULL,
                expires_at {time} NOT NULL
            )",
        )
        .await?;
        run(manager, "CREATE INDEX sign_in_requests_by_end ON sign_in_requests (expires_at)").await?;
        // Messages of providers that count once: hash of issuer and id.
        run(
            manager,
            "CREATE TABLE spent_messages (
                message_hash {bytes} PRIMARY KEY,
                expires_at {time} NOT NULL
            )",
        )
        .await?;
        run(manager, "CREATE INDEX spent_messages_by_end ON spent_messages (expires_at)").await?;
        run(
            manager,
            "CREATE TABLE provider_states (
                provider TEXT PRIMARY KEY,
                last_success_at {time},
                last_failure_at {time},
                last_failure TEXT,
                certificate_until {time},
                metadata TEXT,
                metadata_source TEXT,
                metadata_at {time},
                roles_hash {bytes}
            )",
        )
        .await?;
        // A TOTP secret is sealed to the master key; the public half of a passkey needs no sealing.
        run(
            manager,
            "CREATE TABLE second_factors (
                id {uuid} PRIMARY KEY,
                staff_id {uuid} NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
                kind TEXT NOT NULL CHECK (kind IN ('totp', 'passkey')),
                label TEXT NOT NULL,
                sealed {bytes},
                credential TEXT,
                last_step BIGINT,
                created_at {time} NOT NULL,
                last_used_at {time}
            )",
        )
        .await?;
        run(manager, "CREATE INDEX second_factors_by_staff ON second_factors (staff_id)").await?;
        run(
            manager,
            "CREATE TABLE recovery_codes (
                code_hash {bytes} PRIMARY KEY,
                staff_id {uuid} NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
                created_at {time} NOT NULL
            )",
        )
        .await?;
        run(manager, "CREATE INDEX recovery_codes_by_staff ON recovery_codes (staff_id)").await?;
        // Visitors who signed in for a form: what is known of them is sealed to the key that only
        // their own link holds.
        run(
            manager,
            "CREATE TABLE visitor_sign_ins (
                token_hash {bytes} PRIMARY KEY,
                form_id {uuid} NOT NULL REFERENCES forms (id),
                provider TEXT NOT NULL,
                sealed {bytes} NOT NULL,
                created_at {time} NOT NULL,
                expires_at {time} NOT NULL
            )",
        )
        .await?;
        run(manager, "CREATE INDEX visitor_sign_ins_by_end ON visitor_sign_ins (expires_at)").await
    }
}
