//! Somebody at a browser who signs in through another server: follows redirects and forms from host to
//! host, fills in the provider's log-in page, and keeps cookies as browsers do, with `SameSite`.

use std::path::Path;
use std::sync::Mutex;

use regex::Regex;
use reqwest::header::{CONTENT_TYPE, COOKIE, HeaderMap, LOCATION, SET_COOKIE};
use reqwest::{Certificate, Client, Method, Response, StatusCode};
use url::{Origin, Url};

/// More steps than any way in has.
const MOST_STEPS: usize = 24;

/// Where a walk through a provider's pages ended.
#[derive(Debug)]
pub enum Walked {
    /// It sends the browser to an address that is not its own.
    Left { url: Url },
    /// It shows a form with a SAML message, for another host or this one.
    Post { url: Url, fields: Vec<(String, String)> },
    /// It shows its log-in form, and nothing was to be filled in.
    Asked { page: Arrived },
    /// It does not take the password; with the number that LemonLDAP gives the reason, if any.
    Refused { code: Option<u32>, page: Arrived },
    /// Any other page.
    Page { page: Arrived },
}

/// A page at the end of a way.
pub struct Arrived {
    pub status: StatusCode,
    pub url: Url,
    pub headers: HeaderMap,
    pub html: String,
}

/// A form of a page: where it goes, and what is in it so far.
#[derive(Debug, Clone)]
pub struct Form {
    pub method: Method,
    pub action: Url,
    pub fields: Vec<(String, String)>,
}

