//! The receipt of consents, in JSON-LD by the terms of the W3C's Data Privacy Vocabulary (w3id.org/dpv) for ISO/IEC TS
//! 27560:2023, with what proves it: it can be read and checked without this installation.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use crate::consents::Action;
use crate::crypto::{hex, sha256};
use crate::forms::Shown;
use crate::forms::view::purpose_views;
use crate::ledger::moment;
use crate::ledger::proof::{Proofs, Unproved};
use crate::policies::purposes::LegalBasis;
use crate::sites::Lang;
use crate::submissions::store::{EventRow, SubmissionRow};

/// What a receipt looks like, as JSON Schema (2020-12).
pub const SCHEMA: &str = include_str!("../../docs/receipt.schema.json");
/// What the receipt says of its own kind.
const KIND: &str = "dpv:ConsentReceipt";
/// GDPR Art. 7(3), 15, 16, 17, 18, 20, 21 and 77, by their names in the vocabulary.
const RIGHTS: [&str; 8] = ["A7-3", "A15", "A16", "A17", "A18", "A20", "A21", "A77"];

const fn legal_basis(basis: LegalBasis) -> &'static str {
    match basis {
        LegalBasis::Consent => "dpv:Consent",
        LegalBasis::Contract => "dpv:Contract",
        LegalBasis::LegalObligation => "dpv:LegalObligation",
        LegalBasis::VitalInterests => "dpv:VitalInterest",
        LegalBasis::PublicTask => "dpv:PublicInterest",
        LegalBasis::LegitimateInterests => "dpv:LegitimateInterest",
    }
}

const fn status(action: Action) -> &'static str {
    match action {
        Action::Given => "dpv:ConsentGiven",
        Action::Refused => "dpv:ConsentRefused",
        Action::Withdrawn => "dpv:ConsentWithdrawn",
    }
}

/// Puts a receipt together: what was asked and said, and what came of it since, in the language in which the form was sent.
pub fn receipt(
    row: &SubmissionRow,
    shown: &Shown,
    events: &[EventRow],
    proofs: Option<&Proofs>,
    public_url: &str,
    lang: Lang,
    now: OffsetDateTime,
) -> Value {
    let controller = &shown.site.definition.controller;
    let policy = &shown.policy;
    let views = purpose_views(shown, lang);
    let processes = shown.purposes.iter().zip(views).map(|(purpose, view)| {
        let definition = &purpose.definition;
        let consents =
            events.iter().filter(|event| event.purpose_version_id == purpose.version.id).filter_map(|event| {
                let wording = definition.wording.as_ref()?.get(lang);
                Some(json!({
                    "@id": format!("urn:uuid:{}", event.id),
                    "@type": "dpv:Consent",
                    "dpv:hasConsentStatus": { "@id": status(Action::named(&event.action)?) },
                    "dpv:isIndicatedAtTime": moment(event.occurred_at),
                    "sealwax:wording": wording,
                    "sealwax:wordingSha256": hex(&sha256(wording.as_bytes())),
                }))
            });
        json!({
            "@type": "dpv:Process",
            "dct:identifier": definition.slug,
            "dpv:hasPurpose": {
                "@id": format!("urn:uuid:{}", purpose.version.id),
                "@type": "dpv:Purpose",
                "dct:title": view.title,
                "dct:description": view.description,
                "dct:hasVersion": purpose.version.number.to_string(),
                "sealwax:sha256": purpose.version.sha256,
            },
            "dpv:hasLegalBasis": { "@id": legal_basis(definition.legal_basis) },
            "dpv:hasPersonalData": view.fields,
            "dpv:hasStorageCondition": { "@type": "dpv:StorageCondition", "dpv:hasDuration": definition.retention },
            "dpv:hasConsent": consents.collect::<Vec<_>>(),
        })
    });
    let mut receipt = json!({
        "@context": {
            "dpv": "https://w3id.org/dpv#",
            "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
            "dct": "http://purl.org/dc/terms/",
            "sealwax": "urn:sealwax:receipt:1:",
        },
        "@id": format!("urn:uuid:{}", row.id),
        "@type": KIND,
        "dct:conformsTo": "ISO/IEC TS 27560:2023",
        "dct:identifier": row.reference,
        "dct:created": moment(row.received_at),
        "dct:issued": moment(now),
        "dct:language": lang.tag(),
        "dpv:hasDataController": {
            "@type": "dpv:DataController",
            "dpv:hasName": controller.name,
            "dpv:hasAddress": controller.address,
            "dpv:hasContact": controller.email,
        },
        "dpv:hasNotice": {
            "@id": format!(
                "{public_url}/policies/{}/{}/{}",
                policy.definition.site, policy.definition.slug, policy.version.number
            ),
            "@type": "dpv:PrivacyNotice",
            "dct:title": policy.definition.title.get(lang),
            "dct:hasVersion": policy.version.number.to_string(),
            "dct:valid": policy.definition.effective,
            "sealwax:sha256": policy.version.sha256,
        },
        "sealwax:form": {
            "dct:title": shown.form.definition.title.get(lang),
            "dct:hasVersion": shown.form.version.number.to_string(),
            "sealwax:sha256": shown.form.version.sha256,
        },
        "dpv:hasRight": RIGHTS.map(|article| json!({ "@id": format!("eu-gdpr:{article}"), "dpv:hasContact": controller.email })),
        "dpv:hasProcess": processes.collect::<Vec<_>>(),
    });
    if let (Some(map), Some(proofs)) = (receipt.as_object_mut(), proofs) {
        map.insert("sealwax:proofs".to_owned(), json!(proofs));
    }
    if let (Some(map), Some(officer)) = (receipt.as_object_mut(), &controller.data_protection_officer) {
        let officer = json!({ "@type": "dpv:DataProtectionOfficer", "dpv:hasContact": officer });
        map.insert("dpv:hasDataProtectionOfficer".to_owned(), officer);
    }
    receipt
}

