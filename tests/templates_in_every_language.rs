//! Every template with sample contexts in every language: whole, labelled, and without a hole.

use std::collections::BTreeSet;

use askama::Template;
use regex::Regex;
use sealwax::forms::embedding::{EmbedPage, MenuItem, OriginCheck, Snippet};
use sealwax::forms::view as form;
use sealwax::people::pages::{ConsentLine, PersonPage, PurposeLine};
use sealwax::policies::pages as policy;
use sealwax::server::html::{Look, Surroundings};
use sealwax::server::problem::{Face, ProblemPage};
use sealwax::sites::Lang;
use sealwax::staff::Frame;
use sealwax::staff::accounts::{AccountLine, AccountPage, AccountsPage, SessionView};
use sealwax::staff::auth::OnwardPage;
use sealwax::staff::factors::totp::invitation;
use sealwax::staff::factors::{pages as own, second};
use sealwax::staff::logout::LoggedOutPage;
use sealwax::staff::pages::{ConfirmPage, LoginPage, Way};
use sealwax::staff::providers_page::{ProviderLine, ProvidersPage};
use sealwax::staff::setup_page::SetupPage;
use sealwax::submissions::door::DoorPage;
use sealwax::submissions::links::{LinkLine, LinksPage};
use sealwax::submissions::sign_in::{PasswordView, SignInPage};
use sealwax::submissions::spam::Suspicion;
use sealwax::submissions::{inbox, pages as sent};
use sealwax::words::{Tongue, Words};

const AWKWARD: &str = "<b>\"O'Brien\" & Söhne</b>";

fn look(logo: bool) -> Look {
    let asset = |name: &str| logo.then(|| format!("/brand/shop/{name}.svg"));
    Look {
        site_name: AWKWARD.to_owned(),
        stylesheet: "/brand/shop/x.css".to_owned(),
        own_stylesheet: logo.then(|| "/brand/shop/x-own.css".to_owned()),
        logo: asset("a"),
        logo_dark: asset("b"),
        banner: asset("c"),
    }
}

fn languages(current: Lang) -> Vec<form::LanguageLink> {
    let link = |one: Lang| form::LanguageLink {
        tag: one.tag(),
        name: one.own_name(),
        url: format!("?lang={one}"),
        current: one == current,
    };
    Lang::ALL.map(link).into()
}

fn policy_link() -> form::PolicyLink {
    form::PolicyLink {
        title: AWKWARD.to_owned(),
        named: AWKWARD.to_owned(),
        url: "/policies/shop/privacy/2".to_owned(),
        effective: "1 May".to_owned(),
    }
}

/// What the view hands to templates as markup is escaped already.
fn escaped() -> String {
    askama::filters::escape(AWKWARD, askama::filters::Html).unwrap().to_string()
}

