//! The published definition of a form for programs.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::definition::{ConsentAsk, Field};
use super::{Shown, token};
use crate::app::App;
use crate::server::problem::{Problem, ProblemJson};
use crate::server::{cors, language};
use crate::sites::{Lang, Text, VersionRef};
use crate::submissions::door;
use crate::submissions::limits::Limited;
use crate::submissions::visitors::Visitor;

/// The public part of a published form.
#[derive(Debug, Serialize, ToSchema)]
pub struct FormBody {
    /// Slug of the site.
    site: String,
    /// Slug of the form.
    form: String,
    /// Number of the form's version.
    version: i32,
    /// SHA-256 of the version's canonical form.
    sha256: String,
    /// Whether answers are taken now.
    open: bool,
    /// Language tags; the first is the default.
    #[schema(value_type = Vec<String>)]
    languages: Vec<Lang>,
    /// By language.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    title: Text,
    /// By language.
    #[schema(value_type = Option<std::collections::BTreeMap<String, String>>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    intro: Option<Text>,
    /// The questions.
    #[schema(value_type = Vec<Object>)]
    fields: Vec<Field>,
    /// The consents that the form asks for.
    #[schema(value_type = Vec<Object>)]
    consents: Vec<ConsentAsk>,
    /// Every purpose of a field or consent, with its wording.
    purposes: Vec<PurposeBody>,
    /// The privacy notice.
    policy: PolicyBody,
    /// Names these exact versions; send it back as `token` to have them stored with the answers.
    token: String,
}

/// A purpose.
#[derive(Debug, Serialize, ToSchema)]
struct PurposeBody {
    slug: String,
    version: i32,
    sha256: String,
    legal_basis: String,
    retention: String,
    /// `title`, `description` and, for consents, `wording`, each by language.
    #[schema(value_type = Object)]
    words: Value,
}

/// A policy version.
#[derive(Debug, Serialize, ToSchema)]
struct PolicyBody {
    slug: String,
    version: i32,
    sha256: String,
    effective: String,
    url: String,
}

/// The published definition of a form, public part.
///
/// Anybody may ask, from any allowed origin, as often as the page limit allows.
#[utoipa::path(
    get,
    path = "/api/v1/forms/{site}/{form}",
    params(("site" = String, Path, description = "Slug of the site"), ("form" = String, Path, description = "Slug of the form"), ("i" = Option<String>, Query, description = "What stands behind `i=` in a personal link"), ("a" = Option<String>, Query, description = "What stands behind `a=` in the form's address once a visitor has signed in")),
    responses(
        (status = 200, description = "The form as it is published now", body = FormBody),
        (status = 403, description = "The form is by invitation, behind a code, or for those who have signed in", body = ProblemJson, content_type = "application/problem+json"),
        (status = 404, description = "There is no such form", body = ProblemJson, content_type = "application/problem+json"),
    ),
)]
pub async fn show(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    app.limits.count(Limited::Pages, &request)?;
    let (site, form) = path.into_inner();
    let entry = app.catalog.form(&site, &form).await?.ok_or_else(Problem::form_not_found)?;
    let origin = cors::check(&request, &entry.shown.site.definition, &app.config.public_url())?;
    // The questions of a form that is not for everybody are not for everybody either.
    let link = super::pages::query(&request, "i");
    let admitted = match &link {
        Some(link) => door::by_link(&app, &entry, link, true).await?,
        None => None,
    };
    let visitor = door::visitor(&app, &entry, &request).await?;
    let admitted = visitor.as_ref().map(Visitor::admitted).or(admitted);
    if !door::lets_in(&app, &entry, admitted, visitor.as_ref()) {
        let lang = language::of_request(&request, &entry.shown.site.definition.languages);
        return Err(door::not_admitted(&entry, lang));
    }
    let token = token::issue(&entry.shown, admitted, &app.ambient, &app.secrets);
    let body = body(&entry.shown, entry.shown.form.is_open(app.ambient.now()), token, &app.config.public_url());
    let mut response = HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "private, no-cache")).json(body);
    cors::allow(&mut response, origin.as_ref());
    Ok(response)
}

fn body(shown: &Shown, open: bool, token: String, public_url: &str) -> FormBody {
    let form = &shown.form.definition;
    let names = |version: &VersionRef| (version.number, version.sha256.clone());
    let (version, sha256) = names(&shown.form.version);
    let purposes = shown.purposes.iter().map(|purpose| {
        let definition = &purpose.definition;
        let (version, sha256) = names(&purpose.version);
        PurposeBody {
            slug: definition.slug.clone(),
            version,
            sha256,
            legal_basis: definition.legal_basis.name().to_owned(),
            retention: definition.retention.clone(),
            words: serde_json::json!({
                "title": definition.title, "description": definition.description, "wording": definition.wording,
            }),
        }
    });
    let policy = &shown.policy;
    FormBody {
        site: form.site.clone(),
        form: form.slug.clone(),
        version,
        sha256,
        open,
        languages: shown.site.definition.languages.clone(),
        title: form.title.clone(),
        intro: form.intro.clone(),
        fields: form.fields.clone(),
        consents: form.consents.clone(),
        purposes: purposes.collect(),
        policy: PolicyBody {
            slug: policy.definition.slug.clone(),
            version: policy.version.number,
            sha256: policy.version.sha256.clone(),
            effective: policy.definition.effective.clone(),
            url: format!("{public_url}/policies/{}/{}/{}", form.site, policy.definition.slug, policy.version.number),
        },
        token,
    }
}
