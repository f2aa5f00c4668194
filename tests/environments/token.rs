//! A token is read without a network, and never shown.

use super::serve::Serve;
use super::*;
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::json;

/// Signed with a key that nobody but this test has: it is not checked anyhow.
fn token(claims: &Value) -> String {
    encode(&Header::default(), claims, &EncodingKey::from_secret(SECRET.as_bytes())).unwrap()
}

const LONG_AGO: i64 = 1_500_000_000;
/// In the year 2100.
const FAR_OFF: i64 = 4_102_444_800;

#[test]
fn each_kind_is_told_with_whose_it_is() {
    let user = User::new();
    let server =
        token(&json!({ "scope": "server", "clientId": "my-client", "customerSourceId": 3, "exp": FAR_OFF }));
    let text = user.run(&["token", "inspect", &server]).done();
    assert!(text.starts_with("kind       server token\nclient     my-client\nsource     3\n"), "{text}");
    assert!(text.contains("expires    2100-01-01T00:00:00Z, in "), "{text}");
    assert!(text.ends_with("signature  not checked (HS256)\n"), "{text}");
    assert!(!text.contains(&server));

    let callout = token(&json!({ "scope": "callout", "customerId": 1002, "exp": LONG_AGO }));
    let told = user.run(&["token", "inspect", "--json", &callout]).json();
    assert_eq!((told["kind"].as_str(), told["customerId"].as_str()), (Some("callout"), Some("1002")));
    assert_eq!((told["expired"].as_bool(), told["secondsLeft"].as_i64()), (Some(true), Some(0)));
    assert_eq!(told["signatureChecked"], false);

    let person = token(&json!({ "customerId": 7, "sub": "jane" }));
    let text = user.run(&["token", "inspect", &person]).done();
    assert!(text.starts_with("kind       user token (by its claims: it does not say)\n"), "{text}");
    assert!(text.contains("subject    jane\n") && text.contains("expires    it does not say\n"), "{text}");
}

#[test]
fn the_simulator_s_own_token_is_a_server_s() {
    let serve = Serve::launch(Serve::command(&[]));
    let user = User::at(&format!("{}/panic-api/v2", serve.url()), "");
    let words = ["customer", "register", "--profile", "mine", "--name", "Jane", "--surname", "Doe"];
    let told = user.run(&[&words[..], &["--mobile", "+27000000002"]].concat());
    assert_eq!(told.status, Some(0), "{}", told.stderr);
    let kept: Value =
        serde_json::from_slice(&fs::read(user.path("state/profiles/mine/token.json")).unwrap()).unwrap();
    let told =
        user.piped(&["token", "inspect", "--json"], kept["kept"]["accessToken"].as_str().unwrap()).json();
    assert_eq!((told["kind"].as_str(), told["clientId"].as_str()), (Some("server"), Some("demo-client")));
    assert_eq!((told["kindIsGuessed"].as_bool(), told["expired"].as_bool()), (Some(false), Some(false)));
}

#[test]
fn it_comes_by_stdin_too() {
    let user = User::new();
    let token = format!("Bearer {}\n", token(&json!({ "scope": "user" })));
    for words in [&["token", "inspect", "-"][..], &["token", "inspect"]] {
        assert!(user.piped(words, &token).done().starts_with("kind       user token\n"));
    }
}

#[test]
fn what_is_no_token_is_refused_without_being_repeated() {
    let user = User::new();
    for wrong in [SECRET.to_owned(), format!("a.{SECRET}.b"), String::new()] {
        let told = user.piped(&["token", "inspect", "-"], &wrong);
        assert!(!format!("{told:?}").contains(SECRET));
        told.refused(1, "this is no token");
    }
}

#[test]
fn what_a_claim_holds_cannot_move_the_cursor() {
    let user = User::new();
    let token = token(&json!({ "scope": "server", "sub": "a\u{1b}[2Jb\nkind forged" }));
    let text = user.run(&["token", "inspect", &token]).done();
    assert!(!text.contains('\u{1b}') && !text.contains("\nkind forged"), "{text:?}");
}

#[test]
fn on_a_terminal_it_is_asked_for_and_not_shown() {
    let token = token(&json!({ "scope": "server", "clientId": "my-client" }));
    let (status, shown) =
        User::new().answering(&["token", "inspect"], &[("Token (not shown): ", token.as_str())]);
    assert_eq!(status, 0, "{shown}");
    assert!(shown.contains("server token") && shown.contains("my-client"), "{shown}");
    assert!(!shown.contains(&token[..20]), "{shown}");
}