fn field(kind: &'static str, wrong: bool) -> form::FieldView {
    let id = format!("f-{kind}");
    let choice = |n: usize| form::ChoiceView {
        id: format!("{id}--{n}"),
        value: n.to_string(),
        label: AWKWARD.to_owned(),
        checked: n == 1,
        image: (n == 2).then(|| "/brand/shop/x.png".to_owned()),
        when: (n == 3).then(|| "{\"field\":\"a\"}".to_owned()),
        note: (n == 3).then(|| AWKWARD.to_owned()),
    };
    let grouped = ["single_choice", "multiple_choice", "yes_no", "rating", "nps", "country"].contains(&kind);
    let error = wrong.then(|| AWKWARD.to_owned());
    let parts: &[&str] = match kind {
        "address" => &["street", "country"],
        "matrix" | "ranking" => &["a", "b"],
        _ => &[],
    };
    let row = |part: &&str| {
        let id = format!("f-{kind}---{part}");
        let choices = (1..=2).map(|n| form::ChoiceView {
            id: format!("{id}--{n}"),
            value: n.to_string(),
            label: AWKWARD.to_owned(),
            checked: n == 1,
            image: None,
            when: None,
            note: None,
        });
        form::FieldView {
            name: format!("{kind}.{part}"),
            kind: if *part == "country" { "country" } else { "short_text" },
            label: AWKWARD.to_owned(),
            choices: choices.collect(),
            words: vec![("required", AWKWARD.to_owned())],
            described_by: if wrong && kind != "ranking" { format!("{id}-error") } else { String::new() },
            error: error.clone().filter(|_| kind != "ranking"),
            value: AWKWARD.to_owned(),
            id,
            ..form::FieldView::default()
        }
    };
    form::FieldView {
        name: kind.to_owned(),
        kind,
        label: escaped(),
        hint: Some(AWKWARD.to_owned()),
        required: wrong,
        autocomplete: Some("off".to_owned()),
        value: AWKWARD.to_owned(),
        input_type: "text",
        input_mode: Some("decimal"),
        limits: vec![("data-most", "200".to_owned())],
        words: vec![("required", AWKWARD.to_owned())],
        counted: (kind == "long_text").then_some(200),
        described_by: if wrong { format!("{id}-note {id}-hint {id}-error") } else { format!("{id}-note {id}-hint") },
        choices: if grouped { (1..=3).map(choice).collect() } else { Vec::new() },
        other: kind.ends_with("choice").then(|| form::OtherView {
            id: format!("{id}--4"),
            text_id: format!("{id}---other"),
            name: format!("{kind}.other"),
            value: AWKWARD.to_owned(),
            checked: true,
            error: error.clone(),
        }),
        rows: parts.iter().map(row).collect(),
        when: Some("{\"field\":\"a\"}".to_owned()),
        note: Some(AWKWARD.to_owned()),
        accept: ".pdf".to_owned(),
        multiple: wrong,
        files: if wrong && kind == "file" { vec![("kept".to_owned(), AWKWARD.to_owned())] } else { Vec::new() },
        error,
        id,
    }
}

fn form_page(lang: Lang, wrong: bool) -> form::FormPage {
    let kinds = [
        "short_text",
        "long_text",
        "email",
        "phone",
        "number",
        "date",
        "time",
        "url",
        "single_choice",
        "multiple_choice",
        "yes_no",
        "rating",
        "nps",
        "ranking",
        "matrix",
        "country",
        "address",
        "confirmation",
        "file",
        "statement",
        "section",
    ];
    let page = |number: usize, kinds: &[&'static str]| form::PageView {
        number,
        title: if number == 1 { String::new() } else { escaped() },
        intro: Some(AWKWARD.to_owned()),
        when: wrong.then(|| "{}".to_owned()),
        note: wrong.then(|| AWKWARD.to_owned()),
        fields: kinds.iter().map(|kind| field(kind, wrong)).collect(),
    };
    let consent = |n: usize| form::ConsentView {
        id: format!("f-consent-{n}"),
        name: format!("consent.{n}"),
        title: AWKWARD.to_owned(),
        wording: AWKWARD.to_owned(),
        reason: (n == 1).then(|| AWKWARD.to_owned()),
        required: n == 1,
        checked: false,
        error: (wrong && n == 1).then(|| AWKWARD.to_owned()),
    };
    form::FormPage {
        t: Tongue::new(lang),
        look: look(!wrong),
        around: Surroundings {
            embed: wrong,
            hosts: wrong.then(|| "https://shop.example".to_owned()),
            theme: wrong.then_some("dark"),
        },
        title: AWKWARD.to_owned(),
        intro: Some(AWKWARD.to_owned()),
        action: "/f/shop/contact".to_owned(),
        token: "token".to_owned(),
        touchpoint: wrong.then(|| "checkout".to_owned()),
        redirect: wrong.then(|| AWKWARD.to_owned()),
        notice: wrong.then(|| AWKWARD.to_owned()),
        errors: if wrong {
            vec![form::ErrorLink { id: "f-email".to_owned(), label: AWKWARD.to_owned(), message: AWKWARD.to_owned() }]
        } else {
            Vec::new()
        },
        visitor: wrong.then(|| form::VisitorView {
            name: AWKWARD.to_owned(),
            provider: AWKWARD.to_owned(),
            lines: vec![(AWKWARD.to_owned(), AWKWARD.to_owned())],
            other: "/f/shop/contact?lang=en".to_owned(),
        }),
        minutes: wrong.then(|| AWKWARD.to_owned()),
        takes_files: wrong,
        upload_bytes: 52_428_800,
        pages: vec![page(1, &kinds[..8]), page(2, &kinds[8..])],
        flows: wrong,
        page_of: AWKWARD.to_owned(),
        special: wrong,
        hidden: vec![("campaign".to_owned(), AWKWARD.to_owned())],
        consents: (1..=2).map(consent).collect(),
        some_required: true,
        purposes: vec![form::PurposeView {
            title: AWKWARD.to_owned(),
            description: AWKWARD.to_owned(),
            fields: vec![AWKWARD.to_owned(), "b".to_owned()],
            legal_basis: AWKWARD.to_owned(),
            retention: AWKWARD.to_owned(),
        }],
        policy: policy_link(),
        controller: AWKWARD.to_owned(),
        submit: AWKWARD.to_owned(),
        languages: languages(lang),
    }
}

