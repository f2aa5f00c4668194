//! How the program gets to a server: authorities of one's own, proxies, and time limits.

use super::*;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;
use tokio_rustls::rustls;

/// A server that answers 401 to everything and keeps the heads of what it was asked. Its thread ends
/// with the test's process.
pub struct Fake {
    pub port: u16,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    /// With this `Date`, or none.
    pub fn answering(date: &str) -> Self {
        let date = if date.is_empty() { String::new() } else { format!("date: {date}\r\n") };
        Self::serving(move |mut stream, seen| {
            let head = head(&mut stream);
            seen.lock().unwrap().push(head);
            let reply = format!(
                "HTTP/1.1 401 Unauthorized\r\n{date}content-length: 17\r\nconnection: close\r\n\r\n{{\"message\":\"no\"}}\n"
            );
            let _gone = stream.write_all(reply.as_bytes());
        })
    }

    /// Whatever comes is seen and hung up on: a proxy that lets nobody through.
    fn hanging_up() -> Self {
        Self::serving(|mut stream, seen| {
            let head = first_bytes(&mut stream);
            seen.lock().unwrap().push(head);
        })
    }

    fn serving(serve: impl Fn(TcpStream, &Mutex<Vec<String>>) + Send + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::<Mutex<Vec<String>>>::default();
        let kept = Arc::clone(&seen);
        thread::spawn(move || {
            for stream in listener.incoming() {
                serve(stream.unwrap(), &kept);
            }
        });
        Self { port, seen }
    }

    pub fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

/// The head of a request; its body is read too, so that closing breaks nothing off.
fn head(stream: &mut TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or_default() == 0 || line == "\r\n" {
            break;
        }
        if let Some(given) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = given.trim().parse().unwrap();
        }
        head.push_str(&line);
    }
    let _body = reader.take(length).read_to_end(&mut Vec::new());
    head
}

fn first_bytes(stream: &mut TcpStream) -> String {
    let mut bytes = [0; 256];
    let count = stream.read(&mut bytes).unwrap_or_default();
    String::from_utf8_lossy(&bytes[..count]).into_owned()
}

/// A port that nobody listens on.
pub fn closed_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

