//! The settings as a person writes them: files in, the merged settings or one clear refusal out.
#![expect(clippy::unwrap_used, reason = "clippy allows it in tests, but not in what prepares them")]

#[path = "config/secrets.rs"]
mod secrets;

use panic_console::api::client::Connection;
use panic_console::app::callout::Classification;
use panic_console::app::state::{Dialect, Environment};
use panic_console::config::{self, Config, ConsoleSetup, Flags, LogLevel, Model, Target, Theme};
use panic_console::location::{Reception, Source};
use secrecy::ExposeSecret;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};
use tempfile::TempDir;

/// A user of their own: folders, variables and config file of one test.
struct User {
    home: TempDir,
    variables: BTreeMap<String, String>,
}

impl User {
    fn new() -> Self {
        let home = TempDir::new().unwrap();
        let folder = |name: &str| home.path().join(name).display().to_string();
        let variables = BTreeMap::from([
            ("PANIC_CONSOLE_CONFIG_DIR".to_owned(), folder("config")),
            ("PANIC_CONSOLE_STATE_DIR".to_owned(), folder("state")),
        ]);
        Self { home, variables }
    }

    fn with_config(text: &str) -> Self {
        let user = Self::new();
        user.write("config/config.toml", text);
        user
    }

    fn set(mut self, variable: &str, value: &str) -> Self {
        self.variables.insert(variable.to_owned(), value.to_owned());
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        readable_by_owner_only(&path).unwrap();
    }

    fn load(&self, flags: &Flags) -> Result<Config, String> {
        config::load(flags, &|name| self.variables.get(name).cloned()).map_err(|error| error.to_string())
    }

    fn console(&self, flags: &Flags) -> Result<ConsoleSetup, String> {
        let config = self.load(flags)?;
        config.console(&|name| self.variables.get(name).cloned()).map_err(|error| error.to_string())
    }
}

#[cfg(unix)]
fn readable_by_owner_only(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn readable_by_owner_only(_: &Path) -> io::Result<()> {
    Ok(())
}

fn profile(name: &str) -> Flags {
    Flags { profile: Some(name.to_owned()), ..Flags::default() }
}

const STAGING: &str = r#"
[profiles.staging]
base_url = "https://staging-panic.aura.services/panic-api/v2/"
client_id = "my-client"
client_secret = { env = "STAGING_SECRET" }
customer = { id = 12345 }
place = { latitude = -26.1091, longitude = 28.083 }
"#;

/// The profile of [`STAGING`] with other lines in it, or the same ones with other values.
fn staging_with(lines: &str) -> User {
    let named = |line: &str| line.split(" =").next().unwrap_or_default().to_owned();
    let replaced: Vec<String> = lines.lines().map(named).collect();
    let kept: Vec<&str> = STAGING.lines().filter(|line| !replaced.contains(&named(line))).collect();
    User::with_config(&format!("{}\n{lines}\n", kept.join("\n"))).set("STAGING_SECRET", "not-a-secret")
}

fn connection(setup: &ConsoleSetup) -> &Connection {
    match &setup.target {
        Target::Server(connection, _) => connection,
        Target::Demo(_) => panic!("the demo was set up"),
    }
}

#[test]
fn the_example_is_exactly_the_defaults() {
    let example = User::with_config(include_str!("../config.example.toml")).load(&Flags::default()).unwrap();
    assert_eq!(example.model, Model::default());
    assert_eq!(example.model, User::new().load(&Flags::default()).unwrap().model);
}

/// The profile that the example shows behind `# ` is one that is taken as it stands.
#[test]
fn the_example_s_own_profile_is_taken() {
    let example = include_str!("../config.example.toml");
    let (_, shown) = example.split_once("letters, digits, - and _.\n#\n").unwrap();
    let settings: Vec<&str> = shown
        .lines()
        .map(|line| line.trim_start_matches("# "))
        .filter(|line| line.starts_with('[') || line.contains(" = "))
        .filter(|line| !line.starts_with('{') && !line.contains("{ file") && !line.contains("{ command"))
        // A file that is not there is refused.
        .filter(|line| !line.starts_with("ca_file"))
        .collect();
    let text = settings.join("\n");
    let text = text.replace("dialect = \"v2\"", "dialect = \"v1\"");
    let user = User::with_config(&text).set("PANIC_CLIENT_SECRET", "a").set("PANIC_USER_PASSWORD", "b");
    let setup = user.console(&profile("staging")).unwrap();
    assert_eq!(setup.settings.environment, Environment::Staging);
    assert_eq!(connection(&setup).customer.mobile, "+27000000002");
}

#[test]
fn each_refused_setting_has_its_message() {
    let mut cases = 0;
    for entry in fs::read_dir("tests/invalid_configs").unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let expected: Vec<String> = text
            .lines()
            .filter_map(|line| line.strip_prefix("#! "))
            .map(|line| format!("{}:{line}", path.display()))
            .collect();
        assert!(!expected.is_empty(), "{} says nothing of what is expected", path.display());
        let flags = Flags { config: Some(path.clone()), ..Flags::default() };
        let told = User::new().console(&flags).map(|_| ()).unwrap_err();
        assert_eq!(told, expected.join("\n"), "{}", path.display());
        assert!(!told.contains("not-a-secret"), "{told}");
        cases += 1;
    }
    assert!(cases > 60, "only {cases} cases were found");
}

