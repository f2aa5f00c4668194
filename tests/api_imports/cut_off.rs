//! The built program, killed while it reads a file in.

use super::*;
use crate::serve::Serve;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const ROWS: usize = 1_500;

#[tokio::test]
async fn an_import_that_a_kill_cut_off_is_taken_up_again() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let flags = ["--allow-http-webhooks", "--state", state.to_str().unwrap()];
    let awake = Arc::new(AtomicBool::new(false));
    let receiver = Receiver::saying({
        let awake = Arc::clone(&awake);
        move |_, _| if awake.load(Ordering::SeqCst) { Say::Status(200) } else { Say::Nothing }
    })
    .await;
    let mut process = Serve::launch(Serve::command(&flags));
    let server = Asker::server(process.url()).await;
    let rows: Vec<_> = (0..ROWS).map(|row| format!("site_{row},Site {row},-26.1,28.1,red\n")).collect();
    let rows = rows.concat();
    let file = format!("{NAMES},colour\n{rows}bad,Bad,x,28.1,\n");
    let fields = [
        ("callbackUrl", receiver.url.as_bytes()),
        ("source", b"nightly".as_slice()),
        ("locations", file.as_bytes()),
    ];
    // Some of it is read in, and nobody was told of it.
    upload(&server, BULK, &fields).await.ok(200);
    let some = async {
        while server.get(PLACES).await.ok(200).as_array().unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), some).await.expect("nothing was read in");
    process.kill();

    awake.store(true, Ordering::SeqCst);
    let mut process = Serve::launch(Serve::command(&flags));
    let report = receiver.accepted(1).await.remove(0).body;
    let counts = ["rowsRead", "created", "updated", "failed"].map(|name| report[name].as_u64().unwrap());
    let all = ROWS as u64;
    assert_eq!(counts, [all + 1, all, 0, 1], "as if it had never been cut off");
    assert_eq!((&report["complete"], &report["source"]), (&json!(true), &json!("nightly")));
    assert_eq!(report["ignoredColumns"], json!(["colour"]));
    let server = Asker::server(process.url()).await;
    assert_eq!(server.get(PLACES).await.ok(200).as_array().unwrap().len(), ROWS);

    // What was reported is over: another start reads nothing in.
    let file = format!("{NAMES}\nlast,Last,1,2\n");
    let fields = [("callbackUrl", receiver.url.as_bytes()), ("locations", file.as_bytes())];
    upload(&server, BULK, &fields).await.ok(200);
    receiver.accepted(2).await;
    process.kill();
    let process = Serve::launch(Serve::command(&flags));
    let server = Asker::server(process.url()).await;
    upload(&server, BULK, &fields).await.ok(200);
    let heard = receiver.when(|all| all.iter().any(|one| one.body["updated"] == 1)).await;
    let first = heard.iter().filter(|one| one.accepted && one.body["source"] == "nightly").count();
    assert_eq!(first, 1, "it is not reported again");
}
