//! Where secrets come from, and what is said of the places that they are kept in.

use super::*;

#[test]
fn secrets_come_from_files_and_commands_without_their_line_end() {
    let secret = |user: &User| {
        let setup = user.console(&profile("staging")).unwrap();
        (connection(&setup).credentials.client_secret.expose_secret().to_owned(), setup.warnings)
    };
    let user = staging_with("client_secret = { file = \"secrets/staging\" }");
    user.write("config/secrets/staging", "from a file\r\n");
    assert_eq!(secret(&user), ("from a file".to_owned(), vec![]));

    let user = staging_with("client_secret = { command = [\"printf\", 'from a command\\n\\n'] }");
    assert_eq!(secret(&user), ("from a command".to_owned(), vec![]));
}

#[test]
fn a_secret_that_cannot_be_had_names_its_place() {
    let told = |source: &str| {
        let user = staging_with(&format!("client_secret = {source}"));
        let told = user.console(&profile("staging")).map(|_| ()).unwrap_err();
        told.split_once(": profiles.staging.client_secret: ").unwrap().1.to_owned()
    };
    assert_eq!(told("{ env = \"NONE_SUCH\" }"), "the variable NONE_SUCH is not set");
    assert!(told("{ file = \"none\" }").contains("none: "), "{}", told("{ file = \"none\" }"));
    assert!(told("{ command = [\"no-such-program\"] }").starts_with("cannot run no-such-program: "));
    let failed = told("{ command = [\"sh\", \"-c\", \"echo not-a-secret; exit 3\"] }");
    assert_eq!(failed, "sh failed: exit status: 3");
}

#[test]
fn only_the_chosen_profile_s_secrets_are_fetched() {
    let user = staging_with("client_secret = { command = [\"no-such-program\"] }");
    assert!(user.console(&Flags::default()).is_ok());
    assert!(user.console(&profile("staging")).is_err());
}

#[test]
fn a_secret_in_clear_is_taken_with_a_warning() {
    let user = staging_with("client_secret = { value = \"not-a-secret\" }");
    let setup = user.console(&profile("staging")).unwrap();
    let file = user.path("config/config.toml").display().to_string();
    let [warning] = &setup.warnings[..] else { panic!("{:?}", setup.warnings) };
    assert!(warning.starts_with(&format!("{file}:")), "{warning}");
    assert!(warning.contains(": profiles.staging.client_secret: the secret stands in clear"), "{warning}");
}

#[cfg(unix)]
#[test]
fn what_everybody_knows_is_no_secret() {
    use std::os::unix::fs::PermissionsExt;
    let user = staging_with("client_secret = { value = \"demo-secret\" }");
    fs::set_permissions(user.path("config/config.toml"), fs::Permissions::from_mode(0o644)).unwrap();
    let setup = user.console(&profile("staging")).unwrap();
    assert_eq!(setup.warnings, Vec::<String>::new(), "the secret of every simulator by default");
}

#[cfg(unix)]
#[test]
fn a_secret_that_others_can_read_is_warned_of() {
    use std::os::unix::fs::PermissionsExt;
    let open = |path: PathBuf| fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
    let user = staging_with("client_secret = { file = \"secret\" }");
    user.write("config/secret", "not-a-secret\n");
    open(user.path("config/secret"));
    let warnings = user.console(&profile("staging")).unwrap().warnings;
    assert!(warnings.len() == 1 && warnings[0].ends_with("can be read by other users"), "{warnings:?}");

    let user = staging_with("client_secret = { value = \"not-a-secret\" }");
    open(user.path("config/config.toml"));
    let warnings = user.console(&profile("staging")).unwrap().warnings;
    assert!(warnings.len() == 2 && warnings[1].ends_with("can be read by other users"), "{warnings:?}");
}

#[test]
fn a_v1_user_needs_no_client_secret() {
    let user = User::with_config(
        "[profiles.old]\nbase_url = \"http://localhost:3005/panic-api\"\ndialect = \"v1\"\nclient_id = \"my-client\"\n\
         user = { email = \"jane.doe@example.com\", password = { env = \"PASSWORD\" } }\n\
         customer = { name = \"Jane\", surname = \"Doe\", mobile = \"+27000000002\" }\n\
         place = { latitude = 0.0, longitude = 0.0 }\n",
    )
    .set("PASSWORD", "not-a-secret");
    let setup = user.console(&profile("old")).unwrap();
    let user = connection(&setup).credentials.user.as_ref().unwrap();
    assert_eq!(
        (user.email.as_str(), user.password.expose_secret()),
        ("jane.doe@example.com", "not-a-secret")
    );
}
