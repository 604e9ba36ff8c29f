//! The "Embed" page of the staff area: what to paste where, whether a page may show the form, and
//! what it will look like.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::Shown;
use super::answers::Sent;
use super::countries::countries;
use super::definition::{Field, FieldType, OTHER};
use super::view::plain_phrase;
use super::widget::Edition;
use crate::app::App;
use crate::server::html::{self, THEMES};
use crate::server::language;
use crate::server::problem::Problem;
use crate::sites::{Lang, SiteDefinition};
use crate::staff::{Access, Frame};
use crate::words::Tongue;

/// What the page is asked for.
#[derive(Debug, Default, Deserialize)]
pub struct EmbedQuery {
    #[serde(default)]
    form: String,
    #[serde(default)]
    mode: String,
    #[serde(default)]
    lang: String,
    #[serde(default)]
    theme: String,
    #[serde(default)]
    origin: String,
}

/// A choice in one of the page's menus.
pub struct MenuItem {
    /// What is sent.
    pub value: String,
    /// What staff read.
    pub label: String,
    /// Whether it is chosen.
    pub selected: bool,
}

/// Something to paste.
pub struct Snippet {
    /// The end of its id, and of the key of its heading.
    pub name: &'static str,
    /// What to paste.
    pub code: String,
    /// What it can't do, in words.
    pub missing: Option<String>,
}

/// The answer to "may this page show the form?".
pub struct OriginCheck {
    /// What was asked about, as an origin.
    pub origin: String,
    /// Whether it may.
    pub allowed: bool,
    /// The line to put into the site's definition, where it may not.
    pub line: String,
}

