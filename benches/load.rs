//! A load run over loopback: the release program and, interleaved with it, a bare actix-web handler
//! that seals as much and inserts as many rows. Prints a Markdown table.
//!
//! Bounded: ROUNDS × REQUESTS requests to each, then one paced run. Without arguments it starts
//! everything itself; with `bare DIR` it is the bare handler.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use actix_web::{App, HttpResponse, HttpServer, web};
use sealwax::ambient::Ambient;
use sealwax::crypto::{Identity, Recipient, seal};
use sealwax::db::{self, Db};
use serde_json::{Value, json};

const ROUNDS: usize = 6;
const REQUESTS: usize = 4000;
const SENDERS: usize = 32;
/// Submissions there when the inbox is first measured.
const FEW: usize = 1000;
const PASSWORD: &str = "correct horse battery staple";

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match arguments.iter().position(|argument| argument == "bare") {
        Some(at) => runtime.block_on(bare(Path::new(&arguments[at + 1]))),
        None => runtime.block_on(measure()),
    }
}

/// The yardstick: parse, seal two parts of the same size, insert the same seven rows in one
/// transaction, answer.
async fn bare(dir: &Path) -> Result<(), Failure> {
    let url = format!("sqlite://{}", dir.join("bare.db").display());
    let db = Db::connect(&db::Settings { url, max_connections: 1 }).await?;
    for table in ["submissions", "parts", "events", "blind"] {
        let sql = format!("CREATE TABLE {table} (id BLOB PRIMARY KEY, a BLOB, b TEXT, c TEXT, d TEXT, e BLOB)");
        db::execute(db.writer(), &sql, vec![]).await?;
    }
    let state = web::Data::new((db, Identity::generate().recipient(), Ambient::system()));
    let server = HttpServer::new(move || App::new().app_data(state.clone()).route("/", web::post().to(bare_post)));
    let server = server.bind("127.0.0.1:0")?;
    let address = server.addrs()[0];
    let mut out = std::io::stdout();
    writeln!(out, "ready {}", json!({ "url": format!("http://{address}") }))?;
    out.flush()?;
    Ok(server.run().await?)
}

async fn bare_post(
    state: web::Data<(Db, Recipient, Ambient)>,
    body: web::Json<Value>,
) -> Result<HttpResponse, actix_web::Error> {
    let (db, recipient, ambient) = state.get_ref();
    let failed = |error: db::Error| actix_web::error::ErrorInternalServerError(error.to_string());
    let answers = body.get("answers").map(Value::to_string).unwrap_or_default();
    let recipients = std::slice::from_ref(recipient);
    let parts = [answers.as_bytes(), &answers.as_bytes()[..answers.len().min(300)]];
    let sealed = parts.map(|part| seal(recipients, part).unwrap_or_default());
    let id = ambient.new_id();
    let transaction = db.begin().await.map_err(failed)?;
    let [first, second] = sealed;
    let text = |text: &str| sea_orm::Value::from(text);
    let mut rows: Vec<(&str, Vec<sea_orm::Value>)> = vec![
        ("submissions", vec![id.into(), id.into(), text("new"), text("api"), text("en"), Vec::<u8>::new().into()]),
        ("blind", vec![ambient.new_id().into(), id.into(), text("email"), text("x"), text("x"), vec![0_u8; 32].into()]),
    ];
    for sealed in [first, second] {
        rows.push(("parts", vec![ambient.new_id().into(), id.into(), text("x"), text("x"), text("x"), sealed.into()]));
    }
    for _ in 0..3 {
        rows.push((
            "events",
            vec![ambient.new_id().into(), id.into(), text("given"), text("api"), text("en"), vec![0_u8; 32].into()],
        ));
    }
    for (table, row) in rows {
        let sql = format!("INSERT INTO {table} (id, a, b, c, d, e) VALUES (?, ?, ?, ?, ?, ?)");
        db::execute(&transaction, &sql, row).await.map_err(failed)?;
    }
    transaction.commit().await.map_err(|error| failed(error.into()))?;
    Ok(HttpResponse::Created().json(json!({ "id": id })))
}

