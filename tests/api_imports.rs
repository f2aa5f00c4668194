//! Bulk uploads of fixed locations: the form, the rows, and the report at the callback address.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests: a failure ends the test")]

#[allow(dead_code, reason = "shared by tests that each use a part of it")]
#[path = "support/asker.rs"]
mod asker;
#[path = "api_imports/cut_off.rs"]
mod cut_off;
#[allow(dead_code, reason = "shared by tests that each use a part of it")]
#[path = "support/receiver.rs"]
mod receiver;
#[allow(dead_code, reason = "shared by tests that each use a part of it")]
#[path = "support/serve.rs"]
mod serve;

use asker::{Answer, Asker, send};
use panic_console::sim::{Options, Running, Simulator};
use receiver::{Receiver, Say};
use reqwest::Method;
use serde_json::{Value, json};

const BULK: &str = "/predefinedLocations/bulk";
const PLACES: &str = "/panic-api/v2/predefinedLocations";
const NAMES: &str = "externalReferenceId,locationIdentifier,latitude,longitude";

async fn start() -> (Running, Asker) {
    let options = Options { allow_http_webhooks: true, ..Options::default() };
    let running = Simulator::start(options).await.unwrap();
    let server = Asker::server(&running.url()).await;
    (running, server)
}

/// A form of these fields; `locations` is a file.
fn form(fields: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        let file = if *name == "locations" { "; filename=\"sites.csv\"" } else { "" };
        let head = format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(value);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--edge--\r\n");
    body
}

async fn upload(asker: &Asker, path: &str, fields: &[(&str, &[u8])]) -> Answer {
    let request = asker.request(Method::POST, path);
    send(request.header("content-type", "multipart/form-data; boundary=edge").body(form(fields))).await
}

/// Uploads a file and waits for its report.
async fn report(server: &Asker, file: &[u8]) -> Value {
    let receiver = Receiver::start().await;
    let fields = [("callbackUrl", receiver.url.as_bytes()), ("locations", file)];
    let reply = upload(server, BULK, &fields).await.ok(200);
    assert!(reply["message"].as_str().unwrap().contains("callbackUrl"), "{reply}");
    receiver.accepted(1).await.remove(0).body
}

#[tokio::test]
async fn bulk_upload_creates_updates_and_reports() {
    let (_running, server) = start().await;
    let file =
        format!("\u{feff}{NAMES},formattedAddress\r\na,A,-26.1,28.1,\"1 Main St, Town\"\r\nb,B,1,2,\r\n");
    let first = report(&server, file.as_bytes()).await;
    let expected = json!({
        "message": "Fixed locations imported.", "source": null, "userEmail": null, "complete": true,
        "rowsRead": 2, "created": 2, "updated": 0, "failed": 0, "ignoredColumns": [], "failures": [],
    });
    assert_eq!(first, expected);
    let second =
        report(&server, format!("{NAMES},colour\na,New,-26.2,28.2,red\nc,C,3,4,\n").as_bytes()).await;
    assert_eq!((&second["created"], &second["updated"]), (&json!(1), &json!(1)));
    assert_eq!(second["ignoredColumns"], json!(["colour"]));
    let places = server.get(PLACES).await.ok(200);
    let names: Vec<_> = places.as_array().unwrap().iter().map(|place| &place["locationIdentifier"]).collect();
    assert_eq!(names, ["New", "B", "C"]);
    assert_eq!(
        (&places[0]["latitude"], &places[0]["formattedAddress"]),
        (&json!("-26.2"), &json!("1 Main St, Town"))
    );
}