/// Why a receipt proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// It is no receipt.
    #[error("this is no receipt: {0}")]
    NoReceipt(String),
    /// Its entries were not in the tree yet.
    #[error("it carries no proofs: it was downloaded before its entries had their place; download it once more")]
    Early,
    /// The proofs are not whole.
    #[error(transparent)]
    Unproved(#[from] Unproved),
    /// What it says is not what its entries say.
    #[error("what it says of consent {id} is not what was recorded: {what} differs")]
    Differs {
        /// The consent event.
        id: String,
        /// Which part.
        what: &'static str,
    },
}

/// One consent that is proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proved {
    /// The purpose's title.
    pub purpose: String,
    /// `given`, `refused` or `withdrawn`.
    pub action: String,
    /// When.
    pub at: String,
    /// The exact words.
    pub wording: String,
}

/// What a receipt proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The log that signed.
    pub origin: String,
    /// How many entries the log had.
    pub size: u64,
    /// The consents, in the receipt's order.
    pub consents: Vec<Proved>,
}

/// As an entry of the ledger tells a consent.
#[derive(Deserialize)]
struct Entry {
    id: String,
    at: String,
    action: String,
    wording: String,
    submission: String,
    purpose: Named,
    policy: Named,
    form: Named,
}

#[derive(Deserialize)]
struct Named {
    id: String,
    sha256: String,
}

/// Checks a receipt, without asking anybody: the head's signature (with `verifier`, or with the key that the receipt
/// brings), each entry against the head, and each consent against its entry.
pub fn verify(text: &[u8], verifier: Option<&str>) -> Result<Verdict, Invalid> {
    let value: Value = serde_json::from_slice(text).map_err(|error| Invalid::NoReceipt(error.to_string()))?;
    let missing = |what: &str| Invalid::NoReceipt(format!("{what} is missing"));
    let map = value.as_object().filter(|map| map.get("@type").and_then(Value::as_str) == Some(KIND));
    let map = map.ok_or_else(|| missing(KIND))?;
    let proofs = map.get("sealwax:proofs").ok_or(Invalid::Early)?;
    let proofs: Proofs =
        serde_json::from_value(proofs.clone()).map_err(|error| Invalid::NoReceipt(error.to_string()))?;
    let (origin, size) = proofs.check(verifier)?;
    let mut entries = HashMap::new();
    for proof in &proofs.entries {
        let entry: Entry = serde_json::from_str(&proof.entry).map_err(|error| Invalid::NoReceipt(error.to_string()))?;
        entries.insert(format!("urn:uuid:{}", entry.id), entry);
    }
    let text = |value: &Value, path: &[&str]| -> String {
        let found = path.iter().try_fold(value, |value, key| value.get(key));
        found.and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let list = |map: &Map<String, Value>, key: &str| map.get(key).and_then(Value::as_array).cloned();
    let mut consents = Vec::new();
    for process in list(map, "dpv:hasProcess").ok_or_else(|| missing("dpv:hasProcess"))? {
        let Some(each) = process.as_object().and_then(|map| list(map, "dpv:hasConsent")) else { continue };
        for consent in each {
            let id = text(&consent, &["@id"]);
            let differs = |what| Invalid::Differs { id: id.clone(), what };
            let entry = entries.remove(&id).ok_or_else(|| differs("the entry"))?;
            let wording = text(&consent, &["sealwax:wording"]);
            let action = Action::named(&entry.action).ok_or_else(|| differs("the action"))?;
            let pairs = [
                ("the status", text(&consent, &["dpv:hasConsentStatus", "@id"]), status(action).to_owned()),
                ("the time", text(&consent, &["dpv:isIndicatedAtTime"]), entry.at.clone()),
                ("the wording", hex(&sha256(wording.as_bytes())), entry.wording.clone()),
                ("the wording's hash", text(&consent, &["sealwax:wordingSha256"]), entry.wording),
                ("the purpose", text(&process, &["dpv:hasPurpose", "@id"]), format!("urn:uuid:{}", entry.purpose.id)),
                ("the purpose's hash", text(&process, &["dpv:hasPurpose", "sealwax:sha256"]), entry.purpose.sha256),
                ("the notice", text(&value, &["dpv:hasNotice", "sealwax:sha256"]), entry.policy.sha256),
                ("the form", text(&value, &["sealwax:form", "sealwax:sha256"]), entry.form.sha256),
                ("the submission", text(&value, &["@id"]), format!("urn:uuid:{}", entry.submission)),
            ];
            if let Some((what, ..)) = pairs.iter().find(|(_, said, recorded)| said != recorded) {
                return Err(differs(what));
            }
            consents.push(Proved {
                purpose: text(&process, &["dpv:hasPurpose", "dct:title"]),
                action: entry.action,
                at: entry.at,
                wording,
            });
        }
    }
    // Nothing that was recorded is left out.
    match entries.keys().next() {
        Some(id) => Err(Invalid::Differs { id: id.clone(), what: "the consent, which it leaves out," }),
        None => Ok(Verdict { origin, size, consents }),
    }
}
