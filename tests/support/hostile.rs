//! A server that answers what no client wants: escape sequences in every name, bodies without an end.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What a read of the callout, and of its chat, is answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Orders to the terminal in every text.
    Escapes,
    /// Ten megabytes of one valid JSON string.
    TooLarge,
    /// A body that goes on for as long as somebody reads it.
    Endless,
    /// Ten thousand messages in the chat.
    Crowded,
    /// A nesting that no parser should follow.
    Deep,
    /// The promised length is never reached.
    CutOff,
}

/// Sets the title, rings, clears the screen, turns the reading direction, and writes over the row above.
pub const NASTY: &str =
    "\u{1b}]0;OWNED\u{7}\u{1b}[2J\u{1b}[?1049l\u{9b}31m\u{202e}\u{2066}e\u{301}\u{301}\u{301}\u{301}\r\n\t";
pub const MESSAGES: usize = 10_000;

pub struct Hostile {
    port: u16,
    mode: Arc<Mutex<Mode>>,
}

impl Hostile {
    pub fn start(mode: Mode) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let mode = Arc::new(Mutex::new(mode));
        let current = Arc::clone(&mode);
        thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                let mode = *current.lock().unwrap();
                // A client that goes away in the middle is the expected end of most of these.
                thread::spawn(move || answer(connection, mode).ok());
            }
        });
        Self { port, mode }
    }

    pub fn be(&self, mode: Mode) {
        *self.mode.lock().unwrap() = mode;
    }

    /// A config whose profile `hostile` is this server.
    pub fn settings(&self) -> String {
        format!(
            "[profiles.hostile]\nbase_url = \"http://127.0.0.1:{}/panic-api/v2\"\nclient_id = \"id\"\n\
             client_secret = {{ value = \"not-a-secret\" }}\ncustomer = {{ id = 7 }}\npoll_seconds = 20\n\
             place = {{ latitude = -26.1091, longitude = 28.083 }}\n",
            self.port
        )
    }
}

fn answer(mut connection: TcpStream, mode: Mode) -> std::io::Result<()> {
    let mut reader = BufReader::new(connection.try_clone()?);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        if let Some(value) = header.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        if header.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let path = request.split(' ').nth(1).unwrap_or_default();
    if path.ends_with("/oauth/token") {
        return json_reply(&mut connection, &json!({ "accessToken": "a.b.c", "expiresIn": 3600 }));
    }
    if path.ends_with("/location") {
        return json_reply(&mut connection, &json!({ "message": NASTY }));
    }
    if path.ends_with("/customers/7/callouts") {
        return json_reply(&mut connection, &json!([callout()["callout"]]));
    }
    if path.contains("/events") {
        return chat(&mut connection, mode);
    }
    read(&mut connection, mode)
}

fn callout() -> Value {
    let text = include_str!("../fixtures/v2/get-callout.response.json");
    let mut reply: Value = serde_json::from_str(text).unwrap();
    spoil(&mut reply);
    reply
}

/// Puts the orders into all texts but those that must be read to get anywhere.
fn spoil(value: &mut Value) {
    const NAMES: [&str; 10] = [
        "name",
        "surname",
        "callsign",
        "mobile",
        "vehicleMake",
        "vehicleModel",
        "vehicleColour",
        "vehicleLicensePlate",
        "contactNumber",
        "message",
    ];
    match value {
        Value::Object(fields) => {
            for (key, field) in fields {
                match field {
                    Value::String(text) if NAMES.contains(&key.as_str()) => {
                        *text = format!("{NASTY}{text}{NASTY}");
                    }
                    other => spoil(other),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(spoil),
        _ => {}
    }
}

fn chat(connection: &mut TcpStream, mode: Mode) -> std::io::Result<()> {
    let count = if mode == Mode::Crowded { MESSAGES } else { 3 };
    let event = |number: usize| {
        json!({
            "id": number, "calloutId": 992_011, "calloutEventTypeId": 2,
            "event": { "body": format!("{NASTY}message {number}"), "role": "Admin" },
            "createdBy": format!("{NASTY}Naledi"), "createdAt": "2026-06-10T09:35:00.000Z",
            "calloutEventType": { "id": 2, "value": "COMMENT" }, "calloutEventTags": [],
        })
    };
    json_reply(connection, &Value::Array((0..count).map(event).collect()))
}

fn read(connection: &mut TcpStream, mode: Mode) -> std::io::Result<()> {
    match mode {
        Mode::Escapes | Mode::Crowded => json_reply(connection, &callout()),
        Mode::TooLarge => {
            let reply = json!({ "callout": { "id": 992_011, "status": "x".repeat(10_000_000) } });
            json_reply(connection, &reply)
        }
        Mode::Endless => {
            connection.write_all(HEAD.as_bytes())?;
            connection.write_all(b"transfer-encoding: chunked\r\n\r\n")?;
            let chunk = format!("10000\r\n{}\r\n", "[".repeat(0x10000));
            loop {
                connection.write_all(chunk.as_bytes())?;
            }
        }
        Mode::Deep => {
            let deep = format!("{}{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
            reply(connection, deep.as_bytes())
        }
        Mode::CutOff => {
            connection.write_all(HEAD.as_bytes())?;
            connection.write_all(b"content-length: 1000\r\n\r\n{\"callout\":")
        }
    }
}

const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n";

fn json_reply(connection: &mut TcpStream, body: &Value) -> std::io::Result<()> {
    reply(connection, body.to_string().as_bytes())
}

fn reply(connection: &mut TcpStream, body: &[u8]) -> std::io::Result<()> {
    connection.write_all(HEAD.as_bytes())?;
    connection.write_all(format!("content-length: {}\r\n\r\n", body.len()).as_bytes())?;
    connection.write_all(body)
}