/// What the control room of `serve` has, once it is as wanted.
#[track_caller]
pub fn control_callouts(serve: &super::serve::Serve, wanted: impl Fn(&Value) -> bool) -> Value {
    let address = serve.url().strip_prefix("http://").unwrap();
    for _ in 0..3_000 {
        let mut stream = TcpStream::connect(address).unwrap();
        let ask = format!("GET /control/callouts HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
        stream.write_all(ask.as_bytes()).unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        let callouts: Value = serde_json::from_str(reply.split_once("\r\n\r\n").unwrap().1).expect(&reply);
        if wanted(&callouts) {
            return callouts;
        }
        thread::sleep(Duration::from_millis(10));
    }
    panic!("the control room never has what is waited for");
}

#[track_caller]
fn server_check(told: &Told) -> (String, String) {
    let report = told.json();
    let check =
        report["checks"].as_array().unwrap().iter().find(|check| check["name"] == "server").unwrap().clone();
    (check["verdict"].as_str().unwrap().to_owned(), check["found"].as_str().unwrap().to_owned())
}

const DOCTOR: [&str; 4] = ["doctor", "--profile", "mine", "--json"];

/// An authority of its own, and a server on this machine whose certificate it has signed.
fn signed_server() -> (u16, String) {
    let mut of_authority = CertificateParams::new(Vec::new()).unwrap();
    of_authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(of_authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let of_server = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let certificate = of_server.signed_by(&key, &authority).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            rustls::pki_types::PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        )
        .unwrap();
    let config = Arc::new(config);
    let fake = Fake::serving(move |mut stream, _| {
        let Ok(mut tls) = rustls::ServerConnection::new(Arc::clone(&config)) else { return };
        let mut tls = rustls::Stream::new(&mut tls, &mut stream);
        let mut bytes = [0; 4096];
        // A client that does not believe us hangs up here.
        if tls.read(&mut bytes).is_ok_and(|count| count > 0) {
            let _gone =
                tls.write_all(b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        }
    });
    (fake.port, authority.pem())
}

#[test]
fn an_authority_of_one_s_own_is_believed_by_its_file_only() {
    let (port, pem) = signed_server();
    let base_url = format!("https://127.0.0.1:{port}/panic-api/v2");
    let stranger = User::at(&base_url, "customer = { id = 1 }").run(&DOCTOR);
    let (verdict, found) = server_check(&stranger);
    assert_eq!(verdict, "problem", "{found}");

    let user = User::at(&base_url, "customer = { id = 1 }\nca_file = \"company.pem\"");
    fs::write(user.path("config/company.pem"), pem).unwrap();
    let (verdict, found) = server_check(&user.run(&DOCTOR));
    assert_eq!(verdict, "ok", "{found}");
}

#[test]
fn a_file_of_authorities_that_is_none_is_refused_by_name() {
    let user =
        User::at("https://127.0.0.1:1/panic-api/v2", "ca_file = \"company.pem\"\ncustomer = { id = 1 }");
    let at = format!("{}:6: profiles.mine.ca_file: ", user.path("config/config.toml").display());
    let pem = user.path("config/company.pem");
    let refused = |why: String| {
        let told = user.run(&["--profile", "mine"]);
        assert_eq!((told.status, told.stdout.as_str()), (Some(2), ""));
        assert_eq!(told.stderr, format!("panic-console: {at}{why}\n"));
    };
    refused(format!("cannot read {}: No such file or directory (os error 2)", pem.display()));
    fs::write(&pem, "nothing of the kind").unwrap();
    refused(format!(
        "{} holds no certificate in PEM: it begins with -----BEGIN CERTIFICATE-----",
        pem.display()
    ));
    fs::write(&pem, "-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----\n").unwrap();
    refused(format!("{} holds a certificate that cannot be read", pem.display()));
}

/// No loopback address by its name, and yet this machine.
fn elsewhere(port: u16) -> String {
    format!("https://0.0.0.0:{port}/panic-api/v2")
}

#[test]
fn a_proxy_is_taken_and_no_proxy_holds() {
    let (proxy, server) = (Fake::hanging_up(), Fake::hanging_up());
    let url = format!("http://127.0.0.1:{}", proxy.port);
    let user = || User::at(&elsewhere(server.port), "customer = { id = 1 }").set("HTTPS_PROXY", &url);
    assert_eq!(server_check(&user().run(&DOCTOR)).0, "problem");
    let connect = format!("CONNECT 0.0.0.0:{} ", server.port);
    assert!(proxy.seen().first().is_some_and(|head| head.starts_with(&connect)), "{:?}", proxy.seen());
    assert!(server.seen().is_empty(), "past the proxy");

    let asked = proxy.seen().len();
    assert_eq!(server_check(&user().set("NO_PROXY", "0.0.0.0").run(&DOCTOR)).0, "problem");
    assert_eq!(proxy.seen().len(), asked, "NO_PROXY holds");
    assert!(!server.seen().is_empty(), "straight to the server");
}

#[test]
fn this_machine_is_never_reached_through_a_proxy() {
    let (proxy, server) = (Fake::hanging_up(), Fake::answering(""));
    let url = format!("http://127.0.0.1:{}", proxy.port);
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"] {
        let user = User::at(&format!("http://{host}:{}/panic-api/v2", server.port), "customer = { id = 1 }");
        let user = user.set("HTTP_PROXY", &url).set("HTTPS_PROXY", &url).set("ALL_PROXY", &url);
        let user = user.set("http_proxy", &url).set("all_proxy", &url);
        let (verdict, found) = server_check(&user.run(&DOCTOR));
        assert_eq!(verdict, "ok", "{host}: {found}");
    }
    assert!(proxy.seen().is_empty(), "{:?}", proxy.seen());
}

#[test]
fn a_server_that_never_answers_is_given_up_on_after_the_timeout() {
    let mute = Fake::serving(|stream, seen| {
        // Held open for as long as the test runs.
        std::mem::forget(stream);
        seen.lock().unwrap().push(String::new());
    });
    let base_url = format!("http://127.0.0.1:{}/panic-api/v2", mute.port);
    let user = User::at(&base_url, "customer = { id = 1 }\ntimeout = 0.3\nconnect_timeout = 0.2");
    let (verdict, found) = server_check(&user.run(&DOCTOR));
    assert_eq!(verdict, "problem");
    assert!(found.contains("timed out"), "{found}");
    assert_eq!(mute.seen().len(), 1);
}