fn policy_page(lang: Lang, is_current: bool) -> policy::PolicyPage {
    let version = |number: i32| policy::VersionLink {
        number,
        effective: AWKWARD.to_owned(),
        url: format!("/policies/shop/privacy/{number}"),
        shown: number == 1,
    };
    policy::PolicyPage {
        t: Tongue::new(lang),
        look: look(true),
        around: Surroundings::default(),
        title: AWKWARD.to_owned(),
        html: "<h2>Who</h2><p>We.</p>".to_owned(),
        number: 1,
        is_current,
        current_url: "/policies/shop/privacy".to_owned(),
        effective: AWKWARD.to_owned(),
        sha256: "00".repeat(32),
        versions: vec![version(2), version(1)],
        languages: languages(lang),
    }
}

fn frame(lang: Lang) -> Frame {
    Frame { t: Tongue::new(lang), name: AWKWARD.to_owned(), csrf: "csrf".to_owned(), edits: true, admin: true }
}

fn providers_page(lang: Lang, full: bool) -> ProvidersPage {
    let line = |kind: &'static str, state| ProviderLine {
        label: AWKWARD.to_owned(),
        id: kind.to_owned(),
        kind,
        state,
        last_success: full.then(|| AWKWARD.to_owned()),
        last_failure: full.then(|| (AWKWARD.to_owned(), Some(AWKWARD.to_owned()), AWKWARD.to_owned())),
        certificate: full.then(|| AWKWARD.to_owned()),
        ends_soon: full,
    };
    let kinds = [("local", "good"), ("ldap", "bad"), ("saml", "unknown"), ("cas", "good"), ("oidc", "bad")];
    let lines = kinds.into_iter().map(|(kind, state)| line(kind, state)).collect();
    ProvidersPage { frame: frame(lang), t: Tongue::new(lang), lines }
}

fn account_line(full: bool) -> AccountLine {
    AccountLine {
        url: "/staff/accounts/x".to_owned(),
        name: AWKWARD.to_owned(),
        login: AWKWARD.to_owned(),
        provider: AWKWARD.to_owned(),
        roles: if full { vec![AWKWARD.to_owned()] } else { Vec::new() },
        last: full.then(|| AWKWARD.to_owned()),
        disabled: full,
    }
}

fn accounts_page(lang: Lang, full: bool) -> AccountsPage {
    let later = full.then(|| "/staff/accounts?after=x".to_owned());
    AccountsPage { frame: frame(lang), t: Tongue::new(lang), lines: vec![account_line(full)], later }
}

fn account_page(lang: Lang, full: bool) -> AccountPage {
    let session = |own| SessionView { id: format!("{own}"), began: AWKWARD.to_owned(), seen: AWKWARD.to_owned(), own };
    AccountPage {
        frame: frame(lang),
        t: Tongue::new(lang),
        url: "/staff/accounts/x".to_owned(),
        line: account_line(full),
        grants: full.then(|| vec![("admin::".to_owned(), AWKWARD.to_owned())]),
        roles: vec![("admin", AWKWARD.to_owned())],
        places: vec![(String::new(), AWKWARD.to_owned())],
        sessions: if full { vec![session(true), session(false)] } else { Vec::new() },
        own: !full,
        error: full.then(|| AWKWARD.to_owned()),
    }
}

