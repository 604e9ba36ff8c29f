//! A site's owner publishes with `sealwax apply`, and is told what is wrong.

use std::path::Path;

use crate::support::{Installation, fresh_directory, said, sealwax};

const SHOP: &str = include_str!("fixtures/shop.toml");

fn apply(dir: &Path, toml: &str, more: &[&str]) -> (bool, String) {
    let file = dir.join("shop.toml");
    std::fs::write(&file, toml).unwrap();
    let mut arguments = vec!["apply", file.to_str().unwrap(), "--dir", dir.to_str().unwrap()];
    arguments.extend_from_slice(more);
    let output = sealwax(&arguments);
    (output.status.success(), said(&output).replace(&format!("{}/", dir.display()), ""))
}

#[test]
fn publishing_shows_versions_and_repeating_it_changes_nothing() {
    let dir = fresh_directory();
    let (good, text) = apply(&dir, SHOP, &["--dry-run"]);
    assert!(good && text.contains("form shop/contact: would become version 1"), "{text}");
    let (good, text) = apply(&dir, SHOP, &[]);
    assert!(good && text.contains("form shop/contact: published as version 1"), "{text}");
    let (good, text) = apply(&dir, SHOP, &[]);
    assert!(good && text.contains("form shop/contact: version 1 unchanged"), "{text}");
    let changed = SHOP.replace("Write to us", "Drop us a line");
    let (good, text) = apply(&dir, &changed, &["--dry-run"]);
    assert!(good && text.contains("~ title.en = \"Write to us\" -> \"Drop us a line\""), "{text}");
    let (_, text) = apply(&dir, &changed, &[]);
    assert!(
        text.contains("form shop/contact: published as version 2")
            && text.contains("form shop/survey: version 1 unchanged"),
        "{text}"
    );
    let (good, text) = apply(&dir, SHOP, &["--draft"]);
    assert!(good && text.contains("form shop/contact: draft saved"), "{text}");
    let (_, text) = apply(&dir, &changed, &["--dry-run"]);
    assert!(text.contains("form shop/contact: version 2 unchanged"), "{text}");
}

#[test]
fn what_does_not_publish_is_named_with_file_line_and_key_and_nothing_is_published() {
    let dir = fresh_directory();
    let line = |needle: &str| SHOP.lines().position(|line| line.contains(needle)).unwrap() + 1;
    let cases = [
        (
            SHOP.replacen("retention = ", "retentoin = ", 1),
            format!("shop.toml:{}: purposes.0.retentoin: unknown field", line("retention = \"P2Y\"")),
        ),
        (
            SHOP.replacen("\"P2Y\"", "\"two years\"", 1),
            format!("shop.toml:{}: purposes.0.retention: 'two years' is no retention period", line("P2Y")),
        ),
        (
            SHOP.replacen("fr = \"Oui, appelez-moi.\"", "", 1),
            "purposes.3.wording.fr: has no words in Français".to_owned(),
        ),
        (
            SHOP.replacen("required = true\npurpose = \"enquiry\"", "required = true", 1),
            "forms.0.fields.0.purpose: is missing; say what 'name' is asked for".to_owned(),
        ),
        (
            SHOP.replacen("category = \"personal\"\nautocomplete = \"email\"", "category = \"none\"", 1),
            "is none, but a email answer is personal data".to_owned(),
        ),
        (
            SHOP.replacen("{ purpose = \"calls\" }", "{ purpose = \"calls\", required = true }", 1),
            "forms.0.consents.2.reason: is missing; a required consent needs".to_owned(),
        ),
        (
            SHOP.replacen(", { purpose = \"calls\" }", "", 1),
            "rests on consent, but the form does not ask for it".to_owned(),
        ),
        (
            SHOP.replacen("pattern = \"[A-Z]{2}-[0-9]{6}\"", "pattern = '(?=x)'", 1),
            "is no regular expression of the kind without look-around".to_owned(),
        ),
        (
            SHOP.replacen("policy = \"privacy\"", "policy = \"privatsphaere\"", 1),
            "'privatsphaere' is no policy of site 'shop'".to_owned(),
        ),
        (
            SHOP.replacen("autocomplete = \"name\"", "autocomplete = \"nam\"", 1),
            "'nam' is no HTML autocomplete token".to_owned(),
        ),
        (SHOP.replacen("max_choices = 2", "max_choices = 9", 1), "takes 1 to 3, the number of choices".to_owned()),
        (
            SHOP.replacen("[\"en\", \"de\", \"fr\"]", "[\"en\", \"nl\"]", 1),
            format!("shop.toml:{}: sites.0.languages", line("languages")),
        ),
        (SHOP.replacen("type = \"phone\"", "type = \"fax\"", 1), "unknown variant `fax`".to_owned()),
        (
            format!(
                "{SHOP}\n[[sites]]\nslug = \"shop\"\nname = \"x\"\nlanguages = [\"en\"]\ncontroller = {{ name = \"n\", address = \"a\", email = \"e@x.example\" }}\n"
            ),
            "is given twice in this call".to_owned(),
        ),
    ];
    for (toml, expected) in cases {
        let (good, text) = apply(&dir, &toml, &[]);
        assert!(!good, "{expected}");
        assert!(text.contains(&expected), "'{expected}' is not in {text}");
    }
    let (_, text) = apply(&dir, SHOP, &["--dry-run"]);
    assert!(text.contains("form shop/contact: would become version 1"), "nothing was published before: {text}");
}

