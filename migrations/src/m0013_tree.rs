//! The ledger as a Merkle tree: which entry is which leaf, the tree's tiles, its signed head, and the key that
//! signs it.

use sea_orm_migration::prelude::*;

use crate::{Dialect, forbid_changes, run};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // The salt of a leaf is made with the leaf.
        run(manager, "ALTER TABLE ledger_entries DROP COLUMN salt").await?;
        forbid_changes(manager, "ledger_entries", "id = NEW.id").await?;
        // Whose controller was named where the consent was asked for.
        run(manager, "ALTER TABLE consent_events ADD COLUMN site_version_id {uuid}").await?;
        // What waits for its place in the tree.
        run(
            manager,
            "CREATE TABLE ledger_queue (
                id {uuid} PRIMARY KEY,
                source TEXT NOT NULL CHECK (source IN ('entry', 'consent'))
            ) {clustered};
            INSERT INTO ledger_queue (id, source) SELECT id, 'entry' FROM ledger_entries;
            INSERT INTO ledger_queue (id, source) SELECT id, 'consent' FROM consent_events",
        )
        .await?;
        run(
            manager,
            "CREATE TABLE ledger_leaves (
                position BIGINT PRIMARY KEY CHECK (position >= 0),
                source TEXT NOT NULL CHECK (source IN ('entry', 'consent')),
                id {uuid} NOT NULL,
                salt {bytes}
            ) {clustered};
            CREATE UNIQUE INDEX ledger_leaves_by_id ON ledger_leaves (id)",
        )
        .await?;
        // 256 hashes of one level beside each other, or fewer at the right edge (c2sp.org/tlog-tiles).
        run(
            manager,
            "CREATE TABLE ledger_tiles (
                level INTEGER NOT NULL,
                number BIGINT NOT NULL,
                hashes {bytes} NOT NULL,
                PRIMARY KEY (level, number)
            )",
        )
        .await?;
        let lock = if Dialect::of(manager) == Dialect::Sqlite { "INTEGER" } else { "SMALLINT" };
        run(
            manager,
            &format!(
                "CREATE TABLE ledger_tree (
                    id {lock} PRIMARY KEY CHECK (id = 1),
                    size BIGINT NOT NULL,
                    checkpoint TEXT
                );
                INSERT INTO ledger_tree (id, size) VALUES (1, 0)"
            ),
        )
        .await?;
        run(
            manager,
            "CREATE TABLE ledger_keys (
                id {uuid} PRIMARY KEY,
                name TEXT NOT NULL,
                verifier TEXT NOT NULL UNIQUE,
                sealed {bytes} NOT NULL,
                created_at {time} NOT NULL
            )",
        )
        .await?;
        forbid_changes(manager, "ledger_keys", "id = NEW.id OR verifier = NEW.verifier").await
    }
}
