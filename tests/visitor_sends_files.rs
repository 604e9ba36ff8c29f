//! A visitor sends files: sealed as they come, bounded in size, kind and number, and gone when
//! nothing comes of them.

use std::io::Write as _;
use std::net::TcpStream;

use reqwest::StatusCode;
use reqwest::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, COOKIE, RETRY_AFTER};
use reqwest::multipart::{Form, Part};
use time::Duration;

use crate::support::clamd::{Clamd, HARMFUL};
use crate::support::page::Page;
use crate::support::{Database, Installation, location};

const FORM: &str = r#"
[[forms]]
site = "shop"
slug = "files"
policy = "privacy"
title = { en = "Files", de = "Dateien", fr = "Fichiers" }
consents = [{ purpose = "newsletter" }]

[[forms.fields]]
name = "email"
type = "email"
required = true
purpose = "enquiry"
category = "personal"
label = { en = "E-mail", de = "E-Mail", fr = "E-mail" }

[[forms.fields]]
name = "papers"
type = "file"
purpose = "enquiry"
category = "personal"
accept = ["png", "pdf", "text"]
max_files = 3
max_bytes = 700000
label = { en = "Papers", de = "Papiere", fr = "Papiers" }

[[forms.fields]]
name = "portrait"
type = "file"
purpose = "newsletter"
category = "personal"
accept = ["png"]
label = { en = "Portrait", de = "Porträt", fr = "Portrait" }
"#;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR-the-secret-picture-";

async fn prepared(shop: &Installation) -> String {
    let report = shop.publish(FORM).await;
    assert!(!report.is_refused(), "{:?}", report.findings);
    shop.form_page("/f/shop/files").await.token()
}

fn file(name: &str, content: impl Into<Vec<u8>>) -> Part {
    Part::bytes(content.into()).file_name(name.to_owned())
}

fn filled(token: &str) -> Form {
    Form::new().text("form.token", token.to_owned()).text("form.lang", "en").text("email", "ana@post.example")
}

async fn send(shop: &Installation, form: Form) -> reqwest::Response {
    shop.post("/f/shop/files").multipart(form).send().await.unwrap()
}

