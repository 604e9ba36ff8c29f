//! The hot path without a server: check, decide and seal; open.
#![expect(clippy::expect_used, reason = "a measurement that can not begin has failed")]

use criterion::{Criterion, criterion_group, criterion_main};
use sealwax::ambient::Ambient;
use sealwax::crypto::{Identity, Secrets, open, seal};
use sealwax::forms::catalog::FormEntry;
use sealwax::forms::publishing::Document;
use sealwax::forms::{Published, Sent, SentValue, Shown, Version};
use sealwax::sites::{Lang, VersionRef};
use sealwax::submissions::{Incoming, Method, accept};
use serde_json::{Value, json};
use std::hint::black_box;
use std::sync::Arc;
use uuid::Uuid;

fn version(ambient: &Ambient) -> VersionRef {
    VersionRef {
        id: ambient.new_id(),
        owner: ambient.new_id(),
        number: 1,
        sha256: String::new(),
        published_at: ambient.now(),
    }
}

/// The test shop's contact form as a visitor is shown it.
fn entry(ambient: &Ambient, identity: &Identity) -> FormEntry {
    let document: Document = toml::from_str(include_str!("../tests/fixtures/shop.toml")).expect("the fixture parses");
    let purposes =
        document.purposes.into_iter().map(|definition| Arc::new(Version { version: version(ambient), definition }));
    let take = |version: VersionRef| Arc::new(Published::new(version, document.forms[0].clone()));
    let shown = Shown {
        site: Arc::new(Version { version: version(ambient), definition: document.sites[0].clone() }),
        form: take(version(ambient)),
        policy: Arc::new(Version { version: version(ambient), definition: document.policies[0].clone() }),
        purposes: purposes.collect(),
    };
    FormEntry {
        site_id: Uuid::nil(),
        form_id: Uuid::nil(),
        shown,
        inbox_key: Uuid::nil(),
        recipients: Arc::new([identity.recipient()]),
    }
}

fn answers() -> Sent {
    let values = json!({
        "name": "Ana Kovačević", "email": "ana.kovacevic@post.example", "phone": "030 23125 456", "topic": "order",
        "interests": ["ink", "paper"], "message": "Where is my purple ink? ".repeat(20),
    });
    let Value::Object(map) = values else { unreachable!() };
    map.into_iter().map(|(name, value)| (name, SentValue::from(value))).collect()
}

fn hot_path(c: &mut Criterion) {
    let ambient = Ambient::system();
    let identity = Identity::generate();
    let entry = entry(&ambient, &identity);
    let secrets = Secrets::derive(&[7; 32]);
    let sent = answers();
    c.bench_function("check", |b| b.iter(|| entry.shown.form.check(black_box(&sent), entry.shown.country()).is_ok()));

    let incoming = Incoming {
        shown: entry.shown.clone(),
        method: Method::Api,
        lang: Lang::En,
        touchpoint: None,
        sent: sent.clone(),
        consents: [("newsletter".to_owned(), true), ("research".to_owned(), true)].into(),
        evidence: sealwax::submissions::spam::Evidence::default(),
        content: None,
        admitted: None,
        visitor: None,
        idempotency: None,
    };
    c.bench_function("accept: check, decide, seal two parts", |b| {
        b.iter(|| accept(&entry, black_box(&incoming), &ambient, &secrets, time::Duration::ZERO).is_ok());
    });

    let plaintext = vec![b'x'; 1024];
    let recipients = [identity.recipient()];
    c.bench_function("seal 1 KiB", |b| b.iter(|| seal(&recipients, black_box(&plaintext)).expect("seals")));
    let sealed = seal(&recipients, &plaintext).expect("seals");
    c.bench_function("open 1 KiB", |b| b.iter(|| open(&identity, black_box(&sealed)).expect("opens")));
}

criterion_group!(benches, hot_path);
criterion_main!(benches);