#[test]
fn file_then_environment_then_flag() {
    let file = User::with_config(
        "theme = \"light\"\nlog_level = \"warn\"\ndemo = { speed = 2, scenario = \"a\" }\n",
    );
    let told = file.load(&Flags::default()).unwrap();
    assert_eq!((told.theme, told.model.log_level), (Theme::Light, LogLevel::Warn));
    assert_eq!((told.model.demo.speed, told.model.demo.scenario.as_str()), (2.0, "a"));

    let over = file
        .set("PANIC_CONSOLE_THEME", "mono")
        .set("PANIC_CONSOLE_LOG_LEVEL", "debug")
        .set("PANIC_CONSOLE_SPEED", "3")
        .set("PANIC_CONSOLE_SCENARIO", "b")
        .set("PANIC_CONSOLE_READ_ONLY", "true");
    let told = over.load(&Flags::default()).unwrap();
    assert_eq!((told.theme, told.model.log_level), (Theme::Mono, LogLevel::Debug));
    assert_eq!((told.model.demo.speed, told.model.demo.scenario.as_str()), (3.0, "b"));
    assert!(told.model.read_only);

    let flags = Flags {
        theme: Some(Theme::Dark),
        log_level: Some(LogLevel::Trace),
        speed: Some(4.0),
        scenario: Some("c".to_owned()),
        ..Flags::default()
    };
    let told = over.load(&flags).unwrap();
    assert_eq!((told.theme, told.model.log_level), (Theme::Dark, LogLevel::Trace));
    assert_eq!((told.model.demo.speed, told.model.demo.scenario.as_str()), (4.0, "c"));
}

#[test]
fn no_color_means_mono_unless_a_theme_is_named() {
    let theme = |user: &User| user.load(&Flags::default()).unwrap().theme;
    assert_eq!(theme(&User::new()), Theme::Dark);
    assert_eq!(theme(&User::new().set("NO_COLOR", "")), Theme::Dark);
    assert_eq!(theme(&User::new().set("NO_COLOR", "1")), Theme::Mono);
    assert_eq!(theme(&User::with_config("theme = \"light\"").set("NO_COLOR", "1")), Theme::Light);
}

#[test]
fn a_refusal_names_the_variable_or_flag_it_came_from() {
    let told = |user: User, flags: &Flags| user.load(flags).map(|_| ()).unwrap_err();
    assert_eq!(
        told(User::new().set("PANIC_CONSOLE_THEME", "blu"), &Flags::default()),
        "PANIC_CONSOLE_THEME: \"blu\" is none of dark, light, mono"
    );
    assert_eq!(
        told(User::new().set("PANIC_CONSOLE_SPEED", "fast"), &Flags::default()),
        "PANIC_CONSOLE_SPEED: \"fast\" is not a number"
    );
    assert_eq!(
        told(User::new().set("PANIC_CONSOLE_SPEED", "1000"), &Flags::default()),
        "PANIC_CONSOLE_SPEED: 1000 is out of range: 0.1 to 600"
    );
    assert_eq!(
        told(User::new(), &Flags { speed: Some(0.0), ..Flags::default() }),
        "--speed: 0 is out of range: 0.1 to 600"
    );
    assert_eq!(
        told(User::with_config(STAGING), &profile("live")),
        "--profile: there is no profile \"live\"; there are: demo, staging"
    );
}

#[test]
fn a_named_file_must_be_there_and_the_usual_one_need_not() {
    assert!(User::new().load(&Flags::default()).is_ok());
    let user = User::new();
    let missing = user.path("none.toml");
    let flags = Flags { config: Some(missing.clone()), ..Flags::default() };
    let told = user.load(&flags).map(|_| ()).unwrap_err();
    assert!(told.starts_with(&format!("cannot read {}: ", missing.display())), "{told}");

    user.write("mine.toml", "log_level = \"trace\"\n");
    let mine = user.path("mine.toml").display().to_string();
    let user = user.set("PANIC_CONSOLE_CONFIG", &mine);
    assert_eq!(user.load(&Flags::default()).unwrap().model.log_level, LogLevel::Trace);
}

