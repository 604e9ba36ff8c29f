//! `sealwax apply`: publish from TOML files, all or nothing.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::Value;
use toml::de::{DeTable, DeValue};

use super::{Failure, Place, print};
use crate::ambient::Ambient;
use crate::config::Config;
use crate::forms::publishing::{Change, Document, Finding, Mode, Source, publish};
use crate::sites::Text;
use crate::sites::assets::Asset;
use crate::sites::defect::Severity;
use crate::staff::providers::LOCAL;

/// `sealwax apply FILE…`
#[derive(Debug, Args)]
pub struct Apply {
    /// TOML files with sites, policies, purposes and forms.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Show what would change, and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Keep as drafts, unchecked, beside what is published.
    #[arg(long, conflicts_with = "dry_run")]
    draft: bool,
    #[command(flatten)]
    place: Place,
}

/// Publishes, or says in which file, line and key it can't.
pub async fn run(command: Apply, ambient: Ambient) -> Result<(), Failure> {
    let files: Vec<SourceFile> = command.files.iter().map(|path| SourceFile::read(path)).collect::<Result<_, _>>()?;
    let (db, keys, config) = super::open(&command.place, &ambient).await?;
    let sources: Vec<Source> = files.iter().map(|file| file.source.clone()).collect();
    let mode = match (command.dry_run, command.draft) {
        (true, _) => Mode::DryRun,
        (_, true) => Mode::Draft,
        _ => Mode::Publish,
    };
    let report = publish(&db, &ambient, &keys.master_recipient, &sources, mode).await?;
    let lines: Vec<String> = report.findings.iter().map(|finding| located(finding, &files)).collect();
    if report.is_refused() {
        return Err(Failure::Told(format!("nothing was published\n{}", lines.join("\n"))));
    }
    let unknown = files.iter().enumerate().flat_map(|(index, file)| unknown_providers(index, file, &config));
    let unknown: Vec<String> = unknown.map(|finding| located(&finding, &files)).collect();
    for line in lines.iter().chain(&unknown) {
        print(line);
    }
    for change in &report.changes {
        print(&described(change, mode));
    }
    db.close().await;
    Ok(())
}

/// The providers that forms name and this configuration has not. Another node may have them.
fn unknown_providers(source: usize, file: &SourceFile, config: &Config) -> Vec<Finding> {
    let known = |id: &str| id == LOCAL || config.staff.providers.iter().any(|provider| provider.id == id);
    let mut findings = Vec::new();
    for (f, form) in file.source.document.forms.iter().enumerate() {
        let named = form.sign_in.iter().flat_map(|sign_in| &sign_in.providers).enumerate();
        findings.extend(named.filter(|(_, id)| !known(id)).map(|(i, id)| Finding {
            source: Some(source),
            path: ["forms", &f.to_string(), "sign_in", "providers", &i.to_string()].map(str::to_owned).into(),
            message: format!("'{id}' is none of [[staff.providers]] here; nobody can sign in with it until it is"),
            severity: Severity::Warning,
        }));
    }
    findings
}

