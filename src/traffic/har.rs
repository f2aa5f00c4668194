//! A session as an HTTP archive, HAR 1.2: browsers and other tools open it.
//!
//! Written entry by entry, so that a long session is never in memory a second time.

use super::{Exchange, Header, Message};
use serde_json::{Value, json};
use std::io::{self, Write};

/// An exchange, and whether its bodies had to make room for newer ones.
#[derive(Clone, Debug)]
pub struct Entry {
    pub exchange: Exchange,
    pub bodies_dropped: bool,
}

/// Writes the archive of these exchanges, oldest first.
pub fn write(mut to: impl Write, entries: impl Iterator<Item = Entry>) -> io::Result<usize> {
    let creator = json!({ "name": "panic-console", "version": env!("CARGO_PKG_VERSION") });
    write!(to, "{{\"log\":{{\"version\":\"1.2\",\"creator\":{creator},\"entries\":[")?;
    let mut count = 0;
    for entry in entries {
        to.write_all(if count == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut to, &value(&entry))?;
        count += 1;
    }
    to.write_all(b"\n]}}\n")?;
    to.flush()?;
    Ok(count)
}

fn value(entry: &Entry) -> Value {
    let exchange = &entry.exchange;
    let took = (exchange.took.as_secs_f64() * 1e6).round() / 1e3;
    let mut value = json!({
        "startedDateTime": exchange.at.to_string(),
        "time": took,
        "request": request(exchange),
        "response": response(exchange),
        "cache": {},
        "timings": { "send": 0, "wait": took, "receive": 0 },
    });
    let mut comment = vec![exchange.what.to_string()];
    comment.extend(exchange.trouble.map(|trouble| trouble.sentence().to_owned()));
    if entry.bodies_dropped {
        comment.push("The bodies were no longer kept.".to_owned());
    }
    value["comment"] = Value::from(comment.join(" · "));
    value
}

fn request(exchange: &Exchange) -> Value {
    let query = exchange.path.as_str().split_once('?').map(|(_, query)| query).unwrap_or_default();
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let parameter = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        json!({ "name": name, "value": value })
    };
    let mut value = json!({
        "method": exchange.method.as_str(),
        "url": exchange.url(),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": headers(&exchange.request.headers),
        "queryString": pairs.map(parameter).collect::<Vec<_>>(),
        "headersSize": -1,
        "bodySize": exchange.request.size,
    });
    if let Some(body) = &exchange.request.body {
        value["postData"] = json!({ "mimeType": media(&exchange.request), "text": body.as_str() });
    }
    value
}

/// One that never came has status 0, as browsers write it.
fn response(exchange: &Exchange) -> Value {
    let reply = &exchange.reply;
    let mut content = json!({ "size": reply.size, "mimeType": media(reply) });
    if let Some(body) = &reply.body {
        content["text"] = Value::from(body.as_str());
    }
    json!({
        "status": exchange.status.unwrap_or(0),
        "statusText": "",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": headers(&reply.headers),
        "content": content,
        "redirectURL": reply.header("location").unwrap_or_default(),
        "headersSize": -1,
        "bodySize": if exchange.status.is_some() { json!(reply.size) } else { json!(-1) },
    })
}

fn headers(headers: &[Header]) -> Vec<Value> {
    headers.iter().map(|header| json!({ "name": header.name, "value": header.value })).collect()
}

fn media(message: &Message) -> &str {
    message.header("content-type").unwrap_or("application/octet-stream")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traffic::{Body, Method, Side, Trouble};
    use jiff::SignedDuration;

    /// The structure of HAR 1.2, in our own words.
    const STRUCTURE: &str = include_str!("../../tests/fixtures/har-1.2.schema.json");

    fn exchange() -> Exchange {
        let header = |name: &str, value: &str| Header { name: name.into(), value: value.into() };
        Exchange {
            at: "2026-03-01T12:00:41.120Z".parse().unwrap(),
            took: SignedDuration::from_micros(12_345),
            what: "send the message".into(),
            method: Method::Post,
            side: Side::Api,
            base: "http://127.0.0.1:3005/panic-api/v2".into(),
            path: "/callouts/7/events?a=1&flag".into(),
            request: Message {
                headers: vec![
                    header("authorization", "Bearer ***"),
                    header("content-type", "application/json"),
                ],
                size: 16,
                body: Some(Body::new("{\"event\":\"it's\"}")),
            },
            status: Some(200),
            reply: Message {
                headers: vec![header("content-type", "application/json")],
                size: 2,
                body: Some(Body::new("{}")),
            },
            trouble: None,
        }
    }

    fn archive(entries: Vec<Entry>) -> Value {
        let mut bytes = Vec::new();
        let count = entries.len();
        assert_eq!(write(&mut bytes, entries.into_iter()).unwrap(), count);
        let archive: Value = serde_json::from_slice(&bytes).unwrap();
        let schema: Value = serde_json::from_str(STRUCTURE).unwrap();
        let problems: Vec<String> = jsonschema::validator_for(&schema)
            .unwrap()
            .iter_errors(&archive)
            .map(|e| e.to_string())
            .collect();
        assert_eq!(problems, [""; 0], "{archive:#}");
        archive
    }

    #[test]
    fn an_archive_has_the_structure_of_har_1_2() {
        let lost = Exchange {
            status: None,
            trouble: Some(Trouble::TimedOut),
            reply: Message::default(),
            method: Method::Get,
            request: Message::default(),
            ..exchange()
        };
        let whole = archive(vec![
            Entry { exchange: exchange(), bodies_dropped: false },
            Entry { exchange: lost, bodies_dropped: true },
        ]);
        let entries = &whole["log"]["entries"];
        assert_eq!(entries[0]["startedDateTime"], "2026-03-01T12:00:41.12Z");
        assert_eq!(entries[0]["time"], 12.345);
        assert_eq!(entries[0]["request"]["queryString"][1]["name"], "flag");
        assert_eq!(entries[0]["request"]["postData"]["text"], "{\"event\":\"it's\"}");
        assert_eq!(entries[0]["response"]["content"]["text"], "{}");
        assert_eq!(entries[1]["response"]["status"], 0);
        assert!(entries[1]["comment"].as_str().unwrap().contains("No whole reply"));
        assert_eq!(archive(Vec::new())["log"]["entries"], json!([]));
    }

    #[test]
    fn the_structure_refuses_what_is_none() {
        let schema: Value = serde_json::from_str(STRUCTURE).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let mut whole = archive(vec![Entry { exchange: exchange(), bodies_dropped: false }]);
        whole["log"]["entries"][0]["startedDateTime"] = json!("noon");
        assert!(!validator.is_valid(&whole));
        whole["log"]["entries"][0].as_object_mut().unwrap().remove("timings");
        assert!(!validator.is_valid(&whole));
    }
}