#[test]
fn the_demo_needs_nothing_and_no_home() {
    let user = User::new();
    let setup = user.console(&Flags::default()).unwrap();
    assert_eq!(setup.settings.environment, Environment::Demo);
    assert_eq!(setup.settings.classification, Classification::Test);
    assert!(setup.warnings.is_empty());
    let Target::Demo(demo) = setup.target else { panic!("no demo") };
    assert_eq!((demo.speed, demo.scenario.as_str()), (1.0, "happy-path"));
    assert_eq!(demo.state_file, user.path("state/profiles/demo/world.sqlite"));
    let connection = demo.connection;
    assert_eq!(connection.credentials.client_secret.expose_secret(), "demo-secret");
}

#[test]
fn a_profile_becomes_a_connection() {
    let user = staging_with("vehicle = { make = \"Toyota\", colour = \"White\" }");
    let setup = user.console(&profile("staging")).unwrap();
    let connection = connection(&setup);
    assert_eq!(connection.base_url, "https://staging-panic.aura.services/panic-api/v2");
    assert_eq!(connection.dialect, Dialect::V2);
    assert_eq!(connection.credentials.client_id, "my-client");
    assert_eq!(connection.credentials.client_secret.expose_secret(), "not-a-secret");
    assert_eq!(connection.customer.id, Some(12345));
    assert_eq!(connection.customer.vehicle_colour.as_deref(), Some("White"));
    assert_eq!(connection.response_type_id, 1);
    assert_eq!(connection.classification, Classification::Test);
    assert!(!connection.internal_test);
    assert_eq!(setup.settings.host.as_str(), "staging-panic.aura.services");
    assert_eq!(setup.settings.environment, Environment::Staging);
    assert_eq!(setup.settings.poll_every.as_secs(), 15);
    assert_eq!(setup.resume_file, user.path("state/profiles/staging/resume.json"));
    assert!(!format!("{setup:?}").contains("not-a-secret"));
}

#[test]
fn production_and_unknown_hosts_ring_demo_vehicles_by_default() {
    for (host, environment) in
        [("panic.aura.services", Environment::Production), ("panic.example.com", Environment::Remote)]
    {
        let user = staging_with(&format!("base_url = \"https://{host}/panic-api/v2\""));
        let setup = user.console(&profile("staging")).unwrap();
        assert_eq!(setup.settings.environment, environment);
        assert_eq!(connection(&setup).response_type_id, 3);
        assert!(connection(&setup).internal_test);
        assert_eq!(connection(&setup).classification, Classification::Test);
    }
}

#[test]
fn what_is_said_by_name_holds_on_production_too() {
    let user = staging_with(
        "base_url = \"https://panic.aura.services/panic-api/v2\"\nresponse_type = \"medical\"\n\
         classification = \"real\"\ninternal_test = false\npoll_seconds = 20",
    );
    let setup = user.console(&profile("staging")).unwrap();
    assert_eq!(connection(&setup).response_type_id, 2);
    assert_eq!(connection(&setup).classification, Classification::Real);
    assert!(!connection(&setup).internal_test);
    assert_eq!(setup.settings.poll_every.as_secs(), 20);
}

/// Whoever spells it otherwise gets production all the same, with its care.
#[test]
fn no_spelling_makes_production_tamer() {
    for url in [
        "https://PANIC.Aura.Services/panic-api/v2",
        "https://panic.aura.services./panic-api/v2",
        "https://panic.aura.services:443/panic-api/v2",
        "https://p%61nic.aura.services/panic-api/v2",
        "https://panic\u{3002}aura.services/panic-api/v2",
        "https://panic.aura.services\\\\@127.0.0.1/panic-api/v2",
        "https://panic.aura.services/development/panic-api/v2",
    ] {
        let user = staging_with(&format!("base_url = \"{url}\""));
        let setup = user.console(&profile("staging")).unwrap();
        let connection = connection(&setup);
        assert_eq!(setup.settings.environment, Environment::Production, "{url}");
        assert_eq!((connection.response_type_id, connection.internal_test), (3, true), "{url}");
        assert_eq!(connection.classification, Classification::Test, "{url}");
        let user = staging_with(&format!("base_url = \"{url}\"\nenvironment = \"staging\""));
        assert!(user.console(&profile("staging")).unwrap_err().contains("this host is production"), "{url}");
    }
}