/// A server of its own process.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start(mut command: Command) -> Result<Self, Failure> {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut line = String::new();
        let out = child.stdout.take().ok_or("no output")?;
        BufReader::new(out).read_line(&mut line)?;
        let ready: Value = serde_json::from_str(line.strip_prefix("ready ").ok_or("it did not start")?)?;
        Ok(Self { child, url: ready["url"].as_str().unwrap_or_default().to_owned() })
    }

    fn status(&self, key: &str) -> f64 {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default();
        line.trim_matches(|c: char| !c.is_ascii_digit()).parse::<f64>().unwrap_or_default() / 1024.0
    }

    /// CPU seconds used so far, user and system (a tick is a hundredth on Linux).
    fn cpu(&self) -> f64 {
        let text = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        let fields: Vec<&str> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or_default();
        (ticks(11) + ticks(12)) / 100.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What one run of requests took.
#[derive(Default)]
struct Run {
    seconds: f64,
    cpu: f64,
    latencies: Vec<Duration>,
}

impl Run {
    fn add(&mut self, other: Self) {
        self.seconds += other.seconds;
        self.cpu += other.cpu;
        self.latencies.extend(other.latencies);
    }

    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
    fn count(&self) -> f64 {
        self.latencies.len() as f64
    }

    fn rate(&self) -> f64 {
        self.count() / self.seconds
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index between 0 and the count")]
    fn percentile(&mut self, share: f64) -> f64 {
        self.latencies.sort_unstable();
        let at = (share * (self.count() - 1.0)) as usize;
        self.latencies.get(at).map_or(0.0, |latency| latency.as_secs_f64() * 1000.0)
    }
}

fn body(number: usize) -> Value {
    json!({
        "answers": {
            "name": "Ana Kovačević", "email": format!("ana{number}@post.example"), "topic": "order", "interests": ["ink", "paper"],
            "message": "Where is my purple ink? I ordered it two weeks ago. ".repeat(8),
        },
        "consents": { "newsletter": true, "research": true, "calls": false },
        "lang": "en",
    })
}

async fn send(client: &reqwest::Client, url: &str, number: usize) -> Result<Duration, Failure> {
    let started = Instant::now();
    let request = client.post(url).header("idempotency-key", format!("load-{number}")).json(&body(number));
    let response = request.send().await?;
    let status = response.status();
    response.bytes().await?;
    if status != reqwest::StatusCode::CREATED {
        return Err(format!("answered {status}").into());
    }
    Ok(started.elapsed())
}

/// `count` requests as fast as `SENDERS` connections can.
async fn closed_loop(server: &Server, url: &str, count: usize, numbers: &Arc<AtomicUsize>) -> Result<Run, Failure> {
    let end = numbers.load(Ordering::Relaxed) + count;
    let (started, cpu) = (Instant::now(), server.cpu());
    let mut senders = tokio::task::JoinSet::new();
    for _ in 0..SENDERS {
        let (url, numbers) = (url.to_owned(), Arc::clone(numbers));
        senders.spawn(async move {
            let client = reqwest::Client::new();
            let mut latencies = Vec::new();
            loop {
                let number = numbers.fetch_add(1, Ordering::Relaxed);
                if number >= end {
                    return Ok::<_, Failure>(latencies);
                }
                latencies.push(send(&client, &url, number).await?);
            }
        });
    }
    let mut latencies = Vec::new();
    while let Some(done) = senders.join_next().await {
        latencies.extend(done??);
    }
    numbers.store(end, Ordering::Relaxed);
    Ok(Run { seconds: started.elapsed().as_secs_f64(), cpu: server.cpu() - cpu, latencies })
}

/// `REQUESTS` requests at `rate` a second, whether or not earlier ones were answered.
async fn paced(server: &Server, url: &str, rate: f64, numbers: &Arc<AtomicUsize>) -> Result<Run, Failure> {
    let client = reqwest::Client::new();
    let mut beat = tokio::time::interval(Duration::from_secs_f64(1.0 / rate));
    let (started, cpu) = (Instant::now(), server.cpu());
    let mut answers = tokio::task::JoinSet::new();
    for _ in 0..REQUESTS {
        beat.tick().await;
        let (client, url, number) = (client.clone(), url.to_owned(), numbers.fetch_add(1, Ordering::Relaxed));
        answers.spawn(async move { send(&client, &url, number).await });
    }
    let mut latencies = Vec::new();
    while let Some(done) = answers.join_next().await {
        latencies.push(done??);
    }
    Ok(Run { seconds: started.elapsed().as_secs_f64(), cpu: server.cpu() - cpu, latencies })
}

fn program() -> Result<PathBuf, Failure> {
    let own = std::env::current_exe()?;
    let target = own.ancestors().nth(3).ok_or("no target directory")?;
    let program = target.join("release/sealwax");
    if program.exists() { Ok(program) } else { Err("build the release program first: cargo build --release".into()) }
}

fn run(program: &Path, dir: &Path, arguments: &[&str], input: Option<&str>) -> Result<(), Failure> {
    let mut command = Command::new(program);
    command.args(arguments).arg("--config").arg(dir.join("sealwax.toml")).arg("--dir").arg(dir);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
    if let (Some(input), Some(stdin)) = (input, child.stdin.as_mut()) {
        writeln!(stdin, "{input}")?;
    }
    drop(child.stdin.take());
    if child.wait()?.success() { Ok(()) } else { Err("a command failed".into()) }
}

fn serve(program: &Path, dir: &Path) -> Result<Server, Failure> {
    let mut command = Command::new(program);
    command.arg("serve").arg("--config").arg(dir.join("sealwax.toml")).arg("--dir").arg(dir);
    Server::start(command)
}

async fn measure() -> Result<(), Failure> {
    let program = program()?;
    let dir = std::env::temp_dir().join(format!("sealwax-load-{}", std::process::id()));
    std::fs::create_dir_all(&dir)?;
    std::fs::write(
        dir.join("sealwax.toml"),
        "[server]\nlisten = \"127.0.0.1:0\"\n[limits]\nsubmissions_per_minute = 0\npages_per_minute = 0\nchallenge_after = 0\nchallenge_address_after = 0\n[log]\nlevel = \"warn\"\n",
    )?;
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/shop.toml");
    run(&program, &dir, &["apply", fixture], None)?;
    run(&program, &dir, &["staff", "add", "bench", "--role", "admin", "--password-stdin"], Some(PASSWORD))?;

    let product = serve(&program, &dir)?;
    let mut yardstick = Command::new(std::env::current_exe()?);
    yardstick.arg("bare").arg(&dir);
    let yardstick = Server::start(yardstick)?;
    let client = reqwest::Client::new();
    client.get(format!("{}/f/shop/contact", product.url)).send().await?.error_for_status()?;
    let idle = product.status("VmRSS:");

    let product_url = format!("{}/api/v1/forms/shop/contact/submissions", product.url);
    let (mut ours, mut theirs) = (Run::default(), Run::default());
    let numbers = Arc::new(AtomicUsize::new(0));
    closed_loop(&product, &product_url, FEW, &numbers).await?;
    let few = inbox_page(&product).await?;
    for round in 0..ROUNDS {
        let own = closed_loop(&product, &product_url, REQUESTS, &numbers).await?;
        let other = closed_loop(&yardstick, &yardstick.url, REQUESTS, &numbers).await?;
        print_line(&format!("round {}: {:.0}/s against {:.0}/s", round + 1, own.rate(), other.rate()));
        // The first round warms both up.
        if round > 0 {
            ours.add(own);
            theirs.add(other);
        }
    }
    let rate = theirs.rate() / 2.0;
    let mut calm = paced(&product, &product_url, rate, &numbers).await?;
    let loaded = product.status("VmHWM:");
    let stored = i64::try_from(REQUESTS * (ROUNDS + 1) + FEW)?;
    drop(yardstick);
    drop(product);

    let cold = cold_start(&program, &dir).await?;
    let (many, rows) = full_inbox(&program, &dir).await?;
    let mut table = vec![
        "| what | Sealwax | bare handler |".to_owned(),
        "| --- | ---: | ---: |".to_owned(),
        format!("| accepted submissions a second, {SENDERS} connections | {:.0} | {:.0} |", ours.rate(), theirs.rate()),
        format!("| ratio | {:.2} | 1 |", ours.rate() / theirs.rate()),
        format!("| p50, full speed | {:.1} ms | {:.1} ms |", ours.percentile(0.5), theirs.percentile(0.5)),
        format!("| p99, full speed | {:.1} ms | {:.1} ms |", ours.percentile(0.99), theirs.percentile(0.99)),
        format!("| p50 at {rate:.0} a second | {:.1} ms | |", calm.percentile(0.5)),
        format!("| p99 at {rate:.0} a second | {:.1} ms | |", calm.percentile(0.99)),
        format!(
            "| CPU for one submission | {:.3} ms | {:.3} ms |",
            ours.cpu * 1000.0 / ours.count(),
            theirs.cpu * 1000.0 / theirs.count()
        ),
        format!("| memory, idle | {idle:.0} MiB | |"),
        format!("| memory, most under load | {loaded:.0} MiB | |"),
        format!("| start to first 200, {stored} submissions there | {:.0} ms | |", cold.as_secs_f64() * 1000.0),
        format!("| inbox page, {FEW} submissions | {few:.2} ms | |"),
        format!("| inbox page, {rows} submissions | {many:.2} ms ({:.2} ×) | |", many / few),
    ];
    for line in table.drain(..) {
        print_line(&line);
    }
    std::fs::remove_dir_all(&dir)?;
    Ok(())
}

fn print_line(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// The best of five starts: from the process to the first form.
async fn cold_start(program: &Path, dir: &Path) -> Result<Duration, Failure> {
    let mut best = Duration::MAX;
    for _ in 0..5 {
        let started = Instant::now();
        let server = serve(program, dir)?;
        reqwest::get(format!("{}/f/shop/contact", server.url)).await?.error_for_status()?;
        best = best.min(started.elapsed());
    }
    Ok(best)
}

/// The median time of the inbox's first page with a million rows more, and how many rows there are.
async fn full_inbox(program: &Path, dir: &Path) -> Result<(f64, i64), Failure> {
    let url = format!("sqlite://{}", dir.join("data/sealwax.db").display());
    let db = Db::connect(&db::Settings { url, max_connections: 1 }).await?;
    // Older than everything that is there, spread over both forms and all statuses.
    let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000), \
               s AS (SELECT * FROM submissions ORDER BY id LIMIT 1), \
               f AS (SELECT id, current_version_id FROM forms WHERE slug = 'survey') \
               INSERT INTO submissions (id, site_id, form_id, site_version_id, form_version_id, policy_version_id, reference, \
               status, method, lang, touchpoint, unknown_fields, received_at) SELECT unhex(printf('%032x', i)), s.site_id, \
               CASE WHEN i % 2 THEN s.form_id ELSE f.id END, s.site_version_id, \
               CASE WHEN i % 2 THEN s.form_version_id ELSE f.current_version_id END, s.policy_version_id, \
               printf('%05d-%05d', i / 100000, i % 100000), \
               CASE i % 4 WHEN 0 THEN 'new' WHEN 1 THEN 'open' WHEN 2 THEN 'done' ELSE 'spam' END, \
               'api', 'en', 'website', 0, s.received_at FROM n, s, f";
    db::execute(db.writer(), sql, vec![]).await?;
    let rows =
        db::one::<Count, _>(db.reader(), "SELECT COUNT(*) AS n FROM submissions", vec![]).await?.map_or(0, |row| row.n);
    db.close().await;
    let server = serve(program, dir)?;
    Ok((inbox_page(&server).await?, rows))
}

#[derive(sea_orm::FromQueryResult)]
struct Count {
    n: i64,
}

async fn inbox_page(server: &Server) -> Result<f64, Failure> {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
    let login = client
        .post(format!("{}/staff/login", server.url))
        .form(&[("username", "bench"), ("password", PASSWORD)])
        .send()
        .await?;
    let cookie = login
        .headers()
        .get("set-cookie")
        .ok_or("no session")?
        .to_str()?
        .split(';')
        .next()
        .unwrap_or_default()
        .to_owned();
    let mut latencies = Vec::new();
    for _ in 0..200 {
        let started = Instant::now();
        let response = client
            .get(format!("{}/staff/inbox?form=shop%2Fcontact", server.url))
            .header("cookie", &cookie)
            .send()
            .await?;
        response.error_for_status()?.bytes().await?;
        latencies.push(started.elapsed());
    }
    let mut run = Run { latencies, ..Run::default() };
    Ok(run.percentile(0.5))
}
