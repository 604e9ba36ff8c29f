//! `sealwax invite`: personal links to a form; `sealwax codes`: codes to give in return.

use std::path::PathBuf;

use clap::Args;
use time::Duration;

use super::{Failure, Place, print};
use crate::ambient::Ambient;
use crate::forms::Catalog;
use crate::forms::catalog::FormEntry;
use crate::submissions::admission;

/// `sealwax invite FORM FILE`
#[derive(Debug, Args)]
pub struct Invite {
    /// Site and form, such as `shop/survey`.
    form: String,
    /// CSV with a line for each person. The first line names the columns: `name`, which staff see,
    /// and fields of the form, which the link fills in.
    file: PathBuf,
    /// Days until the links expire.
    #[arg(long, default_value_t = admission::LINK_DAYS)]
    days: u16,
    #[command(flatten)]
    place: Place,
}

/// `sealwax codes FORM FILE`
#[derive(Debug, Args)]
pub struct Codes {
    /// Site and form, such as `shop/survey`.
    form: String,
    /// A text file with a code on each line.
    file: PathBuf,
    #[command(flatten)]
    place: Place,
}

fn read(file: &std::path::Path) -> Result<String, Failure> {
    std::fs::read_to_string(file).map_err(|error| Failure::Told(format!("{}: {error}", file.display())))
}

async fn entry(catalog: &Catalog, form: &str) -> Result<std::sync::Arc<FormEntry>, Failure> {
    let (site, slug) = form.split_once('/').unwrap_or((form, ""));
    let found = catalog.form(site, slug).await?;
    found.ok_or_else(|| {
        Failure::Told(format!("'{form}' is no published form; write site and form, such as shop/survey"))
    })
}

/// Makes a link for each line and prints the same CSV with a column `link`.
pub async fn invite(command: Invite, ambient: Ambient) -> Result<(), Failure> {
    let text = read(&command.file)?;
    let (db, _, config) = super::open(&command.place, &ambient).await?;
    let catalog = Catalog::new(db.clone());
    let entry = entry(&catalog, &command.form).await?;
    let told = |error: csv::Error| Failure::Told(format!("{}: {error}", command.file.display()));
    let mut reader =
        csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let columns = reader.headers().map_err(told)?.clone();
    let Some(name_at) = columns.iter().position(|column| column == "name") else {
        return Err(Failure::Told(format!(
            "{}:1: has no column 'name'; it says whom each link is for",
            command.file.display()
        )));
    };
    let form = &entry.shown.form;
    for column in columns.iter().filter(|column| *column != "name") {
        if form.field(column).is_none() {
            let file = command.file.display();
            return Err(Failure::Told(format!("{file}:1: '{column}' is no field of {}", command.form)));
        }
    }
    let expires = ambient.now() + Duration::days(command.days.into());
    let transaction = db.begin().await?;
    let mut out = csv::Writer::from_writer(Vec::new());
    let mut head = columns.clone();
    head.push_field("link");
    out.write_record(&head).map_err(told)?;
    for record in reader.records() {
        let mut record = record.map_err(told)?;
        let name = record.get(name_at).unwrap_or_default().to_owned();
        let token = admission::invite(&transaction, &ambient, &entry, &name, expires).await?;
        let mut prefill = url::form_urlencoded::Serializer::new(String::new());
        for (column, value) in columns.iter().zip(record.iter()) {
            if form.field(column).is_some() && !value.is_empty() {
                prefill.append_pair(column, value);
            }
        }
        // What is filled in stands behind the #, which no browser sends to a server.
        let prefill = prefill.finish();
        let hash = if prefill.is_empty() { String::new() } else { format!("#{prefill}") };
        record.push_field(&format!("{}/f/{}?i={token}{hash}", config.public_url(), command.form));
        out.write_record(&record).map_err(told)?;
    }
    transaction.commit().await.map_err(crate::db::Error::from)?;
    let bytes = out.into_inner().map_err(|error| Failure::Told(error.to_string()))?;
    print(String::from_utf8_lossy(&bytes).trim_end());
    db.close().await;
    Ok(())
}

/// Adds codes to a form's list.
pub async fn codes(command: Codes, ambient: Ambient) -> Result<(), Failure> {
    let text = read(&command.file)?;
    let codes: Vec<String> = text.lines().map(str::trim).filter(|code| !code.is_empty()).map(str::to_owned).collect();
    if let Some(long) = codes.iter().position(|code| code.chars().count() > 200) {
        return Err(Failure::Told(format!("{}:{}: is longer than 200 characters", command.file.display(), long + 1)));
    }
    let (db, _, _) = super::open(&command.place, &ambient).await?;
    let catalog = Catalog::new(db.clone());
    let entry = entry(&catalog, &command.form).await?;
    let transaction = db.begin().await?;
    let added = admission::add_codes(&transaction, &ambient, entry.form_id, &codes).await?;
    transaction.commit().await.map_err(crate::db::Error::from)?;
    let left = admission::codes_left(db.reader(), entry.form_id).await?;
    print(&format!("{added} codes added, {} known already; {left} are left to give", codes.len() as u64 - added));
    db.close().await;
    Ok(())
}