/// The context of `templates/forms/embed.html`.
#[derive(Template)]
#[template(path = "forms/embed.html")]
pub struct EmbedPage {
    /// The layout's part.
    pub frame: Frame,
    /// The words.
    pub t: Tongue,
    /// The address of the public side.
    pub home: String,
    /// Site and form.
    pub chosen: String,
    /// The forms to choose from.
    pub forms: Vec<MenuItem>,
    /// Inline, dialog, slide-in.
    pub modes: Vec<MenuItem>,
    /// The site's languages.
    pub languages: Vec<MenuItem>,
    /// The themes.
    pub themes: Vec<MenuItem>,
    /// What to paste.
    pub snippets: Vec<Snippet>,
    /// What a page with a content policy needs.
    pub policy: String,
    /// The site's allowed origins.
    pub origins: Vec<String>,
    /// What was typed as an origin.
    pub asked: String,
    /// Whether what was typed can't be an origin.
    pub asked_wrong: bool,
    /// The answer.
    pub check: Option<OriginCheck>,
    /// Attributes of the live preview: name and value.
    pub preview: Vec<(&'static str, String)>,
    /// The title of the form.
    pub title: String,
}

/// `GET /staff/embed`: those who edit or administer a form.
pub async fn show(
    app: web::Data<App>,
    access: Access,
    query: web::Query<EmbedQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let t = Tongue::new(language::of_request(&request, &Lang::ALL));
    let current = app.catalog.current().await?;
    let own: Vec<_> =
        current.forms_in_order().into_iter().filter(|entry| access.edits(entry.site_id, entry.form_id)).collect();
    let path = |shown: &Shown| format!("{}/{}", shown.form.definition.site, shown.form.definition.slug);
    let chosen = own.iter().find(|entry| path(&entry.shown) == query.form).or(own.first());
    let chosen = chosen.ok_or_else(Problem::forbidden)?;
    let (shown, form) = (&chosen.shown, path(&chosen.shown));
    let site = &shown.site.definition;
    let item = |value: &str, label: String, wanted: &str| MenuItem {
        value: value.to_owned(),
        label,
        selected: value == wanted,
    };
    let lang = query.lang.parse::<Lang>().ok().filter(|lang| site.languages.contains(lang));
    let theme = THEMES.into_iter().find(|theme| *theme == query.theme);
    let mode = ["dialog", "slide"].into_iter().find(|mode| *mode == query.mode);
    let mut options: Vec<(&'static str, String)> = vec![("form", form.clone())];
    options.extend(lang.map(|lang| ("lang", lang.tag().to_owned())));
    options.extend(theme.map(|theme| ("theme", theme.to_owned())));
    options.extend(mode.map(|mode| ("mode", mode.to_owned())));
    let title = shown.form.definition.title.get(lang.unwrap_or(site.default_language())).to_owned();
    if mode.is_some() {
        options.push(("label", title.clone()));
    }
    let home = app.config.public_url();
    let asked = query.origin.trim();
    let check = (!asked.is_empty()).then(|| check(site, asked)).flatten();
    let page = EmbedPage {
        frame: access.frame(t),
        t,
        home: home.clone(),
        chosen: form.clone(),
        forms: own
            .iter()
            .map(|entry| {
                let title = entry.shown.form.definition.title.get(t.lang);
                let label = format!("{} · {title}", entry.shown.site.definition.name);
                item(&path(&entry.shown), label, &form)
            })
            .collect(),
        modes: ["", "dialog", "slide"]
            .map(|one| {
                let name = if one.is_empty() { "inline" } else { one };
                item(one, t.text(&format!("embed-mode-{name}")), mode.unwrap_or(""))
            })
            .into(),
        languages: std::iter::once(item("", t.text("embed-visitors-own"), lang.map_or("", Lang::tag)))
            .chain(
                site.languages.iter().map(|one| item(one.tag(), one.own_name().to_owned(), lang.map_or("", Lang::tag))),
            )
            .collect(),
        themes: std::iter::once(item("", t.text("embed-visitors-own"), theme.unwrap_or("")))
            .chain(THEMES.map(|one| item(one, t.text(&format!("embed-theme-{one}")), theme.unwrap_or(""))))
            .collect(),
        snippets: snippets(shown, &home, &form, &title, &options, t),
        policy: format!("script-src {home}; frame-src {home}"),
        origins: site.allowed_origins.clone(),
        asked: asked.to_owned(),
        asked_wrong: !asked.is_empty() && check.is_none(),
        check,
        preview: options,
        title,
    };
    let mut response = html::page(StatusCode::OK, &page)?;
    // The preview is a frame of the public side, which may be another node's.
    let policy = crate::server::middleware::content_security_policy("'none'");
    let policy = policy.replace("script-src 'self'", &format!("script-src 'self' {home}"));
    if let Ok(policy) = HeaderValue::from_str(&format!("{policy}; frame-src {home}")) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    Ok(response)
}

/// Takes any address of a page; a bare host counts as https.
fn check(site: &SiteDefinition, asked: &str) -> Option<OriginCheck> {
    let whole = if asked.contains("://") { asked.to_owned() } else { format!("https://{asked}") };
    let url = url::Url::parse(&whole).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let origin = url.origin().ascii_serialization();
    let all: Vec<String> = site.allowed_origins.iter().chain([&origin]).map(|one| format!("\"{one}\"")).collect();
    Some(OriginCheck {
        allowed: site.allows_origin(&origin),
        line: format!("allowed_origins = [{}]", all.join(", ")),
        origin,
    })
}

fn escaped(text: &str) -> String {
    askama::filters::escape(text, askama::filters::Html).map(|safe| safe.to_string()).unwrap_or_default()
}

fn attributes(options: &[(&'static str, String)], prefix: &str) -> String {
    let pairs = options.iter().map(|(name, value)| format!(" {prefix}{name}=\"{}\"", escaped(value)));
    pairs.collect()
}

fn snippets(
    shown: &Shown,
    home: &str,
    form: &str,
    title: &str,
    options: &[(&'static str, String)],
    t: Tongue,
) -> Vec<Snippet> {
    let edition = Edition::current();
    let (link, data) = (format!("<a href=\"{home}/f/{form}\">{}</a>", escaped(title)), attributes(options, "data-"));
    let pinned = edition.path();
    let integrity = &edition.integrity;
    let (markup, left_out) = own_markup(shown, home, form);
    let code = |name, code| Snippet { name, code, missing: None };
    vec![
        code("script", format!("{link}\n<script src=\"{home}/embed.js\"{data} async></script>")),
        code(
            "element",
            format!(
                "<sealwax-form{}>{link}</sealwax-form>\n<script src=\"{home}/embed.js\" async></script>",
                attributes(options, "")
            ),
        ),
        code(
            "pinned",
            format!(
                "{link}\n<script src=\"{home}{pinned}\" integrity=\"{integrity}\" crossorigin=\"anonymous\"{data} async></script>"
            ),
        ),
        code(
            "frame",
            format!(
                "<iframe src=\"{home}/f/{form}?embed=1\" title=\"{}\" width=\"100%\" height=\"900\" style=\"border:0\"></iframe>",
                escaped(title)
            ),
        ),
        Snippet {
            name: "markup",
            code: markup,
            missing: (!left_out.is_empty()).then(|| t.with1("embed-markup-missing", "fields", &left_out.join(", "))),
        },
    ]
}

/// A plain form for owners who keep their own markup, and the questions that it can't ask.
fn own_markup(shown: &Shown, home: &str, form: &str) -> (String, Vec<String>) {
    let lang = shown.site.definition.default_language();
    let multipart = shown.form.questions().any(|(field, _)| field.kind == FieldType::File);
    let encoding = if multipart { " enctype=\"multipart/form-data\"" } else { "" };
    let mut lines = vec![
        format!("<form action=\"{home}/f/{form}\" method=\"post\"{encoding}>"),
        // The words below are in this language, and stored as what was shown.
        format!("  <input type=\"hidden\" name=\"form.lang\" value=\"{lang}\">"),
    ];
    let mut left_out = Vec::new();
    for (field, _) in shown.form.questions() {
        // Nothing fills in earlier answers there.
        let label = plain_phrase(&shown.form.definition, &field.label, &Sent::default(), lang);
        match own_control(field, &label, lang) {
            Some(line) => lines.push(format!("  {line}")),
            None if field.kind == FieldType::Hidden => {}
            None => left_out.push(label),
        }
    }
    for ask in &shown.form.definition.consents {
        let wording = shown.purpose(&ask.purpose).and_then(|purpose| purpose.definition.wording.as_ref());
        let wording = escaped(wording.map_or("", |wording| wording.get(lang)));
        let required = if ask.required { " required" } else { "" };
        lines.push(format!(
            "  <label><input type=\"checkbox\" name=\"consent.{}\" value=\"yes\"{required}> {wording}</label>",
            ask.purpose
        ));
    }
    let policy = &shown.policy.definition;
    lines.push(format!(
        "  <a href=\"{home}/policies/{}/{}?lang={lang}\">{}</a>",
        policy.site,
        policy.slug,
        escaped(policy.title.get(lang))
    ));
    let submit =
        shown.form.definition.submit.as_ref().map_or_else(
            || crate::words::Words::shared().text(lang, "form-submit"),
            |submit| submit.get(lang).to_owned(),
        );
    lines.push("  <input type=\"hidden\" name=\"form.redirect\" value=\"\">".to_owned());
    lines.push(format!("  <button>{}</button>\n</form>", escaped(&submit)));
    (lines.join("\n"), left_out)
}

/// The control of a question; nothing for those that nobody sees, and those whose control is no
/// single element.
fn own_control(field: &Field, label: &str, lang: Lang) -> Option<String> {
    let (name, label) = (&field.name, escaped(label));
    // Nothing evaluates conditions there, so what is only sometimes asked can't be demanded.
    let required = if field.required && field.when.is_none() { " required" } else { "" };
    let input = |kind: &str, more: &str| {
        format!("<label>{label} <input type=\"{kind}\" name=\"{name}\"{more}{required}></label>")
    };
    let one_of = |kind: &str, choices: Vec<(String, String)>, other: bool| {
        let mut choices: Vec<String> = choices
            .into_iter()
            .map(|(value, label)| {
                let value = escaped(&value);
                format!("<label><input type=\"{kind}\" name=\"{name}\" value=\"{value}\"> {}</label>", escaped(&label))
            })
            .collect();
        if other {
            choices.push(format!(
                "<label><input type=\"{kind}\" name=\"{name}\" value=\"{OTHER}\"> … <input name=\"{name}.{OTHER}\"></label>"
            ));
        }
        format!("<fieldset><legend>{label}</legend> {}</fieldset>", choices.join(" "))
    };
    let choices = || {
        let all = field.choices.iter().map(|choice| (choice.value.clone(), choice.label.get(lang).to_owned()));
        all.collect::<Vec<_>>()
    };
    let scale = || (field.scale().0..=field.scale().1).map(|n| (n.to_string(), n.to_string())).collect();
    Some(match field.kind {
        FieldType::ShortText | FieldType::Number => input("text", ""),
        FieldType::LongText => format!("<label>{label} <textarea name=\"{name}\"{required}></textarea></label>"),
        FieldType::Email | FieldType::Url | FieldType::Date | FieldType::Time => input(field.kind.name(), ""),
        FieldType::Phone => input("tel", ""),
        FieldType::File => input("file", if field.max_files.unwrap_or(1) > 1 { " multiple" } else { "" }),
        FieldType::Confirmation => {
            format!("<label><input type=\"checkbox\" name=\"{name}\" value=\"yes\"{required}> {label}</label>")
        }
        FieldType::SingleChoice => one_of("radio", choices(), field.other),
        FieldType::MultipleChoice => one_of("checkbox", choices(), field.other),
        FieldType::YesNo => {
            let words = crate::words::Words::shared();
            one_of("radio", ["yes", "no"].map(|value| (value.to_owned(), words.text(lang, value))).into(), false)
        }
        FieldType::Rating | FieldType::Nps => one_of("radio", scale(), false),
        FieldType::Country => {
            let options = countries(lang).iter();
            let options = options.map(|(code, label)| format!("<option value=\"{code}\">{}</option>", escaped(label)));
            let options = options.collect::<Vec<_>>().concat();
            format!("<label>{label} <select name=\"{name}\"{required}><option></option>{options}</select></label>")
        }
        _ => return None,
    })
}