/// What only looks like this machine is another one: polls may not be closer there.
#[test]
fn no_host_that_looks_local_is_polled_too_often() {
    for host in ["0.0.0.0", "localhost.example.com", "127.0.0.1.example.com", "10.0.0.1", "[::2]"] {
        for seconds in [1, 9, 21, 60] {
            let base = format!("base_url = \"https://{host}/panic-api/v2\"");
            let own = staging_with(&format!("{base}\npoll_seconds = {seconds}"));
            let told = own.console(&profile("staging")).map(|_| ()).unwrap_err();
            assert!(told.contains("10 to 20 on a host that is not this machine"), "{host}: {told}");
            let top = staging_with(&base);
            let text = fs::read_to_string(top.path("config/config.toml")).unwrap();
            top.write("config/config.toml", &format!("poll_seconds = {seconds}\n{text}"));
            let told = top.console(&profile("staging")).map(|_| ()).unwrap_err();
            assert!(told.contains("10 to 20 on a host that is not this machine"), "{host}: {told}");
        }
    }
}

#[test]
fn only_the_word_itself_makes_a_callout_real() {
    for (given, expected) in [("\"test\"", Classification::Test), ("\"real\"", Classification::Real)] {
        let setup = staging_with(&format!("classification = {given}")).console(&profile("staging")).unwrap();
        assert_eq!(connection(&setup).classification, expected);
    }
    for wrong in ["\"Real\"", "\"REAL\"", "\"\"", "true", "0", "-1"] {
        let told = staging_with(&format!("classification = {wrong}")).console(&profile("staging"));
        assert!(told.is_err(), "{wrong}");
    }
}

#[test]
fn time_limits_of_a_profile_hold() {
    let limits = |lines: &str| {
        let setup = staging_with(lines).console(&profile("staging")).unwrap();
        let connection = connection(&setup);
        (connection.connect_timeout.as_millis(), connection.total_timeout.as_millis())
    };
    assert_eq!(limits(""), (3_000, 8_000));
    assert_eq!(limits("timeout = 2"), (2_000, 2_000));
    assert_eq!(limits("timeout = 12.5\nconnect_timeout = 0.5"), (500, 12_500));
}

#[test]
fn an_environment_may_be_made_stricter_and_not_tamer() {
    let user = staging_with("base_url = \"https://panic.example.com/x\"\nenvironment = \"production\"");
    let setup = user.console(&profile("staging")).unwrap();
    assert_eq!(setup.settings.environment, Environment::Production);
    let user = staging_with("base_url = \"https://panic.aura.services/x\"\nenvironment = \"staging\"");
    assert!(user.console(&profile("staging")).unwrap_err().contains("this host is production"));
}

#[test]
fn polls_may_be_closer_on_this_machine() {
    let user = staging_with("base_url = \"http://127.0.0.1:3005/panic-api/v2\"\npoll_seconds = 1");
    let setup = user.console(&profile("staging")).unwrap();
    assert_eq!(setup.settings.poll_every.as_secs(), 1);
    assert!(connection(&setup).total_timeout.as_millis() < 1000, "a call ends before the next poll");
    assert_eq!(setup.settings.environment, Environment::Local);
    assert_eq!(setup.settings.host.as_str(), "127.0.0.1:3005");
}

#[test]
fn read_only_comes_from_anywhere_and_no_profile_takes_it_back() {
    let read_only = |user: &User, flags: &Flags| user.console(flags).unwrap().settings.read_only;
    let flags = Flags { read_only: true, ..profile("staging") };
    assert!(!read_only(&staging_with(""), &profile("staging")));
    assert!(read_only(&staging_with("read_only = true"), &profile("staging")));
    assert!(read_only(&staging_with("read_only = false"), &flags));
    assert!(read_only(&User::new(), &Flags { read_only: true, ..Flags::default() }));
}

#[cfg(unix)]
#[test]
fn the_state_folder_is_its_owner_s_alone() {
    use std::os::unix::fs::PermissionsExt;
    let user = User::new();
    user.console(&Flags::default()).unwrap();
    for folder in ["state", "state/profiles", "state/profiles/demo"] {
        let mode = fs::metadata(user.path(folder)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "{folder}");
    }
}