fn inbox_page(lang: Lang, empty: bool) -> inbox::InboxPage {
    let choice =
        |value: &str| inbox::Choice { value: value.to_owned(), label: AWKWARD.to_owned(), selected: value == "new" };
    let line = |status: &str| inbox::Line {
        url: "/staff/submissions/x".to_owned(),
        reference: "7K3MA-Q9PX2".to_owned(),
        form: AWKWARD.to_owned(),
        site: AWKWARD.to_owned(),
        received: AWKWARD.to_owned(),
        received_iso: "2026-11-23T12:00:00Z".to_owned(),
        status: status.to_owned(),
        status_label: AWKWARD.to_owned(),
        sender: if status == "new" { String::new() } else { AWKWARD.to_owned() },
    };
    inbox::InboxPage {
        frame: frame(lang),
        t: Tongue::new(lang),
        forms: vec![choice("shop/contact")],
        statuses: vec![choice("new"), choice("done")],
        reference: AWKWARD.to_owned(),
        reference_wrong: empty,
        filtered: empty,
        lines: if empty { Vec::new() } else { vec![line("new"), line("done")] },
        older: (!empty).then(|| "/staff/inbox?before=x".to_owned()),
        newest: (!empty).then(|| "/staff/inbox".to_owned()),
    }
}

fn submission_page(lang: Lang, bare: bool) -> inbox::SubmissionPage {
    let answer = |lines: &[&str]| inbox::AnswerView {
        label: AWKWARD.to_owned(),
        empty: lines.is_empty(),
        lines: lines.iter().map(|&line| line.to_owned()).collect(),
        link: (lines.len() == 1).then(|| "mailto:ana@post.example".to_owned()),
        files: if lines.len() == 2 {
            vec![(AWKWARD.to_owned(), "2 KB".to_owned(), "/staff/submissions/x/files/y".to_owned())]
        } else {
            Vec::new()
        },
        verified: (lines.len() == 1).then(|| AWKWARD.to_owned()),
    };
    let part = inbox::PartView {
        title: AWKWARD.to_owned(),
        slug: "enquiry".to_owned(),
        legal_basis: AWKWARD.to_owned(),
        expires: Some(AWKWARD.to_owned()),
        answers: vec![answer(&[]), answer(&[AWKWARD]), answer(&["a", "b"])],
        unopenable: true,
        export: Some("/staff/submissions/x/parts/enquiry.age".to_owned()),
    };
    let consent = |given: bool| inbox::ConsentView {
        title: AWKWARD.to_owned(),
        wording: AWKWARD.to_owned(),
        action: if given { "given" } else { "refused" },
        when: AWKWARD.to_owned(),
        version: 1,
        withheld: if given { Vec::new() } else { vec![AWKWARD.to_owned()] },
    };
    inbox::SubmissionPage {
        frame: frame(lang),
        t: Tongue::new(lang),
        base: "/staff/submissions/x".to_owned(),
        reference: "7K3MA-Q9PX2".to_owned(),
        form: AWKWARD.to_owned(),
        form_version: 1,
        site: AWKWARD.to_owned(),
        received: AWKWARD.to_owned(),
        lang: AWKWARD.to_owned(),
        touchpoint: "website".to_owned(),
        method: AWKWARD.to_owned(),
        unknown_fields: i32::from(!bare),
        suspicions: if bare { Vec::new() } else { vec![AWKWARD.to_owned(), AWKWARD.to_owned()] },
        statuses: Vec::new(),
        parts: if bare { Vec::new() } else { vec![part] },
        consents: if bare { Vec::new() } else { vec![consent(true), consent(false)] },
        policy: policy_link(),
        history: vec![inbox::HistoryView {
            what: AWKWARD.to_owned(),
            who: AWKWARD.to_owned(),
            when: AWKWARD.to_owned(),
        }],
    }
}

