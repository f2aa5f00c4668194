//! A customer is registered when somebody has said yes, and found again by the console.

use super::network::Fake;
use super::serve::Serve;
use super::*;

const REGISTER: [&str; 4] = ["customer", "register", "--profile", "mine"];
const JANE: [&str; 6] = ["--name", "Jane", "--surname", "Doe", "--mobile", "+27000000002"];

fn v2(serve: &Serve) -> String {
    format!("{}/panic-api/v2", serve.url())
}

fn kept(user: &User) -> Value {
    let bytes = fs::read(user.path("state/profiles/mine/customer.json")).unwrap();
    serde_json::from_slice::<Value>(&bytes).unwrap()["kept"].clone()
}

#[test]
fn by_flags_for_a_profile_that_says_nothing_of_them() {
    let serve = Serve::launch(Serve::command(&[]));
    let user = User::at(&v2(&serve), "");
    // Before, the console cannot start, and says how it could.
    let before = user.run(&["--profile", "mine"]);
    assert_eq!(before.status, Some(2));
    assert!(
        before.stderr.contains("missing  panic-console customer register --profile mine"),
        "{}",
        before.stderr
    );

    let told = user.run(&[&REGISTER[..], &JANE, &["--json"]].concat());
    assert_eq!(told.status, Some(0), "{}", told.stderr);
    assert!(told.stderr.contains("customer      Jane Doe, +27000000002"), "shown first: {}", told.stderr);
    let id = told.json()["customerId"].clone();
    assert!(id.is_i64() && told.json()["created"] == true);
    assert_eq!(kept(&user), id);

    // After, it starts; without a terminal it is the plain one.
    let after = user.run(&["--profile", "mine"]);
    assert_eq!(after.status, Some(0), "{}", after.stderr);
    assert!(after.stdout.contains("no active callout"), "{}", after.stdout);
    let again = user.run(&[&REGISTER[..], &["--json"]].concat());
    assert_eq!((again.json()["customerId"].clone(), again.json()["created"].as_bool()), (id, Some(false)));
}

#[test]
fn by_the_profile_alone() {
    let serve = Serve::launch(Serve::command(&[]));
    let user =
        User::at(&v2(&serve), "customer = { name = \"Jane\", surname = \"Doe\", mobile = \"+27000000002\" }");
    let told = user.run(&REGISTER);
    assert_eq!(told.status, Some(0), "{}", told.stderr);
    assert_eq!(told.stdout, format!("customer {}\n", kept(&user)));
    let other = user.run(&[&REGISTER[..], &["--mobile", "+27000000003"]].concat());
    assert_eq!(other.status, Some(0), "it is registered already: {}", other.stderr);
}

#[test]
fn another_number_than_the_profile_s_is_refused() {
    let serve = Serve::launch(Serve::command(&[]));
    let user =
        User::at(&v2(&serve), "customer = { name = \"Jane\", surname = \"Doe\", mobile = \"+27000000002\" }");
    let words = [&REGISTER[..], &["--mobile", "+27000000003"]].concat();
    user.run(&words).refused(2, "the profile has another number");
}

#[test]
fn what_nobody_said_is_asked_for_on_a_terminal() {
    let serve = Serve::launch(Serve::command(&[]));
    let user = User::at(&v2(&serve), "");
    user.run(&REGISTER).refused(2, "--name is needed");
    let answers =
        [("Name: ", ""), ("Name: ", "Jane"), ("Surname: ", "Doe"), ("+27000000002: ", "+27000000002")];
    let (status, shown) = user.answering(&REGISTER, &answers);
    assert_eq!(status, 0, "{shown}");
    assert!(shown.contains("Jane Doe, +27000000002") && kept(&user).is_i64(), "{shown}");
}

/// Beyond this machine: no loopback address by its name, and yet nothing leaves.
#[test]
fn beyond_this_machine_nothing_is_sent_before_a_yes() {
    let server = Fake::answering("");
    let user = User::at(&format!("https://0.0.0.0:{}/panic-api/v2", server.port), "");
    let words = [&REGISTER[..], &JANE, &["--subscription-type", "4"]].concat();
    for no in ["n", "", "Y E S"] {
        let (status, shown) = user.answering(&words, &[("Register this customer? [y/N]: ", no)]);
        assert!(status == 1 && shown.contains("nothing was sent"), "{status}: {shown}");
        assert!(shown.contains("To be registered at 0.0.0.0:") && shown.contains("type 4"), "{shown}");
    }
    let told = user.run(&words);
    assert_eq!(told.status, Some(2));
    assert!(told.stderr.contains("--yes says that it is meant"), "{}", told.stderr);
    assert!(server.seen().is_empty());
    // The type of the subscription is nobody's default there.
    let told = user.run(&[&REGISTER[..], &JANE, &["--yes"]].concat());
    assert!(
        told.status == Some(2) && told.stderr.contains("--subscription-type is needed"),
        "{}",
        told.stderr
    );
    assert!(server.seen().is_empty());
    let (status, shown) = user.answering(&words, &[("Register this customer? [y/N]: ", "y")]);
    assert!(status == 1 && shown.contains("no connection"), "it was tried: {shown}");
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn a_read_only_profile_registers_nobody() {
    let server = Fake::answering("");
    let base_url = format!("http://127.0.0.1:{}/panic-api/v2", server.port);
    let user = User::at(&base_url, "read_only = true");
    user.run(&[&REGISTER[..], &JANE, &["--yes"]].concat()).refused(2, "read-only");
    let user = User::at(&base_url, "").set("PANIC_CONSOLE_READ_ONLY", "true");
    user.run(&[&REGISTER[..], &JANE, &["--yes"]].concat()).refused(2, "read-only");
    assert!(server.seen().is_empty());
}

#[test]
fn a_v1_user_is_registered_once() {
    let serve = Serve::launch(Serve::command(&[]));
    let user = User::at(
        &format!("{}/panic-api", serve.url()),
        "dialect = \"v1\"\nuser = { email = \"jane.doe@example.com\", password = { env = \"PASSWORD\" } }",
    )
    .set("PASSWORD", SECRET);
    let told = user.run(&REGISTER);
    assert_eq!((told.status, told.stdout.as_str()), (Some(0), "user registered\n"), "{}", told.stderr);
    assert!(!format!("{told:?}").contains(SECRET));
    let again = user.run(&REGISTER);
    assert_eq!((again.status, again.stdout.as_str()), (Some(0), "user known\n"), "{}", again.stderr);
    user.keeps_nowhere(SECRET);
}

#[test]
fn the_demo_and_a_v1_profile_without_a_user_are_told_what_to_do() {
    User::new().run(&["customer", "register"]).refused(2, "name a profile of the config");
    let user = User::at("http://127.0.0.1:1/panic-api", "dialect = \"v1\"");
    user.run(&REGISTER).refused(2, "user.email and user.password");
}