impl Form {
    pub fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(known, _)| known == name)
    }

    pub fn value(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn fill(&mut self, name: &str, value: &str) {
        self.fields.retain(|(known, _)| known != name);
        self.fields.push((name.to_owned(), value.to_owned()));
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum SameSite {
    Strict,
    Lax,
    None,
}

#[derive(Debug, Clone)]
struct Kept {
    host: String,
    path: String,
    name: String,
    value: String,
    secure: bool,
    same_site: SameSite,
}

/// What a browser asks for.
struct Asked {
    method: Method,
    url: Url,
    fields: Option<Vec<(String, String)>>,
}

pub struct Walker {
    client: Client,
    cookies: Mutex<Vec<Kept>>,
    headers: Mutex<Vec<(&'static str, String)>>,
}

impl Walker {
    /// A browser that has been nowhere yet, and trusts these authorities only.
    pub fn new(authorities: &[&Path]) -> Self {
        let certificates = authorities.iter().map(|file| Certificate::from_pem(&std::fs::read(file).unwrap()).unwrap());
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
        let client = client.tls_certs_only(certificates).build().unwrap();
        Self { client, cookies: Mutex::default(), headers: Mutex::default() }
    }

    /// Sends this header with each request, such as `Origin`.
    #[must_use]
    pub fn with_header(self, name: &'static str, value: &str) -> Self {
        self.set_header(name, value);
        self
    }

    /// Sends this header with each request from now on.
    pub fn set_header(&self, name: &'static str, value: &str) {
        let mut headers = self.headers.lock().unwrap();
        headers.retain(|(known, _)| *known != name);
        headers.push((name, value.to_owned()));
    }

    /// The value of a cookie that is kept for the host of `url`.
    pub fn cookie(&self, url: &str, name: &str) -> Option<String> {
        let url = Url::parse(url).unwrap();
        let kept = self.cookies.lock().unwrap();
        kept.iter().find(|cookie| cookie.host == host(&url) && cookie.name == name).map(|cookie| cookie.value.clone())
    }

    /// Opens an address by hand, and follows nothing.
    pub async fn get(&self, url: &str) -> Arrived {
        let url = Url::parse(url).unwrap();
        self.ask(&Asked { method: Method::GET, url, fields: None }, false).await
    }

    /// Sends a form that a page of `from` holds, and follows nothing.
    pub async fn post(&self, from: &str, url: &str, fields: &[(String, String)]) -> Arrived {
        let (from, url) = (Url::parse(from).unwrap(), Url::parse(url).unwrap());
        let across = site(&from) != site(&url);
        self.ask(&Asked { method: Method::POST, url, fields: Some(fields.to_vec()) }, across).await
    }

    /// Walks through a provider's pages with a password, until it leaves them.
    pub async fn walk(&self, url: &str, username: &str, password: &str) -> Walked {
        self.walk_with(url, Some((username, password))).await
    }

    /// Walks through a provider's pages and fills in nothing: either it knows us already, or it asks.
    pub async fn look(&self, url: &str) -> Walked {
        self.walk_with(url, None).await
    }

    async fn walk_with(&self, url: &str, account: Option<(&str, &str)>) -> Walked {
        let start = Url::parse(url).unwrap();
        let provider = start.origin();
        let mut account = account;
        let tries = account.is_some();
        let mut next = Asked { method: Method::GET, url: start, fields: None };
        for _ in 0..MOST_STEPS {
            if next.url.origin() != provider {
                return Walked::Left { url: next.url };
            }
            let page = self.ask(&next, false).await;
            next = match step(&page, &mut account, &|_| true) {
                Step::To(next) => next,
                Step::Message(form) => return Walked::Post { url: form.action, fields: form.fields },
                Step::Form if tries => return Walked::Refused { code: page.code(), page },
                Step::Form => return Walked::Asked { page },
                Step::End if tries && account.is_none() && page.code().is_some() => {
                    return Walked::Refused { code: page.code(), page };
                }
                Step::End => return Walked::Page { page },
            };
        }
        panic!("no end of redirects at {}", next.url);
    }

    /// Goes where `url` leads, from host to host, and fills in the log-in form of any host but that of `url`,
    /// until there is a page that leads on no more.
    pub async fn sign_in(&self, url: &str, username: &str, password: &str) -> Arrived {
        self.follow(url, Some((username, password))).await
    }

    /// The same for somebody who fills in nothing.
    pub async fn visit(&self, url: &str) -> Arrived {
        self.follow(url, None).await
    }

    async fn follow(&self, url: &str, account: Option<(&str, &str)>) -> Arrived {
        let start = Url::parse(url).unwrap();
        self.follow_from(Asked { method: Method::GET, url: start.clone(), fields: None }, &start, account).await
    }

    /// Sends a form that a page of `from` holds, and goes where that leads.
    pub async fn submit(&self, from: &str, form: Form) -> Arrived {
        let from = Url::parse(from).unwrap();
        self.follow_from(Asked { method: form.method, url: form.action, fields: Some(form.fields) }, &from, None).await
    }

    async fn follow_from(&self, first: Asked, from: &Url, mut account: Option<(&str, &str)>) -> Arrived {
        let home = from.origin();
        let (mut next, mut document) = (first, from.clone());
        let mut across = false;
        for _ in 0..MOST_STEPS {
            // Once a redirect has led through another site, it is another site that leads here.
            across |= site(&document) != site(&next.url);
            let page = self.ask(&next, across).await;
            let redirected = page.status.is_redirection();
            let step = step(&page, &mut account, &|origin| *origin != home);
            next = match step {
                Step::To(next) => next,
                Step::Message(form) => Asked { method: form.method, url: form.action, fields: Some(form.fields) },
                Step::Form | Step::End => return page,
            };
            if !redirected {
                (document, across) = (page.url, false);
            }
        }
        panic!("no end of redirects at {}", next.url);
    }

    /// Loads what a page has within it (frames and pictures), as logging out elsewhere is often done; gives
    /// the addresses that it came to.
    pub async fn load_parts(&self, page: &Arrived) -> Vec<Arrived> {
        let part = Regex::new(r#"<(?:iframe|img)\b[^>]*\bsrc="([^"]+)""#).unwrap();
        let mut loaded = Vec::new();
        for found in part.captures_iter(&page.html) {
            let Ok(url) = page.url.join(&unescaped(&found[1])) else { continue };
            let mut next = Asked { method: Method::GET, url, fields: None };
            let mut across = false;
            for _ in 0..MOST_STEPS {
                across |= site(&page.url) != site(&next.url);
                // Within a page of another site, cookies that are Lax are not sent either.
                let part = Arrived::read(self.request(&next, across, true).await).await;
                if let Some(url) = part.redirect() {
                    next = Asked { method: Method::GET, url, fields: None };
                    continue;
                }
                // A message that the page of a frame sends on.
                let message = part.forms().into_iter().find(|form| form.has("SAMLRequest") || form.has("SAMLResponse"));
                let Some(form) = message else {
                    loaded.push(part);
                    break;
                };
                next = Asked { method: form.method, url: form.action, fields: Some(form.fields) };
            }
        }
        loaded
    }

    async fn ask(&self, asked: &Asked, across: bool) -> Arrived {
        Arrived::read(self.request(asked, across, false).await).await
    }

    async fn request(&self, asked: &Asked, across: bool, within: bool) -> Response {
        let mut url = asked.url.clone();
        if let (true, Some(fields)) = (asked.method == Method::GET, &asked.fields) {
            url.query_pairs_mut().clear().extend_pairs(fields);
        }
        let mut request = self.client.request(asked.method.clone(), url);
        let sent = self.cookies_for(&asked.url, |same_site| match same_site {
            SameSite::None => true,
            SameSite::Lax => !across || (asked.method == Method::GET && !within),
            SameSite::Strict => !across,
        });
        if !sent.is_empty() {
            request = request.header(COOKIE, sent);
        }
        for (name, value) in self.headers.lock().unwrap().iter() {
            request = request.header(*name, value);
        }
        if let (true, Some(fields)) = (asked.method == Method::POST, &asked.fields) {
            request = request.form(fields);
        }
        let response = request.send().await.unwrap_or_else(|error| panic!("{}: {error:?}", asked.url));
        self.keep(&asked.url, response.headers());
        response
    }

    fn cookies_for(&self, url: &Url, may: impl Fn(&SameSite) -> bool) -> String {
        let kept = self.cookies.lock().unwrap();
        let fits = |cookie: &&Kept| {
            cookie.host == host(url)
                && (!cookie.secure || is_trustworthy(url))
                && (url.path() == cookie.path
                    || url.path().starts_with(&format!("{}/", cookie.path.trim_end_matches('/'))))
                && may(&cookie.same_site)
        };
        let pairs = kept.iter().filter(fits).map(|cookie| format!("{}={}", cookie.name, cookie.value));
        pairs.collect::<Vec<_>>().join("; ")
    }

    /// Keeps what a response sets, or what it says to forget (RFC 6265bis §5.7). All is for the one host.
    fn keep(&self, url: &Url, headers: &HeaderMap) {
        // Nobody who says when a cookie ends says a year so long ago, but to have it forgotten.
        let passed = Regex::new(r"[ -](?:19\d\d|20[01]\d) ").unwrap();
        let mut kept = self.cookies.lock().unwrap();
        for set in headers.get_all(SET_COOKIE) {
            let mut parts = set.to_str().unwrap().split(';').map(str::trim);
            let (name, value) = parts.next().unwrap().split_once('=').unwrap();
            let directory = url.path().rsplit_once('/').map_or("", |(directory, _)| directory);
            let mut cookie = Kept {
                host: host(url),
                path: if directory.is_empty() { "/".to_owned() } else { directory.to_owned() },
                name: name.to_owned(),
                value: value.to_owned(),
                secure: false,
                same_site: SameSite::Lax,
            };
            let mut gone = false;
            for part in parts {
                let (key, value) = part.split_once('=').unwrap_or((part, ""));
                match (key.to_ascii_lowercase().as_str(), value.to_ascii_lowercase().as_str()) {
                    ("path", path) if path.starts_with('/') => value.clone_into(&mut cookie.path),
                    ("secure", _) => cookie.secure = true,
                    ("samesite", "strict") => cookie.same_site = SameSite::Strict,
                    ("samesite", "none") => cookie.same_site = SameSite::None,
                    ("max-age", seconds) => gone |= seconds.parse::<i64>().is_ok_and(|seconds| seconds <= 0),
                    ("expires", date) => gone |= passed.is_match(date),
                    _ => {}
                }
            }
            kept.retain(|old| (&old.host, &old.path, &old.name) != (&cookie.host, &cookie.path, &cookie.name));
            // What browsers do not take.
            let must_be_secure = cookie.same_site == SameSite::None || cookie.name.starts_with("__");
            let refused = (cookie.secure && !is_trustworthy(url))
                || (must_be_secure && !cookie.secure)
                || (cookie.name.starts_with("__Host-") && cookie.path != "/");
            if !gone && !refused {
                kept.push(cookie);
            }
        }
    }
}

impl std::fmt::Debug for Arrived {
    /// The words of the page only: the rest is not what a failed test is about.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let tags = Regex::new(r"(?s)<(?:script|style|head)\b.*?</(?:script|style|head)>|<[^>]+>|\s+").unwrap();
        let text = tags.replace_all(&self.html, " ");
        let words = text.split_whitespace().take(200).collect::<Vec<_>>().join(" ");
        write!(f, "{} {} (says {:?}): {words}", self.status, self.url, self.code())
    }
}

enum Step {
    To(Asked),
    Message(Form),
    Form,
    End,
}

/// What comes after a page. The account is used up by the first form of a host that may have it.
fn step(page: &Arrived, account: &mut Option<(&str, &str)>, may: &dyn Fn(&Origin) -> bool) -> Step {
    if let Some(url) = page.redirect() {
        return Step::To(Asked { method: Method::GET, url, fields: None });
    }
    let forms = page.forms();
    if let Some(form) = forms.iter().find(|form| form.has("SAMLResponse") || form.has("SAMLRequest")) {
        return Step::Message(form.clone());
    }
    // "Please log in again", and a question that a script would answer.
    let passing = |form: &&Form| {
        (["renewsession", "upgradesession"].iter().any(|word| form.action.path().contains(word))
            && !form.has("password"))
            || (form.has("xsrf") && form.has("logout"))
    };
    if let Some(form) = forms.iter().find(passing) {
        return Step::To(Asked { method: Method::POST, url: form.action.clone(), fields: Some(form.fields.clone()) });
    }
    if let Some(mut form) = forms.into_iter().find(|form| form.has("password")) {
        if !may(&page.url.origin()) {
            return Step::Form;
        }
        let Some((username, password)) = account.take() else { return Step::Form };
        let name = if form.has("user") { "user" } else { "username" };
        form.fill(name, username);
        form.fill("password", password);
        return Step::To(Asked { method: Method::POST, url: form.action, fields: Some(form.fields) });
    }
    page.refresh().map_or(Step::End, |url| Step::To(Asked { method: Method::GET, url, fields: None }))
}

impl Arrived {
    async fn read(response: Response) -> Self {
        let (status, url, headers) = (response.status(), response.url().clone(), response.headers().clone());
        Self { status, url, headers, html: response.text().await.unwrap() }
    }

    #[track_caller]
    pub fn assert_has(&self, text: &str) {
        assert!(self.html.contains(text), "'{text}' is not in {}", self.html);
    }

    /// Where a redirect leads.
    pub fn redirect(&self) -> Option<Url> {
        let location = self.headers.get(LOCATION).filter(|_| self.status.is_redirection())?;
        Some(self.url.join(location.to_str().unwrap()).unwrap())
    }

    /// The number that LemonLDAP gives to what it has to say.
    pub fn code(&self) -> Option<u32> {
        let found = Regex::new(r#"\btrmsg="(\d+)""#).unwrap().captures(&self.html)?;
        found[1].parse().ok()
    }

    /// Where it leads without anybody doing anything.
    pub fn refresh(&self) -> Option<Url> {
        let tag = Regex::new(r#"(?i)<meta\b[^>]*http-equiv="refresh"[^>]*>"#).unwrap();
        let target = Regex::new(r#"(?i)\bcontent="0;\s*url=([^"]+)""#).unwrap();
        let found = target.captures(tag.find(&self.html)?.as_str())?;
        self.url.join(unescaped(&found[1]).trim_matches('\'')).ok()
    }

    pub fn forms(&self) -> Vec<Form> {
        let html = self.headers.get(CONTENT_TYPE).is_some_and(|kind| kind.to_str().unwrap().starts_with("text/html"));
        if !html {
            return Vec::new();
        }
        let form = Regex::new(r"(?is)<form\b([^>]*)>(.*?)</form>").unwrap();
        let control = Regex::new(r"(?is)<(?:input|button)\b[^>]*>").unwrap();
        let of = |captures: &regex::Captures<'_>| {
            let action = attribute(&captures[1], "action").filter(|action| !["", "#"].contains(&action.as_str()));
            let action = action.map_or_else(|| Ok(self.url.clone()), |action| self.url.join(&action)).ok()?;
            let get = attribute(&captures[1], "method").is_none_or(|method| !method.eq_ignore_ascii_case("post"));
            let controls = control.find_iter(captures.get(2)?.as_str()).map(|found| found.as_str());
            let fields = controls.filter_map(|tag| {
                let ticked =
                    !["checkbox", "radio"].contains(&attribute(tag, "type")?.as_str()) || tag.contains(" checked");
                ticked.then(|| Some((attribute(tag, "name")?, attribute(tag, "value").unwrap_or_default())))?
            });
            let method = if get { Method::GET } else { Method::POST };
            Some(Form { method, action, fields: fields.collect() })
        };
        form.captures_iter(&self.html).filter_map(|captures| of(&captures)).collect()
    }
}

/// The value of an attribute of a tag.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let pattern = format!(r#"(?is)\s{name}\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))"#);
    let found = Regex::new(&pattern).unwrap().captures(tag)?;
    found.iter().skip(1).flatten().next().map(|value| unescaped(value.as_str()))
}

/// Text without the character references that attributes of forms have.
fn unescaped(text: &str) -> String {
    let reference = Regex::new(r"&(?:#x([0-9a-fA-F]+)|#([0-9]+)|([a-z]+));").unwrap();
    let read = |found: &regex::Captures<'_>| {
        let number = found.get(1).map(|hex| u32::from_str_radix(hex.as_str(), 16));
        let number = number.or_else(|| found.get(2).map(|decimal| decimal.as_str().parse()));
        let known = match found.get(3).map(|name| name.as_str()) {
            Some("amp") => Some('&'),
            Some("lt") => Some('<'),
            Some("gt") => Some('>'),
            Some("quot") => Some('"'),
            Some("apos") => Some('\''),
            _ => number.and_then(Result::ok).and_then(char::from_u32),
        };
        known.map_or_else(|| found[0].to_owned(), String::from)
    };
    reference.replace_all(text, read).into_owned()
}

fn host(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

/// What is one site for `SameSite`: the scheme and the host, whatever the port.
fn site(url: &Url) -> (String, String) {
    (url.scheme().to_owned(), host(url))
}

/// Whether browsers take it for safe: encrypted, or this machine.
fn is_trustworthy(url: &Url) -> bool {
    url.scheme() == "https" || ["localhost", "127.0.0.1", "[::1]"].contains(&host(url).as_str())
}
