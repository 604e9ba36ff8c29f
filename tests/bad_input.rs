//! Bodies that are too large, broken, mistyped or wrongly encoded: each gets a clear error.

use reqwest::StatusCode;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

use crate::support::{Database, Installation, contact_answers};

const API: &str = "/api/v1/forms/shop/contact/submissions";

async fn refused(shop: &Installation, kind: &str, body: impl Into<reqwest::Body>, status: u16, problem: &str) -> Value {
    let response = shop.post(API).header(CONTENT_TYPE, kind).body(body).send().await.unwrap();
    assert_eq!(response.status().as_u16(), status, "{problem}");
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["type"], format!("urn:sealwax:problem:{problem}"), "{body}");
    assert!(body["detail"].as_str().unwrap().len() > 20, "{body}");
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_can_not_be_read_are_told_why() {
    let shop = Installation::start(Database::Sqlite).await;
    let json = "application/json";
    refused(&shop, "text/plain", "{}", 415, "wrong-media-type").await;
    refused(&shop, json, "{", 400, "malformed-body").await;
    refused(&shop, json, "[]", 400, "malformed-body").await;
    refused(&shop, json, "{} {}", 400, "malformed-body").await;
    refused(&shop, json, vec![b'{', b'"', 0xff, b'"', b'}'], 400, "wrong-encoding").await;
    refused(&shop, json, r#"{"answer":{}}"#, 400, "malformed-body").await;
    refused(&shop, json, r#"{"answers":[]}"#, 400, "malformed-body").await;
    refused(&shop, json, r#"{"lang":"nl"}"#, 400, "wrong-language").await;
    refused(&shop, json, r#"{"touchpoint":"Check Out!"}"#, 400, "wrong-touchpoint").await;
    refused(&shop, json, vec![b' '; 300 * 1024], 413, "too-large").await;
    let many: serde_json::Map<String, Value> = (0..300).map(|n| (format!("f{n}"), json!("x"))).collect();
    refused(&shop, json, json!({ "answers": many }).to_string(), 400, "too-many-fields").await;

    // The place is named; what stands there is not, because it may be somebody's answer.
    let body = refused(&shop, json, r#"{"consents":{"newsletter":"ana@post.example"}}"#, 400, "malformed-body").await;
    let detail = body["detail"].as_str().unwrap();
    assert!(detail.contains("line 1") && detail.contains("consents.newsletter"), "{detail}");
    assert!(!body.to_string().contains("ana@"), "{body}");

    // A deep tree is no way to bring the parser down.
    let deep = format!(r#"{{"answers":{{"name":{}1{}}}}}"#, "[".repeat(10_000), "]".repeat(10_000));
    refused(&shop, json, deep, 400, "malformed-body").await;
    assert_eq!(shop.count("submissions", "1 = 1").await, 0);
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn values_of_the_wrong_kind_are_errors_of_their_field() {
    let shop = Installation::start(Database::Sqlite).await;
    let cases = [
        ("name", json!({ "first": "Ana" }), "wrong-kind"),
        ("name", json!(["Ana", "Bob"]), "wrong-kind"),
        ("name", json!("a\u{0}b"), "characters"),
        ("name", json!("x".repeat(1001)), "too-long"),
        ("message", json!("x".repeat(2001)), "too-long"),
        ("email", json!(12), "wrong-kind"),
        ("phone", json!("12"), "phone"),
        ("interests", json!([1]), "wrong-kind"),
        ("topic", json!("other"), "required"),
    ];
    for (field, value, code) in cases {
        let mut body = contact_answers();
        body["answers"][field] = value;
        let response = shop.send_json(&body).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{field} {code}");
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["errors"][0]["code"], code, "{body}");
    }
    // Characters are counted, not bytes.
    let mut body = contact_answers();
    body["answers"]["message"] = "ž".repeat(2000).into();
    assert_eq!(shop.send_json(&body).await.status(), StatusCode::CREATED);
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_posts_that_can_not_be_read_are_told_why() {
    let shop = Installation::start(Database::Sqlite).await;
    let send =
        |kind: &'static str, body: Vec<u8>| shop.post("/f/shop/contact").header(CONTENT_TYPE, kind).body(body).send();
    let urlencoded = "application/x-www-form-urlencoded";
    assert_eq!(send("text/plain", b"name=Ana".to_vec()).await.unwrap().status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let cut = b"--x\r\ncontent-disposition: form-data; name=\"name\"\r\n\r\nAna".to_vec();
    assert_eq!(send("multipart/form-data; boundary=x", cut).await.unwrap().status(), StatusCode::BAD_REQUEST);
    assert_eq!(send("multipart/form-data", b"--x--".to_vec()).await.unwrap().status(), StatusCode::BAD_REQUEST);
    assert_eq!(send(urlencoded, b"name=%FF%FE".to_vec()).await.unwrap().status(), StatusCode::BAD_REQUEST);
    assert_eq!(send(urlencoded, vec![b'x'; 300 * 1024]).await.unwrap().status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(send(urlencoded, b"a=1&".repeat(300)).await.unwrap().status(), StatusCode::BAD_REQUEST);
    let nothing = send(urlencoded, Vec::new()).await.unwrap();
    assert_eq!(nothing.status(), StatusCode::BAD_REQUEST);
    assert!(nothing.text().await.unwrap().contains("<form"));
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_that_lead_nowhere_say_so() {
    let shop = Installation::start(Database::Sqlite).await;
    for path in [
        "/nowhere",
        "/f/shop/nothing",
        "/f/other/contact",
        "/policies/shop/privacy/99",
        "/policies/shop/nothing",
        "/brand/shop/x.png",
        "/static/nothing.js",
    ] {
        let response = shop.get(path).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(response.headers()["x-content-type-options"], "nosniff");
        assert_eq!(response.headers()["referrer-policy"], "same-origin");
        assert!(response.headers()["permissions-policy"].to_str().unwrap().contains("camera=()"));
        let policy = response.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        assert!(response.text().await.unwrap().contains("<h1>"), "{path}");
    }
    let api = shop.get("/api/v1/forms/shop/nothing").send().await.unwrap();
    assert_eq!(api.headers()[CONTENT_TYPE], "application/problem+json");
    let wrong = shop.client.delete(format!("{}/f/shop/contact", shop.url)).send().await.unwrap();
    assert_eq!(wrong.status(), StatusCode::METHOD_NOT_ALLOWED);
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_unpacked_before_it_is_known_how_much_it_is() {
    let shop = Installation::start(Database::Sqlite).await;
    // A few bytes of these are gigabytes.
    let bomb = sealwax::server::assets::compress(&vec![0; 4 * 1024 * 1024], 11).unwrap();
    assert!(bomb.len() < 1024);
    for path in ["/staff/login", "/staff/setup/x", "/f/shop/contact", API, "/me/x/withdraw", "/staff/auth/x/callback"] {
        for how in ["br", "gzip", "deflate", "zstd", "br, br", "x"] {
            let form = shop.post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
            let response = form.header("content-encoding", how).body(bomb.clone()).send().await.unwrap();
            assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "{path} {how}");
        }
    }
    let twice = shop.post("/staff/login").header("content-encoding", "identity").header("content-encoding", "br");
    let twice = twice.form(&[("username", "a")]).send().await.unwrap();
    assert_eq!(twice.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let plain = shop.post("/staff/login").header("content-encoding", "identity");
    let plain = plain.form(&[("username", "a"), ("password", "b")]).send().await.unwrap();
    assert_eq!(plain.status(), StatusCode::UNPROCESSABLE_ENTITY);
    shop.stop().await;
}