#[test]
fn what_is_out_there_keeps_fitting_together() {
    let dir = fresh_directory();
    assert!(apply(&dir, SHOP, &[]).0);
    // The site alone learns to speak no French: every text that is there in French stops fitting.
    let end = SHOP.find("[[policies]]").unwrap();
    let (good, text) = apply(&dir, &SHOP[..end].replace(", \"fr\"]", "]"), &[]);
    assert!(!good && text.contains("published form 'contact' of site 'shop'"), "{text}");
}

#[test]
fn doubts_are_told_and_do_not_stop_it() {
    let dir = fresh_directory();
    let pale = SHOP.replacen("[[policies]]", "[sites.branding]\naccent = \"#ffe066\"\n\n[[policies]]", 1);
    let (good, text) = apply(&dir, &pale, &[]);
    assert!(good && text.contains("warning: sites.0.branding.accent: #ffe066 has a contrast of 1."), "{text}");
}

#[test]
fn a_logo_is_taken_along_and_a_wrong_one_refused() {
    let dir = fresh_directory();
    let with_logo = SHOP.replacen("[[policies]]", "[sites.branding]\nlogo = \"logo.svg\"\n\n[[policies]]", 1);
    let (good, text) = apply(&dir, &with_logo, &[]);
    assert!(!good && text.contains("sites.0.branding.logo: 'logo.svg'"), "{text}");
    std::fs::write(dir.join("logo.svg"), "<html>").unwrap();
    let (good, text) = apply(&dir, &with_logo, &[]);
    assert!(!good && text.contains("is not an SVG, PNG, JPEG or WebP picture"), "{text}");
    std::fs::write(dir.join("logo.svg"), "<svg xmlns=\"http://www.w3.org/2000/svg\"/>").unwrap();
    assert!(apply(&dir, &with_logo, &[]).0);
}

#[test]
fn a_look_of_its_own_is_taken_along_and_what_would_load_something_refused() {
    let dir = fresh_directory();
    let look = "[sites.branding]\nheader_image = \"head.svg\"\nstylesheet = \"own.css\"\ndensity = \"compact\"\n\n[[policies]]";
    let toml = SHOP.replacen("[[policies]]", look, 1);
    std::fs::write(dir.join("head.svg"), "<svg xmlns=\"http://www.w3.org/2000/svg\"/>").unwrap();
    let (good, text) = apply(&dir, &toml, &[]);
    assert!(!good && text.contains("sites.0.branding.stylesheet: 'own.css'"), "{text}");
    std::fs::write(dir.join("own.css"), b"\xff").unwrap();
    let (good, text) = apply(&dir, &toml, &[]);
    assert!(!good && text.contains("is not text in UTF-8"), "{text}");
    std::fs::write(dir.join("own.css"), ".card { border: 0 }\n@import \"https://elsewhere.example/x.css\";").unwrap();
    let (good, text) = apply(&dir, &toml, &[]);
    assert!(!good && text.contains("line 2: @import is not taken"), "{text}");
    std::fs::write(dir.join("own.css"), ".card { background: u\\72l(//elsewhere.example/x) }").unwrap();
    let (good, text) = apply(&dir, &toml, &[]);
    assert!(!good && text.contains("line 1: url(…) loads something"), "{text}");
    std::fs::write(dir.join("own.css"), ".card { border: 0 }\n\n.consent { border: 0;\n  display: none }").unwrap();
    let (good, text) = apply(&dir, &toml, &[]);
    assert!(!good && text.contains("line 4: 'display' is not taken; colours, backgrounds"), "{text}");
    std::fs::write(dir.join("own.css"), ".card { border: 0 }").unwrap();
    let (good, text) = apply(&dir, &toml, &[]);
    assert!(good, "{text}");
}