fn embed_page(lang: Lang, allowed: bool) -> EmbedPage {
    let item = |value: &str| MenuItem { value: value.to_owned(), label: AWKWARD.to_owned(), selected: value == "a" };
    EmbedPage {
        frame: frame(lang),
        t: Tongue::new(lang),
        chosen: "shop/contact".to_owned(),
        forms: vec![item("a"), item("b")],
        modes: vec![item("a")],
        languages: vec![item("a")],
        themes: vec![item("a")],
        snippets: ["script", "element", "pinned", "frame", "markup"]
            .map(|name| Snippet { name, code: AWKWARD.to_owned(), missing: allowed.then(|| AWKWARD.to_owned()) })
            .into(),
        policy: AWKWARD.to_owned(),
        origins: if allowed { vec![AWKWARD.to_owned()] } else { Vec::new() },
        asked: AWKWARD.to_owned(),
        asked_wrong: !allowed,
        check: Some(OriginCheck { origin: AWKWARD.to_owned(), allowed, line: AWKWARD.to_owned() }),
        home: "https://forms.example".to_owned(),
        preview: vec![("form", "shop/contact".to_owned())],
        title: AWKWARD.to_owned(),
    }
}

fn done_page(lang: Lang, full: bool) -> sent::DonePage {
    sent::DonePage {
        t: Tongue::new(lang),
        look: look(full),
        around: Surroundings { embed: full, ..Surroundings::default() },
        title: AWKWARD.to_owned(),
        thank_you: full.then(|| AWKWARD.to_owned()),
        reference: full.then(|| "7K3MA-Q9PX2".to_owned()),
        gift: full.then(|| sent::Gift {
            text: AWKWARD.to_owned(),
            code: Some(AWKWARD.to_owned()),
            missing: true,
            later: true,
        }),
        mine: full.then(|| ("/f/shop/contact/mine".to_owned(), AWKWARD.to_owned(), AWKWARD.to_owned())),
        redirect: full.then(|| "https://shop.example/".to_owned()),
        again: full.then(|| "/f/shop/contact".to_owned()),
        controller: AWKWARD.to_owned(),
        contact: "privacy@shop.example".to_owned(),
        policy: policy_link(),
    }
}

fn person_page(lang: Lang, full: bool) -> PersonPage {
    let line = |action: Option<&'static str>, n: usize| PurposeLine {
        slug: format!("purpose-{n}"),
        purpose: form::PurposeView {
            title: AWKWARD.to_owned(),
            description: AWKWARD.to_owned(),
            fields: vec![AWKWARD.to_owned(), "b".to_owned()],
            legal_basis: AWKWARD.to_owned(),
            retention: AWKWARD.to_owned(),
        },
        kept: n != 2,
        restricted: n == 3,
        until: (n == 0).then(|| AWKWARD.to_owned()),
        consent: action.map(|action| ConsentLine { action, date: AWKWARD.to_owned(), wording: AWKWARD.to_owned() }),
        withdraw: (action == Some("given")).then_some(if n == 1 { "erase" } else { "restrict" }),
    };
    let lines = [None, Some("given"), Some("refused"), Some("withdrawn"), Some("given")];
    PersonPage {
        t: Tongue::new(lang),
        look: look(full),
        around: Surroundings::default(),
        languages: languages(lang),
        base: "/me/x".to_owned(),
        controller: AWKWARD.to_owned(),
        contact: "privacy@shop.example".to_owned(),
        form: AWKWARD.to_owned(),
        reference: "7K3MA-Q9PX2".to_owned(),
        sent: AWKWARD.to_owned(),
        ends: AWKWARD.to_owned(),
        withdrawn: full,
        lines: lines.into_iter().enumerate().map(|(n, action)| line(action, n)).collect(),
        policy: policy_link(),
    }
}