#[test]
fn what_is_shown_has_no_secret_and_reads_back_as_the_same() {
    let user = staging_with("client_secret = { value = \"not-a-secret\" }\nread_only = true");
    let config = user.load(&Flags::default()).unwrap();
    let (toml, json) = (config.to_toml().unwrap(), config.to_json().unwrap());
    for shown in [&toml, &json, &format!("{config:?}")] {
        assert!(!shown.contains("not-a-secret"), "{shown}");
        assert!(shown.contains("***"), "{shown}");
    }
    let again = User::with_config(&toml).load(&Flags::default()).unwrap();
    let mut expected = config.model.clone();
    if let Some(profile) = expected.profiles.get_mut("staging") {
        profile.client_secret = Some(config::SecretSource::Value("***".to_owned()));
    }
    assert_eq!(again.model, expected);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["profiles"]["staging"]["read_only"], true);
}

#[test]
fn keys_of_the_file_hold() {
    use panic_console::app::intent::Intent;
    use panic_console::keymap::{KeyPress, Scope};
    let config = User::with_config("[keys]\nraise = \"f9\"\nfaster = [\">\", \"ctrl-up\"]\n");
    let keymap = config.load(&Flags::default()).unwrap().keymap;
    assert_eq!(keymap.resolve(&[Scope::Panes], KeyPress::parse("f9").unwrap()), Some(Intent::Raise));
    assert_eq!(keymap.keys_of(Scope::Screens, Intent::Faster), ">/ctrl-up");
}

/// What [`User::console`] says, with the user's own folder taken out of it.
fn told_at_home(user: &User, flags: &Flags) -> String {
    let told = user.console(flags).map(|_| ()).unwrap_err();
    told.replace(&user.home.path().display().to_string(), "~")
}

const LINE: &str = r#"{"type":"LineString","coordinates":[[28.083,-26.1091],[28.084,-26.1091]]}"#;

#[test]
fn a_track_and_a_base_layer_lie_beside_the_config() {
    let user = User::with_config(
        "location = { source = \"geojson\", file = \"way.geojson\", speed_kmh = 5, loop = true, \
         accuracy_model = \"indoors\" }\nmap.base = \"streets.geojson\"\n",
    );
    user.write("config/way.geojson", LINE);
    user.write("config/streets.geojson", LINE);
    let movement = user.console(&Flags::default()).unwrap().movement;
    assert_eq!(movement.track.unwrap().track().points().len(), 2);
    assert_eq!((movement.source, movement.reception), (Source::Geojson, Reception::Indoors));
    assert!(movement.base.is_some());
}

#[test]
fn a_bad_track_is_told_with_its_setting_file_and_line() {
    let config = "[location]\nsource = \"gpx\"\nfile = \"walk.gpx\"\n[map]\nbase = \"a.geojson\"\n";
    let user = User::with_config(config);
    let told = told_at_home(&user, &Flags::default());
    let lines: Vec<&str> = told.lines().collect();
    let missing = "~/config/config.toml:3: location.file: ~/config/walk.gpx: cannot be read: ";
    assert!(lines[0].starts_with(missing), "{told}");
    assert!(lines[1].starts_with("~/config/config.toml:5: map.base: ~/config/a.geojson: cannot be read: "));
    user.write("config/walk.gpx", "<gpx><trk><trkseg>\n<trkpt lat=\"91\" lon=\"0\"/></trkseg></trk></gpx>");
    user.write("config/a.geojson", "{\"type\":\"LineString\",\n\"coordinates\":[[28.0]]}");
    assert_eq!(
        told_at_home(&user, &Flags::default()),
        "~/config/config.toml:3: location.file: ~/config/walk.gpx:2: latitude 91 is out of range: -90 to 90\n\
         ~/config/config.toml:5: map.base: ~/config/a.geojson:2: a place needs longitude and latitude"
    );
}

#[test]
fn a_track_of_the_command_line_goes_before_that_of_the_file() {
    let user = User::with_config("[location]\nsource = \"walk\"\n");
    let flags = |file: PathBuf| Flags { location: Some(file), ..Flags::default() };
    for route in ["assets/routes/walk.gpx", "assets/routes/drive.gpx"] {
        let movement = user.console(&flags(route.into())).unwrap().movement;
        assert_eq!(movement.source, Source::Gpx);
        let track = movement.track.unwrap();
        assert!(track.track().is_timed() && track.track().length() > 500.0, "{route}");
    }
    let told = told_at_home(&user, &flags(user.path("none.gpx")));
    assert!(told.starts_with("--location: ~/none.gpx: cannot be read: "), "{told}");
    assert_eq!(
        told_at_home(&user, &flags("walk.kml".into())),
        "--location: walk.kml: its name ends neither in .gpx nor in .geojson"
    );
}