#[tokio::test]
async fn bulk_upload_reports_each_bad_row_and_keeps_the_others() {
    let (_running, server) = start().await;
    let mut file = format!("{NAMES},customerId,calloutLocationTypeId\n").into_bytes();
    file.extend_from_slice(
        b"a,A,91,2,,\n,B,1,2,,\nc,C,1,x,,\nd,D,1,2,999999,\ne,E,1,2,,77\nf,F,1\ng,\xE9,1,2,,\nh,H,1,2,,3\nh,H,1,2,,3\n",
    );
    let report = report(&server, &file).await;
    let counts = ["rowsRead", "created", "updated", "failed"].map(|name| report[name].as_i64().unwrap());
    assert_eq!(counts, [9, 1, 0, 8]);
    let failures: Vec<_> = report["failures"].as_array().unwrap().iter().collect();
    let told = |failure: &Value| (failure["line"].as_i64().unwrap(), failure["field"].clone());
    let expected = [
        (2, json!("latitude")),
        (3, json!("externalReferenceId")),
        (4, json!("longitude")),
        (5, json!("customerId")),
        (6, json!("calloutLocationTypeId")),
        (7, Value::Null),
        (8, json!("locationIdentifier")),
        (10, json!("externalReferenceId")),
    ];
    assert_eq!(failures.iter().map(|failure| told(failure)).collect::<Vec<_>>(), expected);
    assert_eq!(
        (&failures[0]["externalReferenceId"], &failures[0]["reason"]),
        (&json!("a"), &json!("is not from -90 to 90"))
    );
    assert_eq!(failures[7]["reason"], "stands in line 9 already");
    let places = server.get(PLACES).await.ok(200);
    assert_eq!(places.as_array().unwrap().len(), 1);
    assert_eq!(places[0]["externalReferenceId"], "h");
}

#[tokio::test]
async fn bulk_upload_takes_other_delimiters_and_gives_back_what_came_with_the_file() {
    let (_running, server) = start().await;
    let receiver = Receiver::start().await;
    for (delimiter, given) in [(";", ";"), ("\t", "\\t"), ("|", "|")] {
        let file =
            format!("{NAMES}\n{given},A,1,2\n").replace(',', delimiter).replace(&format!("\n{given}"), "\nx");
        let fields: [(&str, &[u8]); 5] = [
            ("locations", file.as_bytes()),
            ("delimiter", given.as_bytes()),
            ("callbackUrl", receiver.url.as_bytes()),
            ("userEmail", b"jane.doe@example.com"),
            ("source", b"nightly"),
        ];
        upload(&server, BULK, &fields).await.ok(200);
    }
    for heard in receiver.accepted(3).await {
        assert_eq!(
            (&heard.body["userEmail"], &heard.body["source"]),
            (&json!("jane.doe@example.com"), &json!("nightly"))
        );
        assert_eq!(heard.body["failed"], 0, "{}", heard.body);
    }
}

#[tokio::test]
async fn bulk_upload_refuses_what_is_missing_or_wrong_by_its_field() {
    let (running, server) = start().await;
    let file = format!("{NAMES}\na,A,1,2\n").into_bytes();
    let file: (&str, &[u8]) = ("locations", &file);
    let callback: (&str, &[u8]) = ("callbackUrl", b"https://hooks.example.com/x");
    upload(&server, BULK, &[callback]).await.refused(400, "locations");
    upload(&server, BULK, &[file]).await.refused(400, "callbackUrl");
    for url in ["http://hooks.example.com/x", "hooks", "https://a:b@hooks.example.com/"] {
        upload(&server, BULK, &[file, ("callbackUrl", url.as_bytes())]).await.refused(400, "callbackUrl");
    }
    upload(&server, BULK, &[file, callback, ("delimiter", b"::")]).await.refused(400, "delimiter");
    upload(&server, BULK, &[file, callback, ("delimiter", b";")]).await.refused(400, "locations");
    upload(&server, BULK, &[file, callback, ("userEmail", b"jane")]).await.refused(400, "userEmail");
    upload(&server, BULK, &[file, file, callback]).await.refused(400, "locations");
    upload(&server, BULK, &[("locations", b""), callback]).await.refused(400, "locations");
    upload(&server, BULK, &[("locations", b"\xFF\xFEe\0"), callback]).await.refused(400, "UTF-8");
    upload(&server, BULK, &[("locations", b"externalReferenceId,latitude\n"), callback])
        .await
        .refused(400, "longitude");
    server.post(BULK, json!({})).await.refused(415, "multipart/form-data");
    let bare = server.request(Method::POST, BULK).header("content-type", "multipart/form-data").body("x");
    send(bare).await.refused(400, "boundary");
    let broken =
        server.request(Method::POST, BULK).header("content-type", "multipart/form-data; boundary=edge");
    send(broken.body("--edge\r\nContent-Disp")).await.refused(400, "form");
    let large = vec![b'x'; 5 * 1024 * 1024];
    let large = upload(&server, BULK, &[("locations", &large), callback]).await;
    large.refused(413, "4 MiB");
    upload(&Asker::nobody(&running.url()), BULK, &[file, callback]).await.refused(401, "token");
    let customer = server.customer("+27820000001").await;
    let token =
        server.post("/panic-api/v2/oauth/calloutToken", json!({ "customerId": customer })).await.ok(200);
    let guest = server.with(token["accessToken"].as_str().unwrap());
    upload(&guest, BULK, &[file, callback]).await.refused(401, "token");
    assert_eq!(server.get(PLACES).await.ok(200), json!([]));
}