fn door_page(lang: Lang, mailed: bool) -> DoorPage {
    DoorPage {
        t: Tongue::new(lang),
        look: look(mailed),
        around: Surroundings { embed: mailed, ..Surroundings::default() },
        title: AWKWARD.to_owned(),
        action: "/f/shop/contact?lang=en".to_owned(),
        languages: languages(lang),
        why: AWKWARD.to_owned(),
        policy: policy_link(),
        label: AWKWARD.to_owned(),
        hint: (!mailed).then(|| AWKWARD.to_owned()),
        button: AWKWARD.to_owned(),
        control: "form.code",
        asks_address: !mailed,
        carried: vec![("form.address", AWKWARD.to_owned())],
        mailed: mailed.then(|| AWKWARD.to_owned()),
        value: AWKWARD.to_owned(),
        trouble: mailed.then(|| AWKWARD.to_owned()),
    }
}

fn sign_in_page(lang: Lang, framed: bool) -> SignInPage {
    let way = |n: usize| PasswordView {
        id: format!("way-{n}"),
        label: AWKWARD.to_owned(),
        username: AWKWARD.to_owned(),
        wrong: n == 1,
    };
    SignInPage {
        t: Tongue::new(lang),
        look: look(framed),
        around: Surroundings { embed: framed, ..Surroundings::default() },
        title: AWKWARD.to_owned(),
        languages: languages(lang),
        why: AWKWARD.to_owned(),
        policy: policy_link(),
        action: "/f/shop/contact?lang=en".to_owned(),
        own_page: framed.then(|| "/f/shop/contact?lang=en".to_owned()),
        carried: vec![("form.lang", AWKWARD.to_owned())],
        elsewhere: vec![(AWKWARD.to_owned(), "/f/shop/contact/sign-in/oidc?lang=en".to_owned())],
        anew: !framed,
        here: vec![way(1), way(2)],
        trouble: (!framed).then(|| AWKWARD.to_owned()),
    }
}

fn links_page(lang: Lang, full: bool) -> LinksPage {
    let line = |state, url: bool| LinkLine {
        name: url.then(|| AWKWARD.to_owned()),
        state,
        since: (!url).then(|| AWKWARD.to_owned()),
        url: url.then(|| AWKWARD.to_owned()),
    };
    LinksPage {
        frame: frame(lang),
        t: Tongue::new(lang),
        form: "shop/contact".to_owned(),
        title: AWKWARD.to_owned(),
        by_invitation: full,
        fresh: if full { vec![line("waiting", true)] } else { Vec::new() },
        lines: if full {
            ["waiting", "opened", "answered", "expired"].map(|state| line(state, state == "opened")).into()
        } else {
            Vec::new()
        },
        older: full.then(|| "/staff/links?form=shop/contact&before=x".to_owned()),
        typed: AWKWARD.to_owned(),
        error: full.then(|| AWKWARD.to_owned()),
        codes_left: full.then(|| "3".to_owned()),
    }
}

fn own_account_page(lang: Lang, full: bool) -> own::AccountPage {
    let line = |kind: &str, used: bool| own::FactorLine {
        id: kind.to_owned(),
        label: AWKWARD.to_owned(),
        kind: kind.to_owned(),
        added: AWKWARD.to_owned(),
        used: used.then(|| AWKWARD.to_owned()),
    };
    own::AccountPage {
        frame: frame(lang),
        t: Tongue::new(lang),
        username: full.then(|| AWKWARD.to_owned()),
        done: full.then(|| AWKWARD.to_owned()),
        error: full.then(|| AWKWARD.to_owned()),
        missing: full,
        factors: if full { vec![line("totp", true), line("passkey", false)] } else { Vec::new() },
        room: full,
        no_passkeys_at: full.then(|| AWKWARD.to_owned()),
        codes_left: 2,
        few_codes: full,
    }
}

fn second_page(lang: Lang, full: bool) -> second::SecondPage {
    let error = full.then(|| AWKWARD.to_owned());
    let t = Tongue::new(lang);
    let asked = second::Asked { csrf: "x".to_owned(), app: true, passkey: true, recovery: true };
    second::SecondPage { t, error, asked: full.then_some(asked) }
}

