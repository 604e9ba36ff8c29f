//! A page as a test reads it.

use reqwest::Response;
use reqwest::header::HeaderMap;

pub struct Page {
    pub headers: HeaderMap,
    pub html: String,
}

impl Page {
    pub async fn read(response: Response) -> Self {
        let headers = response.headers().clone();
        // What the page's script would say is not said yet.
        let unsaid =
            regex::Regex::new(r#" data-(?:e-[a-z-]+|unsent|slow|offline|online|summary|error)="[^"]*""#).unwrap();
        Self { headers, html: unsaid.replace_all(&response.text().await.unwrap(), "").into_owned() }
    }

    /// The value of the hidden control `name`.
    pub fn hidden(&self, name: &str) -> String {
        let pattern = format!(r#"<input type="hidden" name="{}" value="([^"]*)""#, regex::escape(name));
        let found = regex::Regex::new(&pattern).unwrap().captures(&self.html);
        found.unwrap_or_else(|| panic!("no hidden {name} in {}", self.html))[1].to_owned()
    }

    pub fn token(&self) -> String {
        self.hidden("form.token")
    }

    /// What stands for a file of the field `name` that is kept already.
    pub fn kept_file(&self, name: &str) -> String {
        let pattern = format!(r#"<input type="checkbox"[^>]* name="{}" value="([^"]+)" checked"#, regex::escape(name));
        regex::Regex::new(&pattern).unwrap().captures(&self.html).expect("a kept file")[1].to_owned()
    }

    /// Every link that begins with `start`.
    pub fn links(&self, start: &str) -> Vec<String> {
        let pattern = regex::Regex::new(&format!(r#"href="({}[^"]*)""#, regex::escape(start))).unwrap();
        pattern.captures_iter(&self.html).map(|found| found[1].to_owned()).collect()
    }

    pub fn first_link(&self, start: &str) -> String {
        self.links(start).into_iter().next().expect("a link")
    }

    #[track_caller]
    pub fn assert_has(&self, text: &str) {
        assert!(self.html.contains(text), "'{text}' is not in {}", self.html);
    }

    #[track_caller]
    pub fn assert_lacks(&self, text: &str) {
        assert!(!self.html.contains(text), "'{text}' is in {}", self.html);
    }
}
