//! The database schema of Sealwax, one file a step.
//!
//! Steps are written in SQL, because triggers and partial indexes are the point of half of them.
//! The few type names that SQLite and PostgreSQL do not share stand in braces and are replaced by
//! [`Dialect::sql`].

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

mod m0001_definitions;
mod m0002_submissions;
mod m0003_staff;
mod m0004_ledger;
mod m0005_widget;
mod m0006_uploads;
mod m0007_spam;
mod m0008_admission;
mod m0009_later_codes;
mod m0010_identities;
mod m0011_sign_in;
mod m0012_subjects;
mod m0013_tree;
mod m0014_people;
mod m0015_waiting;
mod m0016_retention;

/// Every step, oldest first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_definitions::Migration),
            Box::new(m0002_submissions::Migration),
            Box::new(m0003_staff::Migration),
            Box::new(m0004_ledger::Migration),
            Box::new(m0005_widget::Migration),
            Box::new(m0006_uploads::Migration),
            Box::new(m0007_spam::Migration),
            Box::new(m0008_admission::Migration),
            Box::new(m0009_later_codes::Migration),
            Box::new(m0010_identities::Migration),
            Box::new(m0011_sign_in::Migration),
            Box::new(m0012_subjects::Migration),
            Box::new(m0013_tree::Migration),
            Box::new(m0014_people::Migration),
            Box::new(m0015_waiting::Migration),
            Box::new(m0016_retention::Migration),
        ]
    }
}

/// What differs between the two databases.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    fn of(manager: &SchemaManager<'_>) -> Self {
        match manager.get_database_backend() {
            DbBackend::Sqlite => Self::Sqlite,
            _ => Self::Postgres,
        }
    }

    /// `template` with `{uuid}`, `{time}` and `{bytes}` replaced by the dialect's types, and `{clustered}` by
    /// what keeps rows in the order of their key.
    fn sql(self, template: &str) -> String {
        let types = match self {
            Self::Sqlite => {
                [("{uuid}", "BLOB"), ("{time}", "TEXT"), ("{bytes}", "BLOB"), ("{clustered}", "WITHOUT ROWID")]
            }
            Self::Postgres => {
                [("{uuid}", "UUID"), ("{time}", "TIMESTAMPTZ(6)"), ("{bytes}", "BYTEA"), ("{clustered}", "")]
            }
        };
        types.into_iter().fold(template.to_owned(), |sql, (name, kind)| sql.replace(name, kind))
    }
}

/// Runs `template` (one or more statements) in the manager's dialect.
async fn run(manager: &SchemaManager<'_>, template: &str) -> Result<(), DbErr> {
    let sql = Dialect::of(manager).sql(template);
    manager.get_connection().execute_unprepared(&sql).await?;
    Ok(())
}

/// Makes the database itself refuse to change, delete or replace rows of `table`. `identity` is
/// the SQL condition under which a new row would replace an old one (SQLite's `INSERT OR REPLACE`
/// deletes without firing delete triggers).
async fn forbid_changes(manager: &SchemaManager<'_>, table: &str, identity: &str) -> Result<(), DbErr> {
    let words = format!("rows of {table} never change");
    match Dialect::of(manager) {
        Dialect::Sqlite => {
            let conditions = [
                ("update", "UPDATE", "1".to_owned()),
                ("delete", "DELETE", "1".to_owned()),
                ("replace", "INSERT", format!("EXISTS (SELECT 1 FROM {table} WHERE {identity})")),
            ];
            for (name, event, condition) in conditions {
                let sql = format!(
                    "CREATE TRIGGER {table}_no_{name} BEFORE {event} ON {table} WHEN {condition} \
                     BEGIN SELECT RAISE(ABORT, '{words}'); END"
                );
                run(manager, &sql).await?;
            }
        }
        Dialect::Postgres => {
            let sql = format!(
                "CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} \
                 FOR EACH ROW EXECUTE FUNCTION refuse_change(); \
                 CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} \
                 FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();"
            );
            run(manager, &sql).await?;
        }
    }
    Ok(())
}