/// The pages on which somebody changes their own account.
fn own_pages(lang: Lang, full: bool) -> Vec<(&'static str, String)> {
    let t = Tongue::new(lang);
    let error = full.then(|| AWKWARD.to_owned());
    let totp = own::TotpPage {
        frame: frame(lang),
        t,
        invitation: invitation(&[7; 20], AWKWARD, AWKWARD).unwrap(),
        label: AWKWARD.to_owned(),
        error: error.clone(),
    };
    let passkey = own::PasskeyPage { frame: frame(lang), t, label: AWKWARD.to_owned(), error: error.clone() };
    let codes = own::CodesPage { frame: frame(lang), t, first: full, codes: vec!["ABCD-EFGH".to_owned()] };
    let password = own::PasswordPage {
        frame: frame(lang),
        t,
        username: AWKWARD.to_owned(),
        shortest: "12".to_owned(),
        error: error.map(|error| ("password", error)),
    };
    vec![
        ("own account", own_account_page(lang, full).render().unwrap()),
        ("second", second_page(lang, full).render().unwrap()),
        ("totp", totp.render().unwrap()),
        ("passkey", passkey.render().unwrap()),
        ("codes", codes.render().unwrap()),
        ("password", password.render().unwrap()),
    ]
}

#[test]
fn every_page_is_whole() {
    for lang in Lang::ALL {
        let t = Tongue::new(lang);
        let mut pages: Vec<(&str, String)> = Vec::new();
        for state in [false, true] {
            let error = state.then(|| AWKWARD.to_owned());
            let login = LoginPage {
                t,
                username: AWKWARD.to_owned(),
                next: "/staff/inbox".to_owned(),
                error: error.clone(),
                provider: (!state).then(|| "directory".to_owned()),
                label: state.then(|| AWKWARD.to_owned()),
                elsewhere: if state {
                    vec![Way { label: AWKWARD.to_owned(), path: "/staff/auth/x/login".to_owned(), anew: state }]
                } else {
                    Vec::new()
                },
                others: if state {
                    vec![(AWKWARD.to_owned(), "/staff/login?provider=local".to_owned())]
                } else {
                    Vec::new()
                },
            };
            let onward = OnwardPage {
                t,
                url: "https://id.example/in".to_owned(),
                fields: state.then(|| vec![(AWKWARD.to_owned(), AWKWARD.to_owned())]),
                words: if state { "onward-logout" } else { "onward-sign-in" },
                provider: AWKWARD.to_owned(),
            };
            pages.push(("onward", onward.render().unwrap()));
            pages.push(("logged out", LoggedOutPage { t }.render().unwrap()));
            let confirm = ConfirmPage {
                t,
                frame: frame(lang),
                next: "/staff/inbox".to_owned(),
                elsewhere: state.then(|| "/staff/auth/x/confirm".to_owned()),
                provider: AWKWARD.to_owned(),
                error: error.clone(),
            };
            pages.push(("confirm", confirm.render().unwrap()));
            pages.push(("providers", providers_page(lang, state).render().unwrap()));
            pages.push(("accounts", accounts_page(lang, state).render().unwrap()));
            pages.push(("account", account_page(lang, state).render().unwrap()));
            let setup = SetupPage {
                t,
                first: state,
                username: AWKWARD.to_owned(),
                name: AWKWARD.to_owned(),
                error,
                shortest: "12".to_owned(),
            };
            let problem = ProblemPage {
                t,
                title: AWKWARD.to_owned(),
                detail: AWKWARD.to_owned(),
                status: 404,
                staff: state,
                around: Surroundings::default(),
                face: state.then(|| Face {
                    around: Surroundings::default(),
                    look: look(state),
                    contact: AWKWARD.to_owned(),
                    again: Some(AWKWARD.to_owned()),
                }),
            };
            pages.push(("form", form_page(lang, state).render().unwrap()));
            pages.push(("policy", policy_page(lang, state).render().unwrap()));
            pages.push(("door", door_page(lang, state).render().unwrap()));
            pages.push(("sign-in", sign_in_page(lang, state).render().unwrap()));
            pages.push(("links", links_page(lang, state).render().unwrap()));
            pages.push(("done", done_page(lang, state).render().unwrap()));
            pages.push(("person", person_page(lang, state).render().unwrap()));
            pages.push(("embed", embed_page(lang, state).render().unwrap()));
            pages.push(("inbox", inbox_page(lang, state).render().unwrap()));
            pages.push(("submission", submission_page(lang, state).render().unwrap()));
            pages.push(("login", login.render().unwrap()));
            pages.push(("setup", setup.render().unwrap()));
            pages.push(("problem", problem.render().unwrap()));
            pages.extend(own_pages(lang, state));
        }
        for (name, html) in pages {
            check(&format!("{name} in {lang}"), lang, &html);
        }
    }
}

