//! The simulator against the bounds of the design: each figure beside what it is measured against in
//! the same run, since two machines, or two minutes of one, are not comparable.
//!
//! A plain program: divan times a function, and these are servers, disks and files.

#![expect(clippy::expect_used, reason = "what fails ends the benchmark")]
#![expect(clippy::print_stdout, reason = "it prints a table")]
#![expect(clippy::disallowed_methods, reason = "it measures real time")]
#![expect(clippy::cast_precision_loss, reason = "counts and nanoseconds of a minute")]

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use jiff::Timestamp;
use panic_console::geo::Position;
use panic_console::sim::store::{Logged, Store};
use panic_console::sim::world::{Command, CustomerFields, Raise, Reply, SourceId, Who, World};
use panic_console::sim::{Options, Simulator};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const CLIENTS: usize = 8;
const EACH: Duration = Duration::from_secs(2);
const ACTIVE: usize = 2_000;
const EVENTS: u64 = 200_000;
const WRITERS: u64 = 64;

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(reads());
    runtime.block_on(group_commit());
    runtime.block_on(replay());
}

fn line(what: &str, figure: &str, bound: &str) {
    println!("{what:<56} {figure:>18}   {bound}");
}

/// Requests per second, and the 99th percentile of the time that one took.
struct Load {
    per_second: f64,
    p99: Duration,
}

async fn reads() {
    let running = Simulator::start(Options::default()).await.expect("a simulator");
    let client = reqwest::Client::new();
    let credentials = json!({ "clientId": "demo-client", "clientSecret": "demo-secret" });
    let token = client.post(format!("{}/oauth/token", running.v2())).json(&credentials);
    let token: Value = token.send().await.expect("a token").json().await.expect("JSON");
    let token = token["accessToken"].as_str().expect("a token").to_owned();
    for (dialect, base) in [("v2", running.v2()), ("v1", running.v1())] {
        let first = raise(&client, &running.v1(), &token, 0).await;
        let path = format!("{base}/callouts/{first}");
        let body = client.get(&path).bearer_auth(&token).send().await.expect("a callout");
        let body = body.bytes().await.expect("its bytes");
        let size = body.len();
        let bare = bare_server(body).await;
        let path = path.split_once("127.0.0.1").and_then(|(_, rest)| rest.split_once('/')).expect("a path").1;
        let request = format!(
            "GET /{path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\naccept: */*\r\n\r\n"
        );
        // Alternating, so that a busy machine troubles both.
        let mut shares = Vec::new();
        for _ in 0..3 {
            let (of_bare, of_ours) = (load(bare, &request).await, load(running.address, &request).await);
            shares.push((of_ours.per_second / of_bare.per_second, of_bare.per_second, of_ours.per_second));
        }
        shares.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (share, of_bare, of_ours) = shares[1];
        let what = format!("GET /callouts/{{id}} {dialect}, {size} bytes: of a bare server");
        line(&what, &format!("{share:.2}"), "at least 0.70");
        line("  requests/s: ours, bare hyper", &format!("{of_ours:.0}, {of_bare:.0}"), "");
        if dialect == "v2" {
            growth(&client, &running.v1(), &token, (running.address, &request)).await;
        }
    }
    running.stop().await;
}

/// The same read among many other active callouts, and what each of those costs.
async fn growth(client: &reqwest::Client, v1: &str, token: &str, (address, request): (SocketAddr, &str)) {
    let alone = load(address, request).await;
    let before = resident();
    let began = Instant::now();
    for number in 1..=ACTIVE {
        raise(client, v1, token, number).await;
    }
    let raised = began.elapsed();
    let each = (resident().saturating_sub(before)) as f64 / ACTIVE as f64;
    let among = load(address, request).await;
    let figure = format!("{:.2?}, {:.2?}", alone.p99, among.p99);
    line(&format!("  p99 with 1 and with {ACTIVE} active callouts"), &figure, "flat");
    line("  memory for each of them, customer included", &format!("{each:.0} B"), "under 4096 B");
    line("  to raise one, over HTTP", &format!("{:.2?}", raised / u32::try_from(ACTIVE).expect("few")), "");
}

async fn raise(client: &reqwest::Client, v1: &str, token: &str, number: usize) -> i64 {
    let body = json!({
        "customer": { "name": "Jane", "surname": "Doe", "mobile": format!("+2782{number:07}") },
        "calloutLocation": { "latitude": -26.12345, "longitude": 28.12345, "accuracy": 10 },
    });
    let reply = client.post(format!("{v1}/callouts")).bearer_auth(token).json(&body).send().await;
    let reply: Value = reply.expect("a reply").json().await.expect("JSON");
    reply["callout"]["id"].as_i64().expect("a callout")
}

/// Bytes of memory that are in use; 0 where the system does not tell.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// hyper and nothing else, with the same body.
async fn bare_server(body: Bytes) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let body = body.clone();
            tokio::spawn(async move {
                let _nodelay = stream.set_nodelay(true);
                let service = service_fn(|_| {
                    let response = hyper::Response::builder()
                        .header("content-type", "application/json")
                        .body(Full::new(body.clone()));
                    async { Ok::<_, Infallible>(response.expect("a response")) }
                });
                let connection = http1::Builder::new()
                    .timer(TokioTimer::new())
                    .serve_connection(TokioIo::new(stream), service);
                let _ended = connection.await;
            });
        }
    });
    address
}

