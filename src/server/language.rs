//! Which language to speak with whoever asks.

use actix_web::HttpRequest;
use actix_web::http::header::{AcceptLanguage, Header as _, Preference};

use crate::sites::Lang;

/// `?lang=`, or the first language of `Accept-Language` that is among `spoken`, or the first of
/// `spoken`.
pub fn of_request(request: &HttpRequest, spoken: &[Lang]) -> Lang {
    asked_for(request.query_string(), spoken)
        .or_else(|| accepted(request, spoken))
        .or_else(|| spoken.first().copied())
        .unwrap_or(Lang::En)
}

fn asked_for(query: &str, spoken: &[Lang]) -> Option<Lang> {
    let (_, tag) = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "lang")?;
    tag.parse().ok().filter(|lang| spoken.contains(lang))
}

fn accepted(request: &HttpRequest, spoken: &[Lang]) -> Option<Lang> {
    let ranked = AcceptLanguage::parse(request).ok()?.ranked();
    ranked.into_iter().find_map(|preference| match preference {
        Preference::Any => None,
        Preference::Specific(tag) => tag.as_str().parse().ok().filter(|lang| spoken.contains(lang)),
    })
}