fn found<'a>(html: &'a str, pattern: &str) -> Vec<&'a str> {
    Regex::new(pattern).unwrap().captures_iter(html).map(|found| found.get(1).unwrap().as_str()).collect()
}

fn check(name: &str, lang: Lang, html: &str) {
    assert!(html.contains(&format!("<html lang=\"{lang}\" dir=\"{}\"", lang.dir())), "{name}: no language");
    assert_eq!(html.matches("<h1").count(), 1, "{name}: one main heading");
    assert!(!found(html, "<title>([^<]+)</title>").is_empty(), "{name}: no title");
    assert!(!html.contains("<b>"), "{name}: words are not escaped");
    assert!(
        !html.contains(" style=") && !html.contains("<style") && !html.contains(" onclick="),
        "{name}: inline style or script"
    );
    let ids = found(html, " id=\"([^\"]+)\"");
    let unique: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), unique.len(), "{name}: an id stands twice");
    for reference in found(html, " (?:for|aria-describedby|aria-labelledby)=\"([^\"]+)\"") {
        for id in reference.split_whitespace() {
            assert!(unique.contains(id), "{name}: {id} leads nowhere");
        }
    }
    let labelled: BTreeSet<&str> = found(html, "<label for=\"([^\"]+)\"").into_iter().collect();
    for control in
        found(html, "<(?:input type=\"(?:text|email|password|search|radio|checkbox)\"|select|textarea) id=\"([^\"]+)\"")
    {
        assert!(labelled.contains(control), "{name}: {control} has no label");
    }
}

#[test]
fn every_problem_status_and_code_has_words() {
    let source = include_str!("../src/server/problem.rs");
    let kinds = found(source, r#"(?:new\([^"]{0,60}|busy\()"([a-z-]+)""#);
    assert!(kinds.len() > 25, "the reading of problems is broken: {kinds:?}");
    let codes = found(include_str!("../src/forms/check.rs"), r#"=> "([a-z-]+)","#);
    let mut keys: Vec<String> = codes.iter().map(|code| format!("error-{code}")).collect();
    for kind in kinds.iter().filter(|kind| !["login-required", "factor-required", "confirm-required"].contains(kind)) {
        keys.extend([format!("problem-{kind}-title"), format!("problem-{kind}-detail")]);
    }
    for basis in ["consent", "contract", "legal-obligation", "vital-interests", "public-task", "legitimate-interests"] {
        keys.push(format!("legal-basis-{basis}"));
    }
    keys.extend(Suspicion::ALL.map(|reason| format!("suspicion-{}", reason.name())));
    keys.extend(["new", "open", "done", "spam"].map(|status| format!("status-{status}")));
    keys.extend(["totp", "passkey"].map(|kind| format!("factor-kind-{kind}")));
    keys.extend(["password", "removed", "late"].map(|done| format!("account-done-{done}")));
    keys.extend(["username", "taken", "length", "guessable", "repeated"].map(|wrong| format!("setup-error-{wrong}")));
    for lang in Lang::ALL {
        for key in &keys {
            assert_ne!(&Words::shared().text(lang, key), key, "{key} has no words in {lang}");
        }
    }
}