#[tokio::test]
async fn plain_http_is_refused_without_the_switch() {
    let running = Simulator::start(Options::default()).await.unwrap();
    let server = Asker::server(&running.url()).await;
    let file = format!("{NAMES}\na,A,1,2\n");
    let fields = [("locations", file.as_bytes()), ("callbackUrl", b"http://127.0.0.1:9/".as_slice())];
    upload(&server, BULK, &fields).await.refused(400, "callbackUrl");
    assert_eq!(server.get(PLACES).await.ok(200), json!([]));
}

#[tokio::test]
async fn a_report_is_tried_again_and_never_sent_elsewhere() {
    let (_running, server) = start().await;
    let elsewhere = Receiver::start().await;
    let to = elsewhere.url.clone();
    let receiver = Receiver::saying(move |_, before| match before {
        0 => Say::Redirect(to.clone()),
        1 => Say::Status(503),
        _ => Say::Status(204),
    });
    let receiver = receiver.await;
    let file = format!("{NAMES}\na,A,1,2\n");
    let fields = [("locations", file.as_bytes()), ("callbackUrl", receiver.url.as_bytes())];
    upload(&server, BULK, &fields).await.ok(200);
    let heard = receiver.when(|heard| heard.iter().any(|heard| heard.accepted)).await;
    assert_eq!(heard.len(), 3);
    assert!(heard.iter().all(|one| one.body == heard[0].body));
    assert!(elsewhere.heard().is_empty());
}

#[tokio::test]
async fn an_upload_under_the_api_s_path_and_the_stage_is_the_same() {
    let (running, server) = start().await;
    let receiver = Receiver::start().await;
    let file = format!("{NAMES}\na,A,1,2\n");
    let body = form(&[("locations", file.as_bytes()), ("callbackUrl", receiver.url.as_bytes())]);
    for path in ["/panic-api/v2", "/development", "/development/panic-api/v2"] {
        let request = server.request(Method::POST, &format!("{path}{BULK}"));
        let request = request.header("content-type", "multipart/form-data; boundary=edge").body(body.clone());
        assert_eq!(request.send().await.unwrap().status(), 200, "{path}");
    }
    receiver.accepted(3).await;
    running.stop().await;
}

#[tokio::test]
async fn rows_beyond_the_ten_thousandth_are_left() {
    let (_running, server) = start().await;
    let mut file = format!("{NAMES}\n");
    for number in 0..10_003 {
        // All but the first are refused, which is quicker and counts the same.
        file.push_str(if number == 0 { "a,A,1,2\n" } else { "x\n" });
    }
    let report = report(&server, file.as_bytes()).await;
    assert_eq!(
        (&report["rowsRead"], &report["created"], &report["failed"]),
        (&json!(10_000), &json!(1), &json!(9_999))
    );
    assert_eq!((&report["complete"], report["failures"].as_array().unwrap().len()), (&json!(false), 1_000));
    assert!(report["message"].as_str().unwrap().contains("10000"), "{}", report["message"]);
}