fn described(change: &Change, mode: Mode) -> String {
    let name = format!("{} {}/{}", change.kind.word(), change.site, change.slug);
    if mode == Mode::Draft {
        return format!("{name}: draft saved");
    }
    if !change.new {
        return format!("{name}: version {} unchanged", change.number);
    }
    let done = if mode == Mode::DryRun { "would become" } else { "published as" };
    let mut text = format!("{name}: {done} version {} ({})", change.number, &change.sha256[..12]);
    if mode == Mode::DryRun {
        for (key, old, new) in &change.differences {
            let _ = match (old, new) {
                (None, Some(new)) => write!(text, "\n  + {key} = {}", short(new)),
                (Some(old), None) => write!(text, "\n  - {key} = {}", short(old)),
                (Some(old), Some(new)) => write!(text, "\n  ~ {key} = {} -> {}", short(old), short(new)),
                (None, None) => Ok(()),
            };
        }
    }
    text
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(120) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// One file of definitions, with its text for finding lines.
pub struct SourceFile {
    name: String,
    text: String,
    /// What to publish.
    pub source: Source,
}

impl SourceFile {
    /// Reads a file and everything that it names.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| Failure::Told(format!("{name}: {error}")))?;
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        Self::parse(name, text, &|file| std::fs::read(folder.join(file)).map_err(|error| error.to_string()))
    }

    /// Takes a file's text apart. `fetch` reads the files that it names.
    pub fn parse(name: String, text: String, fetch: &dyn Fn(&str) -> Result<Vec<u8>, String>) -> Result<Self, Failure> {
        let document: Document = toml::from_str(&text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let key = key_at(&text, at).map_or_else(String::new, |key| format!("{key}: "));
            Failure::Told(format!("{name}:{}: {key}{}", line_of(&text, at), error.message().trim()))
        })?;
        let mut file = Self { name, text, source: Source { document, assets: Vec::new() } };
        file.fetch_look(fetch)?;
        file.fetch_choice_pictures(fetch)?;
        file.fetch_policy_texts(fetch)?;
        Ok(file)
    }

    fn refuse(&self, path: &[&str], message: &str) -> Failure {
        let path: Vec<String> = path.iter().map(|&part| part.to_owned()).collect();
        Failure::Told(format!("{}: {}: {message}", self.place(&path), path.join(".")))
    }

    fn fetch_look(&mut self, fetch: &dyn Fn(&str) -> Result<Vec<u8>, String>) -> Result<(), Failure> {
        for index in 0..self.source.document.sites.len() {
            let site = &self.source.document.sites[index];
            let slug = site.slug.clone();
            let branding = &site.branding;
            let named = [
                ("logo", branding.logo.clone()),
                ("logo_dark", branding.logo_dark.clone()),
                ("header_image", branding.header_image.clone()),
            ];
            for (key, file) in named {
                let Some(file) = file else { continue };
                let asset = fetch(&file).and_then(Asset::from_bytes).map_err(|why| {
                    self.refuse(&["sites", &index.to_string(), "branding", key], &format!("'{file}' {why}"))
                })?;
                let branding = &mut self.source.document.sites[index].branding;
                let place = match key {
                    "logo" => &mut branding.logo,
                    "logo_dark" => &mut branding.logo_dark,
                    _ => &mut branding.header_image,
                };
                *place = Some(asset.name());
                self.source.assets.push((slug.clone(), asset));
            }
            if let Some(file) = self.source.document.sites[index].branding.stylesheet.clone() {
                let read = fetch(&file)
                    .and_then(|bytes| String::from_utf8(bytes).map_err(|_| "is not text in UTF-8".to_owned()));
                let text = read.map_err(|why| {
                    self.refuse(&["sites", &index.to_string(), "branding", "stylesheet"], &format!("'{file}': {why}"))
                })?;
                self.source.document.sites[index].branding.stylesheet = Some(text);
            }
        }
        Ok(())
    }

    fn fetch_choice_pictures(&mut self, fetch: &dyn Fn(&str) -> Result<Vec<u8>, String>) -> Result<(), Failure> {
        let mut forms = std::mem::take(&mut self.source.document.forms);
        for (f, form) in forms.iter_mut().enumerate() {
            for (i, field) in form.fields.iter_mut().enumerate() {
                for (c, choice) in field.choices.iter_mut().enumerate() {
                    let Some(file) = choice.image.clone() else { continue };
                    let asset = fetch(&file).and_then(Asset::from_bytes).map_err(|why| {
                        let (f, i, c) = (f.to_string(), i.to_string(), c.to_string());
                        self.refuse(&["forms", &f, "fields", &i, "choices", &c, "image"], &format!("'{file}' {why}"))
                    })?;
                    choice.image = Some(asset.name());
                    self.source.assets.push((form.site.clone(), asset));
                }
            }
        }
        self.source.document.forms = forms;
        Ok(())
    }

    fn fetch_policy_texts(&mut self, fetch: &dyn Fn(&str) -> Result<Vec<u8>, String>) -> Result<(), Failure> {
        for index in 0..self.source.document.policies.len() {
            let policy = &self.source.document.policies[index];
            let Some(files) = policy.text_files.clone() else { continue };
            let place = index.to_string();
            if policy.text.iter().next().is_some() {
                return Err(
                    self.refuse(&["policies", &place, "text_files"], "is one way too many beside text; keep one")
                );
            }
            let mut texts = Vec::new();
            for (lang, file) in files.iter() {
                let read = fetch(file)
                    .and_then(|bytes| String::from_utf8(bytes).map_err(|_| "is not text in UTF-8".to_owned()));
                let text = read.map_err(|why| {
                    self.refuse(&["policies", &place, "text_files", lang.tag()], &format!("'{file}': {why}"))
                })?;
                texts.push((lang, text));
            }
            let policy = &mut self.source.document.policies[index];
            policy.text = texts.into_iter().collect::<Text>();
            policy.text_files = None;
        }
        Ok(())
    }

    /// `file:line` of the deepest key of `path` that the file has.
    fn place(&self, path: &[String]) -> String {
        let line = DeTable::parse(&self.text).map_or(1, |table| {
            let offset = offset_of(table.get_ref(), path).unwrap_or(0);
            line_of(&self.text, offset)
        });
        format!("{}:{line}", self.name)
    }
}

