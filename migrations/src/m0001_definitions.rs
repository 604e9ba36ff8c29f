//! Sites, policies, purposes and forms, each with a draft and immutable published versions.

use sea_orm_migration::prelude::*;

use crate::{Dialect, forbid_changes, run};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if Dialect::of(manager) == Dialect::Postgres {
            run(
                manager,
                "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN RAISE EXCEPTION 'rows of % never change', TG_TABLE_NAME; END $$",
            )
            .await?;
        }
        // Which keys this database belongs to, and the row that readiness probes write.
        run(
            manager,
            "CREATE TABLE installation (
                id INTEGER PRIMARY KEY CHECK (id = 1),
                created_at {time} NOT NULL,
                probed_at {time} NOT NULL,
                master_recipient TEXT NOT NULL,
                index_fingerprint TEXT NOT NULL
            )",
        )
        .await?;
        for (owner, version) in [
            ("sites", "site_versions"),
            ("policies", "policy_versions"),
            ("purposes", "purpose_versions"),
            ("forms", "form_versions"),
        ] {
            let site = if owner == "sites" { "" } else { "REFERENCES sites (id)" };
            run(
                manager,
                &format!(
                    "CREATE TABLE {owner} (
                        id {{uuid}} PRIMARY KEY,
                        site_id {{uuid}} NOT NULL {site},
                        slug TEXT NOT NULL,
                        current_version_id {{uuid}},
                        draft TEXT,
                        draft_saved_at {{time}},
                        created_at {{time}} NOT NULL,
                        UNIQUE (site_id, slug)
                    )"
                ),
            )
            .await?;
            run(
                manager,
                &format!(
                    "CREATE TABLE {version} (
                        id {{uuid}} PRIMARY KEY,
                        owner_id {{uuid}} NOT NULL REFERENCES {owner} (id),
                        number INTEGER NOT NULL CHECK (number > 0),
                        sha256 TEXT NOT NULL,
                        content TEXT NOT NULL,
                        published_at {{time}} NOT NULL,
                        UNIQUE (owner_id, number)
                    )"
                ),
            )
            .await?;
            forbid_changes(manager, version, "id = NEW.id OR (owner_id = NEW.owner_id AND number = NEW.number)")
                .await?;
        }
        run(manager, "CREATE UNIQUE INDEX sites_slug ON sites (slug)").await?;
        // Pictures that published versions show, named by their content.
        run(
            manager,
            "CREATE TABLE site_assets (
                site_id {uuid} NOT NULL REFERENCES sites (id),
                sha256 TEXT NOT NULL,
                media_type TEXT NOT NULL,
                content {bytes} NOT NULL,
                PRIMARY KEY (site_id, sha256)
            )",
        )
        .await?;
        forbid_changes(manager, "site_assets", "site_id = NEW.site_id AND sha256 = NEW.sha256").await?;
        // One row for every publication; the highest number tells every node whether what it has
        // in memory is still current.
        run(
            manager,
            "CREATE TABLE publications (
                number BIGINT PRIMARY KEY,
                published_at {time} NOT NULL
            )",
        )
        .await?;
        run(
            manager,
            "CREATE TABLE inbox_keys (
                id {uuid} PRIMARY KEY,
                site_id {uuid} NOT NULL REFERENCES sites (id),
                form_id {uuid} REFERENCES forms (id),
                recipient TEXT NOT NULL,
                wrapped_identity {bytes} NOT NULL,
                created_at {time} NOT NULL,
                retired_at {time}
            )",
        )
        .await?;
        run(manager, "CREATE INDEX inbox_keys_site ON inbox_keys (site_id)").await
    }
}