on_both! {
    async fn a_sites_own_look_is_served_behind_the_built_in_one_and_with_forms_only(shop: Installation) {
        let look = "[sites.branding]\ndensity = \"compact\"\nstylesheet = \"own.css\"\n\n[[policies]]";
        let files: [(&str, &[u8]); 1] = [("own.css", b".card { border: 0 }")];
        let report = shop.publish_beside(&SHOP.replacen("[[policies]]", look, 1), &files).await;
        assert!(!report.is_refused(), "{report:?}", report = report.findings);
        let page = shop.form_page("/f/shop/contact").await;
        let [tokens, own] = &page.links("/brand/shop/")[..] else { panic!("two stylesheets") };
        let css = shop.get(tokens).send().await.unwrap().text().await.unwrap();
        assert!(css.contains("min-height:2.2rem") && !css.contains(".card { border: 0 }"), "{css}");
        assert!(own.ends_with("-own.css") && page.html.find(tokens.as_str()) < page.html.find(own.as_str()));
        let response = shop.get(own).send().await.unwrap();
        assert!(response.headers()["cache-control"].to_str().unwrap().contains("immutable"));
        let css = response.text().await.unwrap();
        let guard = css.strip_suffix(".card { border: 0 }").expect("its own rules stand last");
        assert!(guard.contains(".consents,.consents *{position:static!important;"), "{guard}");
        // A policy that was agreed to keeps its look.
        let policy = shop.get("/policies/shop/privacy/1").send().await.unwrap().text().await.unwrap();
        assert!(policy.contains(tokens.as_str()) && !policy.contains("-own.css"), "{policy}");
        let nothing = shop.get("/brand/shop/x-own.css").send().await.unwrap();
        assert_eq!(nothing.headers()["cache-control"], "no-cache");
        shop.stop().await;
    }

    async fn a_site_without_a_stylesheet_of_its_own_serves_none(shop: Installation) {
        let page = shop.form_page("/f/shop/contact").await;
        assert_eq!(page.links("/brand/shop/").len(), 1);
        assert_eq!(shop.get("/brand/shop/x-own.css").send().await.unwrap().status(), 404);
        shop.stop().await;
    }

    async fn stylesheets_and_drawings_are_compressed_and_photographs_are_not(shop: Installation) {
        let look = "[sites.branding]\nlogo = \"logo.svg\"\nheader_image = \"head.png\"\n\n[[policies]]";
        let drawing = format!("<svg xmlns=\"http://www.w3.org/2000/svg\">{}</svg>", "<path d=\"M0 0h9\"/>".repeat(99));
        let photograph = [&[0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a][..], &[0; 4000]].concat();
        let files: [(&str, &[u8]); 2] = [("logo.svg", drawing.as_bytes()), ("head.png", &photograph)];
        let report = shop.publish_beside(&SHOP.replacen("[[policies]]", look, 1), &files).await;
        assert!(!report.is_refused(), "{report:?}", report = report.findings);
        let page = shop.form_page("/f/shop/contact").await;
        let named = regex::Regex::new("\"(/brand/shop/[^\"]+)\"").unwrap();
        let urls: Vec<String> = named.captures_iter(&page.html).map(|found| found[1].to_owned()).collect();
        assert_eq!(urls.len(), 3, "{urls:?}");
        for url in &urls {
            // The second time it comes from memory, and is the same.
            for _ in 0..2 {
                let plain = shop.get(url).send().await.unwrap();
                assert!(!plain.headers().contains_key("content-encoding"), "{url}");
                let plain = plain.bytes().await.unwrap();
                let small = shop.get(url).header("accept-encoding", "br").send().await.unwrap();
                if url.rsplit_once('.').is_some_and(|(_, end)| end == "png") {
                    assert_eq!(small.headers()["content-type"], "image/png");
                    assert_eq!(plain, photograph);
                } else {
                    assert_eq!(small.headers()["content-encoding"], "br", "{url}");
                    assert_eq!(small.headers()["vary"], "Accept-Encoding", "{url}");
                    assert!(small.bytes().await.unwrap().len() < plain.len() / 2, "{url}");
                }
            }
        }
        let svg = shop.get(urls.iter().find(|url| url.rsplit_once('.').is_some_and(|(_, end)| end == "svg")).unwrap()).send().await.unwrap();
        assert!(svg.headers()["content-security-policy"].to_str().unwrap().ends_with("sandbox"));
        assert_eq!(shop.get(&format!("/brand/shop/{}.svg", "0".repeat(64))).send().await.unwrap().status(), 404);
        shop.stop().await;
    }

    async fn the_database_itself_refuses_to_change_what_is_published(shop: Installation) {
        use sea_orm::ConnectionTrait as _;
        let writer = shop.app.db.writer();
        for table in ["site_versions", "policy_versions", "purpose_versions", "form_versions"] {
            let statements = [
                format!("UPDATE {table} SET content = '{{}}'"),
                format!("UPDATE {table} SET number = number + 1"),
                format!("DELETE FROM {table}"),
            ];
            for sql in statements {
                let error = writer.execute_unprepared(&sql).await.expect_err(&sql).to_string();
                assert!(error.contains("never change"), "{sql}: {error}");
            }
        }
        if shop.app.db.is_sqlite() {
            let sql = "INSERT OR REPLACE INTO policy_versions SELECT id, owner_id, number, 'x', '{}', published_at FROM policy_versions";
            assert!(writer.execute_unprepared(sql).await.unwrap_err().to_string().contains("never change"));
        } else {
            assert!(writer.execute_unprepared("TRUNCATE form_versions CASCADE").await.unwrap_err().to_string().contains("never change"));
        }
        assert!(writer.execute_unprepared("UPDATE consent_events SET action = 'given'").await.is_ok(), "there are none yet");
        shop.send_json(&crate::support::contact_answers()).await;
        assert!(writer.execute_unprepared("UPDATE consent_events SET action = 'given'").await.is_err());
        shop.stop().await;
    }
}