/// A finding with its file, line and key.
pub fn located(finding: &Finding, files: &[SourceFile]) -> String {
    let place = finding.source.and_then(|source| files.get(source)).map(|file| file.place(&finding.path));
    let warning = if finding.severity == Severity::Warning { "warning: " } else { "" };
    let place = place.map_or_else(String::new, |place| format!("{place}: "));
    format!("{place}{warning}{}: {}", finding.path.join("."), finding.message)
}

fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes()[..offset.min(text.len())].iter().filter(|byte| **byte == b'\n').count() + 1
}

/// Where the deepest key of `path` that is there begins.
fn offset_of(table: &DeTable<'_>, path: &[String]) -> Option<usize> {
    let (first, rest) = path.split_first()?;
    let (key, value) = table.iter().find(|(key, _)| key.get_ref().as_ref() == first)?;
    let below = match value.get_ref() {
        DeValue::Table(table) => offset_of(table, rest),
        DeValue::Array(items) => rest.split_first().and_then(|(index, rest)| {
            let item = items.get(index.parse::<usize>().ok()?)?;
            let deeper = match item.get_ref() {
                DeValue::Table(table) => offset_of(table, rest),
                _ => None,
            };
            deeper.or(Some(item.span().start))
        }),
        _ => None,
    };
    below.or(Some(key.span().start))
}

/// The dotted path of the deepest key whose value spans `offset`.
fn key_at(text: &str, offset: usize) -> Option<String> {
    let table = DeTable::parse(text).ok()?;
    let mut path = Vec::new();
    deepest(table.get_ref(), offset, &mut path);
    (!path.is_empty()).then(|| path.join("."))
}

fn deepest(table: &DeTable<'_>, offset: usize, path: &mut Vec<String>) {
    for (key, value) in table {
        let spans = key.span().contains(&offset) || value.span().contains(&offset);
        match value.get_ref() {
            DeValue::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    if let DeValue::Table(table) = item.get_ref() {
                        let before = path.len();
                        path.extend([key.get_ref().to_string(), index.to_string()]);
                        let start = path.len();
                        deepest(table, offset, path);
                        if path.len() > start || item.span().contains(&offset) {
                            return;
                        }
                        path.truncate(before);
                    }
                }
            }
            DeValue::Table(table) => {
                let before = path.len();
                path.push(key.get_ref().to_string());
                let start = path.len();
                deepest(table, offset, path);
                if path.len() > start || spans {
                    return;
                }
                path.truncate(before);
            }
            _ => {}
        }
        if spans {
            path.push(key.get_ref().to_string());
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<SourceFile, String> {
        SourceFile::parse("shop.toml".to_owned(), text.to_owned(), &|_| Err("is not there".to_owned()))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_misspelt_key_is_named_with_its_line() {
        let error = parse("[[sites]]\nslug = 'a'\nnmae = 'x'\nlanguages = ['en']\n[sites.controller]\nname='n'\naddress='a'\nemail='e'\n").err().unwrap();
        assert!(error.starts_with("shop.toml:3: sites.0.nmae: unknown field `nmae`"), "{error}");
    }

    #[test]
    fn a_language_that_is_not_shipped_is_named_with_its_line() {
        let error = parse("[[sites]]\nslug = 'a'\nname = 'x'\nlanguages = ['en', 'nl']\n").err().unwrap();
        assert!(error.starts_with("shop.toml:4: sites.0.languages:") && error.contains("`nl`"), "{error}");
    }

    #[test]
    fn broken_toml_is_named_with_its_line() {
        let error = parse("[[sites]]\nslug = \n").err().unwrap();
        assert!(error.starts_with("shop.toml:2:"), "{error}");
    }

    #[test]
    fn a_finding_is_placed_at_the_deepest_key_there_is() {
        let file =
            parse("[[policies]]\nsite = 'a'\nslug = 'p'\neffective = 'x'\n[policies.title]\nen = 'T'\n").unwrap();
        let path = |text: &str| text.split('.').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(file.place(&path("policies.0.effective")), "shop.toml:4");
        assert_eq!(file.place(&path("policies.0.title.de")), "shop.toml:5");
        assert_eq!(file.place(&path("policies.0.text.en")), "shop.toml:1");
    }
}