/// [`CLIENTS`] connections that ask again as soon as they are answered.
async fn load(address: SocketAddr, request: &str) -> Load {
    let until = Instant::now() + EACH;
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let request = request.as_bytes().to_owned();
            tokio::spawn(async move {
                let mut stream = TcpStream::connect(address).await.expect("a connection");
                stream.set_nodelay(true).expect("TCP_NODELAY");
                let (mut buffer, mut times) = (vec![0; 64 * 1024], Vec::with_capacity(200_000));
                while Instant::now() < until {
                    let began = Instant::now();
                    stream.write_all(&request).await.expect("sent");
                    answer(&mut stream, &mut buffer).await;
                    times.push(began.elapsed());
                }
                times
            })
        })
        .collect();
    let mut times = Vec::new();
    for client in clients {
        times.extend(client.await.expect("a client"));
    }
    times.sort_unstable();
    let p99 = times[times.len() * 99 / 100];
    Load { per_second: times.len() as f64 / EACH.as_secs_f64(), p99 }
}

/// Reads one answer to its end.
async fn answer(stream: &mut TcpStream, buffer: &mut [u8]) {
    let mut have = 0;
    loop {
        let count = stream.read(&mut buffer[have..]).await.expect("an answer");
        assert!(count > 0, "the server hung up");
        have += count;
        let text = &buffer[..have];
        let Some(end) = text.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        assert!(text.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&text[..end]));
        let head = std::str::from_utf8(&text[..end]).expect("headers");
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        if have >= end + 4 + length.expect("a length").parse::<usize>().expect("a number") {
            return;
        }
    }
}

/// A state that costs nothing, so that the disk is what is measured.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Count(u64);

impl Logged for Count {
    type Event = u64;

    fn replay(&mut self, event: &u64) {
        self.0 += event;
    }

    fn to_snapshot(&self) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(self)
    }

    fn from_snapshot(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}

async fn group_commit() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(&folder.path().join("count.db"), Count::default).expect("a store").store;
    let store = Arc::new(store);
    let one = writes(&store, 1).await;
    let many = writes(&store, WRITERS).await;
    let what = format!("{WRITERS} writers: of the throughput of one fsync each");
    line(&what, &format!("{:.1} x", many / one), "at least 20 x");
    line("  writes/s: many, one", &format!("{many:.0}, {one:.0}"), "");
    store.close().await;
}

/// Writes per second of so many writers.
async fn writes(store: &Arc<Store<Count>>, writers: u64) -> f64 {
    let until = Instant::now() + EACH;
    let tasks: Vec<_> = (0..writers)
        .map(|_| {
            let store = Arc::clone(store);
            tokio::spawn(async move {
                let mut written = 0_u64;
                while Instant::now() < until {
                    let change = |count: &mut Count, _| {
                        count.replay(&1);
                        ((), vec![1])
                    };
                    store.write(|| Timestamp::UNIX_EPOCH, change).await.expect("stored");
                    written += 1;
                }
                written
            })
        })
        .collect();
    let mut written = 0;
    for task in tasks {
        written += task.await.expect("a writer");
    }
    written as f64 / EACH.as_secs_f64()
}

async fn replay() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("world.db");
    {
        let store = Store::open(&path, || World::new(1)).expect("a store").store;
        let mut written = 0;
        while written < EVENTS {
            written += store.write(|| Timestamp::UNIX_EPOCH, some_events).await.expect("stored");
        }
        // Dropped, not closed: a closed one leaves a snapshot, and nothing to replay.
    }
    let size = std::fs::metadata(&path).expect("a file").len();
    let began = Instant::now();
    let opened = Store::open(&path, || World::new(1)).expect("the same store");
    let took = began.elapsed();
    let million = took.mul_f64(1_000_000.0 / opened.replayed as f64);
    let what = format!("replay of {} events, {} MB; for a million", opened.replayed, size / 1_000_000);
    line(&what, &format!("{took:.2?}; {million:.2?}"), "5 s for a million");
    opened.store.close().await;
}

/// A customer with a callout who moves a thousand times.
fn some_events(world: &mut World, now: Timestamp) -> (u64, Vec<panic_console::sim::world::Event>) {
    let Some(source) = world.source("bench") else { return opened_source(world, now) };
    let position = Position::new(-26.12345, 28.12345).expect("a place");
    let mobile = format!("+27{}", world.callouts().count());
    let fields = CustomerFields { name: "Jane".into(), surname: "Doe".into(), mobile, ..Default::default() };
    let raise = Raise {
        source,
        who: Who::ByBlock { fields: Box::new(fields), user: None },
        position,
        accuracy: Some(10.0),
        response_type_id: 1,
        classification_id: 1,
        internal_test: false,
        check_subscription: false,
    };
    let applied = world.apply(Command::Raise(raise), now);
    let mut events = applied.events;
    let Ok(Reply::Raised { callout, .. }) = applied.result else { panic!("not raised") };
    for step in 0..1_000 {
        let position = position.towards(f64::from(step), 10.0);
        let moved = Command::UpdateLocation { source, callout, position, accuracy: Some(8.0) };
        events.extend(world.apply(moved, now).events);
    }
    (events.len() as u64, events)
}

fn opened_source(world: &mut World, now: Timestamp) -> (u64, Vec<panic_console::sim::world::Event>) {
    let applied = world.apply(Command::OpenSource { client_id: "bench".to_owned() }, now);
    assert!(matches!(applied.result, Ok(Reply::Source(SourceId(_)))));
    (applied.events.len() as u64, applied.events)
}