/// Waits until nothing is left of what was begun.
async fn nothing_remains(shop: &Installation) {
    for _ in 0..100_000 {
        if shop.count("uploads", "1 = 1").await == 0 && shop.count("upload_pieces", "1 = 1").await == 0 {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("files remain");
}

on_both! {
    async fn files_are_sealed_and_come_out_as_they_went_in(shop: Installation) {
        let token = prepared(&shop).await;
        let long: Vec<u8> = "Grüße aus dem Archiv. ".bytes().cycle().take(600_000).collect();
        let form = filled(&token)
            .part("papers", file("../../etc/pic\u{202e}gnp.PNG", PNG))
            .part("papers", file("notes.txt", long.clone()))
            .part("portrait", file("me.png", PNG));
        let sent = send(&shop, form).await;
        assert_eq!(sent.status(), StatusCode::SEE_OTHER, "{}", sent.text().await.unwrap());

        // The portrait belongs to a consent that was not given.
        assert_eq!(shop.count("uploads", "submission_id IS NOT NULL").await, 2);
        assert_eq!(shop.count("uploads", "submission_id IS NULL").await, 0);
        let pieces = shop.blobs("SELECT sealed FROM upload_pieces ORDER BY upload_id, number").await;
        assert!(pieces.len() >= 3, "a long file is kept in pieces");
        for piece in &pieces {
            assert!(!piece.windows(10).any(|window| window == b"the-secret" || window == b"dem Archiv"));
        }

        let admin = shop.admin().await;
        let inbox = shop.staff_page(&admin, "/staff/inbox").await;
        let page = shop.staff_page(&admin, &inbox.first_link("/staff/submissions/")).await;
        page.assert_has("picgnp.PNG");
        page.assert_has("586 KB");
        page.assert_lacks("me.png");
        let links = page.links("/staff/submissions/").into_iter().filter(|link| link.contains("/files/")).collect::<Vec<_>>();
        assert_eq!(links.len(), 2);
        let mut contents = Vec::new();
        for link in &links {
            let got = shop.get(link).header(COOKIE, &admin).send().await.unwrap();
            assert_eq!(got.status(), StatusCode::OK);
            assert!(got.headers()[CONTENT_DISPOSITION].to_str().unwrap().starts_with("attachment;"));
            assert!(got.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap().contains("sandbox"));
            contents.push((got.headers()[CONTENT_TYPE].to_str().unwrap().to_owned(), got.bytes().await.unwrap().to_vec()));
        }
        assert!(contents.contains(&("image/png".to_owned(), PNG.to_vec())));
        assert!(contents.contains(&("text/plain".to_owned(), long)));
        assert_eq!(shop.count("ledger_entries", "kind = 'file-opened'").await, 2);

        // A file that was changed in the database does not come out whole.
        shop.execute("UPDATE upload_pieces SET sealed = substr(sealed, 1, 150) WHERE number = 0").await;
        for link in &links {
            let got = shop.get(link).header(COOKIE, &admin).send().await.unwrap();
            assert!(got.bytes().await.is_err(), "a damaged file ends with an error");
        }
        let stranger = shop.get(&links[0]).send().await.unwrap();
        assert_ne!(stranger.status(), StatusCode::OK);
        shop.stop().await;
    }

    async fn what_does_not_fit_is_named_and_not_kept(shop: Installation) {
        let token = prepared(&shop).await;
        let cases: Vec<(Vec<Part>, &str)> = vec![
            (vec![file("empty.png", Vec::new())], "This file is empty"),
            (vec![file("long.txt", vec![b'a'; 700_001])], "a file of at most 684 KB"),
            (vec![file("fake.pdf", PNG)], "one of these types: png, pdf, text"),
            (vec![file("program.txt", b"MZ\x90\0\x03".to_vec())], "one of these types"),
            (vec![file("page.html", "<html>")], "one of these types"),
            ((0..4).map(|_| file("a.png", PNG)).collect(), "no more than 3 files"),
        ];
        for (files, message) in cases {
            let form = files.into_iter().fold(filled(&token), |form, part| form.part("papers", part));
            let sent = send(&shop, form).await;
            assert_eq!(sent.status(), StatusCode::UNPROCESSABLE_ENTITY, "{message}");
            let page = Page::read(sent).await;
            page.assert_has(message);
            assert_eq!(page.hidden("form.token"), token);
        }
        // Exactly the limit fits, and a name that promises an archive within an archive is only a name.
        let fits = filled(&token).part("papers", file("42.zip.zip.txt", vec![b'a'; 700_000]));
        assert_eq!(send(&shop, fits).await.status(), StatusCode::SEE_OTHER);
        // Left alone, a file input is sent empty and without a name.
        let page = shop.form_page("/f/shop/files").await;
        let none = filled(&page.token()).part("papers", file("", Vec::new()));
        assert_eq!(send(&shop, none).await.status(), StatusCode::SEE_OTHER);
        assert_eq!(shop.count("submissions", "1 = 1").await, 2);
        shop.stop().await;
    }

    async fn a_file_survives_an_error_elsewhere(shop: Installation) {
        let token = prepared(&shop).await;
        let form = Form::new().text("form.token", token.clone()).text("email", "wrong").part("papers", file("a.png", PNG));
        let sent = send(&shop, form).await;
        assert_eq!(sent.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = Page::read(sent).await;
        page.assert_has("a.png");
        let kept = page.kept_file("papers");
        assert_eq!(shop.count("uploads", "submission_id IS NULL").await, 1);

        // It counts for this form only, and only as it was signed.
        let forged = format!("{}x", &kept[..kept.len() - 1]);
        let other = filled(&token).text("papers", forged);
        assert_eq!(send(&shop, other).await.status(), StatusCode::SEE_OTHER);
        assert_eq!(shop.count("uploads", "submission_id IS NOT NULL").await, 0);

        let again = shop.form_page("/f/shop/files").await.token();
        assert_eq!(send(&shop, filled(&again).text("papers", kept.clone())).await.status(), StatusCode::SEE_OTHER);
        assert_eq!(shop.count("uploads", "submission_id IS NOT NULL").await, 1);
        // A file belongs to one submission.
        let third = shop.form_page("/f/shop/files").await.token();
        let sent = send(&shop, filled(&third).text("papers", kept)).await;
        assert_eq!(sent.status(), StatusCode::UNPROCESSABLE_ENTITY);
        Page::read(sent).await.assert_has("could not be kept just now");
        shop.stop().await;
    }

    async fn the_same_request_twice_stores_once_and_keeps_one_file(shop: Installation) {
        let token = prepared(&shop).await;
        let form = || filled(&token).part("papers", file("a.png", PNG));
        let first = send(&shop, form()).await;
        let second = send(&shop, form()).await;
        assert_eq!(location(&first), location(&second));
        assert_eq!(shop.count("submissions", "1 = 1").await, 1);
        assert_eq!(shop.count("uploads", "submission_id IS NOT NULL").await, 1);
        for _ in 0..100_000 {
            if shop.count("uploads", "1 = 1").await == 1 { break; }
            tokio::task::yield_now().await;
        }
        assert_eq!(shop.count("uploads", "1 = 1").await, 1);
        shop.stop().await;
    }

    async fn files_behind_no_valid_token_are_not_taken(shop: Installation) {
        prepared(&shop).await;
        let sent = send(&shop, filled("forged").part("papers", file("a.png", PNG))).await;
        assert_eq!(sent.status(), StatusCode::BAD_REQUEST);
        assert_eq!(shop.count("uploads", "1 = 1").await, 0);
        shop.stop().await;
    }

    async fn what_nobody_takes_is_erased(shop: Installation) {
        let token = prepared(&shop).await;
        let form = Form::new().text("form.token", token).text("email", "wrong").part("papers", file("a.png", PNG));
        send(&shop, form).await;
        let sweep = |hours| {
            let before = shop.app.ambient.now() + Duration::hours(hours) - sealwax::submissions::uploads::waits(&shop.app);
            sealwax::submissions::uploads::sweep(&shop.app.db, before)
        };
        assert_eq!(sweep(1).await.unwrap(), 0);
        assert_eq!(sweep(3).await.unwrap(), 1);
        nothing_remains(&shop).await;
        shop.stop().await;
    }

    async fn a_connection_that_is_cut_leaves_nothing(shop: Installation) {
        let token = prepared(&shop).await;
        let address = shop.url.strip_prefix("http://").unwrap().to_owned();
        let head = format!(
            "--x\r\ncontent-disposition: form-data; name=\"form.token\"\r\n\r\n{token}\r\n\
             --x\r\ncontent-disposition: form-data; name=\"papers\"; filename=\"a.txt\"\r\n\r\n"
        );
        let request = format!(
            "POST /f/shop/files HTTP/1.1\r\nhost: {address}\r\ncontent-type: multipart/form-data; boundary=x\r\ncontent-length: {}\r\n\r\n{head}",
            head.len() + 650_000
        );
        let mut connection = TcpStream::connect(&address).unwrap();
        connection.write_all(request.as_bytes()).unwrap();
        connection.write_all(&vec![b'a'; 600_000]).unwrap();
        for _ in 0..100_000 {
            if shop.count("upload_pieces", "1 = 1").await > 0 { break; }
            tokio::task::yield_now().await;
        }
        assert!(shop.count("upload_pieces", "1 = 1").await > 0, "half of the file is there, sealed");
        drop(connection);
        nothing_remains(&shop).await;
        assert_eq!(shop.count("submissions", "1 = 1").await, 0);
        shop.stop().await;
    }
}

fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_at_once_take_little_memory_and_one_more_is_asked_to_wait() {
    let shop =
        Installation::start_with(Database::Sqlite, "[limits]\nuploads_at_once = 20\nuploads_at_once_by_address = 20\n")
            .await;
    let big = FORM.replace("max_bytes = 700000", "max_bytes = 20000000");
    assert!(!shop.publish(&big).await.is_refused());
    let token = shop.form_page("/f/shop/files").await.token();
    let address = shop.url.strip_prefix("http://").unwrap().to_owned();
    let before = resident_kib();
    let head = format!(
        "--x\r\ncontent-disposition: form-data; name=\"form.token\"\r\n\r\n{token}\r\n\
         --x\r\ncontent-disposition: form-data; name=\"papers\"; filename=\"a.txt\"\r\n\r\n"
    );
    let senders: Vec<_> = (0..20)
        .map(|_| {
            let (address, head) = (address.clone(), head.clone());
            std::thread::spawn(move || {
                let mut connection = TcpStream::connect(&address).unwrap();
                let request = format!(
                    "POST /f/shop/files HTTP/1.1\r\nhost: {address}\r\ncontent-type: multipart/form-data; boundary=x\r\ncontent-length: {}\r\n\r\n{head}",
                    head.len() + 10_000_000
                );
                connection.write_all(request.as_bytes()).unwrap();
                let piece = vec![b'a'; 64 * 1024];
                for _ in 0..120 {
                    connection.write_all(&piece).unwrap();
                }
                connection
            })
        })
        .collect();
    let connections: Vec<TcpStream> = senders.into_iter().map(|sender| sender.join().unwrap()).collect();
    for _ in 0..1_000_000 {
        if shop.app.limits.uploading() == 20 {
            break;
        }
        tokio::task::yield_now().await;
    }
    let refused = send(&shop, filled(&token).part("papers", file("a.png", PNG))).await;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(refused.headers().contains_key(RETRY_AFTER));
    // 150 MB went in; what is held is about a piece for each.
    let grown = resident_kib() - before;
    assert!(grown < 80 * 1024, "{grown} KiB more");
    drop(connections);
    nothing_remains(&shop).await;
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_scanner_finds_harmful_or_cannot_look_at_is_not_kept() {
    let clamd = Clamd::start().await;
    let settings = format!("[scan]\nclamd = \"{}\"\n", clamd.socket.display());
    let shop = Installation::start_with(Database::Sqlite, &settings).await;
    let report = shop.publish(&FORM.replace("700000", "3000000")).await;
    assert!(!report.is_refused(), "{:?}", report.findings);
    let token = shop.form_page("/f/shop/files").await.token();
    let long = |middle: &[u8]| [b"plain text\n".repeat(9000).as_slice(), middle, b"\nmore text"].concat();

    let refused = send(&shop, filled(&token).part("papers", file("a.txt", long(HARMFUL)))).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    Page::read(refused).await.assert_has("harmful");
    nothing_remains(&shop).await;
    // Larger than the scanner takes.
    let unknown = send(&shop, filled(&token).part("papers", file("a.txt", b"text ".repeat(400_000)))).await;
    assert_eq!(unknown.status(), StatusCode::UNPROCESSABLE_ENTITY);
    Page::read(unknown).await.assert_has("could not be kept");
    nothing_remains(&shop).await;
    let taken = send(&shop, filled(&token).part("papers", file("a.txt", long(b"harmless")))).await;
    assert_eq!(taken.status(), StatusCode::SEE_OTHER);
    assert_eq!(shop.count("uploads", "submission_id IS NOT NULL").await, 1);

    drop(clamd);
    let token = shop.form_page("/f/shop/files").await.token();
    let away = send(&shop, filled(&token).part("papers", file("a.txt", long(b"harmless")))).await;
    assert_eq!(away.status(), StatusCode::UNPROCESSABLE_ENTITY);
    Page::read(away).await.assert_has("could not be kept");
    assert_eq!(shop.count("submissions", "1 = 1").await, 1);
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_say_nothing_keep_nobody_from_sending_files() {
    let settings = "[limits]\nuploads_at_once = 2\nuploads_at_once_by_address = 1\n";
    let shop = Installation::start_with(Database::Sqlite, settings).await;
    let token = prepared(&shop).await;
    let address = shop.url.strip_prefix("http://").unwrap().to_owned();
    let open = |body: &str| {
        let mut connection = TcpStream::connect(&address).unwrap();
        let head = format!(
            "POST /f/shop/files HTTP/1.1\r\nhost: {address}\r\ncontent-type: multipart/form-data; boundary=x\r\ncontent-length: 90000\r\n\r\n{body}"
        );
        connection.write_all(head.as_bytes()).unwrap();
        connection
    };
    let file_head = "--x\r\ncontent-disposition: form-data; name=\"papers\"; filename=\"a.txt\"\r\n\r\ntext";
    // Neither a head alone, nor a file without a token, takes a place.
    let silent: Vec<TcpStream> = (0..6).map(|i| open(if i % 2 == 0 { "" } else { file_head })).collect();
    let png = || file("a.png", PNG);
    assert_eq!(send(&shop, filled(&token).part("papers", png())).await.status(), StatusCode::SEE_OTHER);
    // One who sends a file has one place, not all of them.
    let token = shop.form_page("/f/shop/files").await.token();
    let control = format!("--x\r\ncontent-disposition: form-data; name=\"form.token\"\r\n\r\n{token}\r\n");
    let busy = open(&format!("{control}{file_head}{}", "a".repeat(9000)));
    while shop.app.limits.uploading() == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(send(&shop, filled(&token).part("papers", png())).await.status(), StatusCode::SERVICE_UNAVAILABLE);
    drop((silent, busy));
    nothing_remains_waiting(&shop).await;
    while shop.app.limits.uploading() > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(send(&shop, filled(&token).part("papers", png())).await.status(), StatusCode::SEE_OTHER);
    shop.stop().await;
}

async fn nothing_remains_waiting(shop: &Installation) {
    while shop.count("uploads", "submission_id IS NULL").await > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_wait_give_way_and_what_stands_for_them_fits_one_question() {
    let settings = "[limits]\nwaiting_upload_bytes = 1048576\n";
    let shop = Installation::start_with(Database::Sqlite, settings).await;
    let token = prepared(&shop).await;
    let lacking = |part: Part| Form::new().text("form.token", token.clone()).text("email", "").part("papers", part);
    let kept = |page: &Page| page.kept_file("papers");
    let text = |byte: u8| file("a.txt", vec![byte; 600_000]);
    let first = Page::read(send(&shop, lacking(file("a.png", PNG))).await).await;
    for byte in [b'a', b'b', b'c', b'd'] {
        assert_eq!(send(&shop, lacking(text(byte))).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }
    let waiting = shop.count("uploads", "submission_id IS NULL").await;
    assert!((1..=3).contains(&waiting), "{waiting} files wait");
    // The picture was the oldest, so it has to be chosen again.
    let gone = send(&shop, filled(&token).text("papers", kept(&first))).await;
    assert_eq!(gone.status(), StatusCode::UNPROCESSABLE_ENTITY);
    Page::read(gone).await.assert_has("choose it again");

    let again = Page::read(send(&shop, lacking(file("a.png", PNG))).await).await;
    // Named twice it is one file; for another question it is none.
    let form = filled(&token).text("papers", kept(&again)).text("papers", kept(&again)).text("portrait", kept(&again));
    assert_eq!(send(&shop, form.text("consent.newsletter", "yes")).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(shop.count("uploads", "submission_id IS NOT NULL").await, 1);
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_files_than_a_question_takes_are_not_even_kept() {
    let shop = Installation::start(Database::Sqlite).await;
    let token = prepared(&shop).await;
    let mut form = filled(&token);
    for number in 0..20 {
        form = form.part("papers", file(&format!("{number}.png"), PNG));
    }
    let refused = send(&shop, form).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(shop.count("uploads", "1 = 1").await <= 3);
    shop.stop().await;
}
