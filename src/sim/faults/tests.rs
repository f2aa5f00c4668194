//! Rules read, drawn and counted, without a server.

use super::*;

fn rules(toml: &str) -> Rules {
    toml::from_str(toml).unwrap()
}

fn faults(toml: &str) -> Faults {
    let faults = Faults::default();
    faults.put(rules(toml));
    faults
}

const READ: Asked<'_> =
    Asked { method: "GET", route: "/callouts/{callout}", dialect: Some(Dialect::V2), callout: Some(1_010) };

/// Which of so many equal requests meet something.
fn pattern(faults: &Faults, count: usize) -> Vec<bool> {
    (0..count).map(|_| faults.meet(READ).is_some()).collect()
}

#[test]
fn json_and_toml_say_the_same() {
    let json = r#"{ "seed": 7, "rules": [
        { "method": "GET", "route": "/callouts/{callout}", "dialect": "v2", "callout": 1010,
          "share": 0.5, "times": 3, "after": 2, "fault": { "delay": { "uniform": { "lower": 1, "upper": 9 } } } },
        { "fault": "EMPTY_RESPONSE", "carriedOut": true },
        { "fault": { "status": { "code": 503, "retryAfter": 7 } } },
        { "fault": "gps-frozen" } ] }"#;
    let toml = r#"
        seed = 7
        [[rules]]
        method = "GET"
        route = "/callouts/{callout}"
        dialect = "v2"
        callout = 1010
        share = 0.5
        times = 3
        after = 2
        fault = { delay = { uniform = { lower = 1, upper = 9 } } }
        [[rules]]
        fault = "EMPTY_RESPONSE"
        carriedOut = true
        [[rules]]
        fault = { status = { code = 503, retryAfter = 7 } }
        [[rules]]
        fault = "gps-frozen"
    "#;
    let read: Rules = serde_json::from_str(json).unwrap();
    assert_eq!(read, rules(toml));
    let written = serde_json::to_string(&read).unwrap();
    assert_eq!(serde_json::from_str::<Rules>(&written).unwrap(), read);
}

#[test]
fn what_cannot_be_names_its_field() {
    for (rule, words) in [
        ("fault = \"nobody\"", "unknown variant `nobody`"),
        ("method = \"GET\"", "missing field `fault`"),
        ("fault = \"EMPTY_RESPONSE\"\nshare = 1.5", "share: must be from 0 to 1"),
        ("fault = \"EMPTY_RESPONSE\"\ntimes = -1", "invalid value"),
        ("fault = \"EMPTY_RESPONSE\"\nwhere = 1", "unknown field `where`"),
        ("fault = \"EMPTY_RESPONSE\"\nmethod = \"get\"", "method: must be in capitals"),
        ("fault = \"EMPTY_RESPONSE\"\nroute = \"callouts\"", "route: must begin with /"),
        ("fault = \"gps-frozen\"\nroute = \"/callouts\"", "route: this fault is about callouts"),
        ("fault = \"webhook-lost\"\nmethod = \"GET\"", "method: this fault is about webhooks"),
        ("fault = \"stale-reads\"\ncarriedOut = true", "carriedOut:"),
        ("fault = { delay = { fixed = 700000 } }", "fixed: must be from 0"),
        ("fault = { delay = { uniform = { lower = 5, upper = 4 } } }", "lower: must not be above"),
        ("fault = { delay = { lognormal = { median = 5, sigma = 9 } } }", "sigma: must be from 0 to 5"),
        ("fault = { chunked-dribble = { chunks = 0, totalMs = 1 } }", "chunks: must be"),
        ("fault = { status = { code = 99 } }", "code: must be"),
    ] {
        let error = toml::from_str::<Rules>(&format!("[[rules]]\n{rule}")).unwrap_err();
        assert!(error.message().contains(words), "{rule}: {}", error.message());
    }
    let many = "[[rules]]\nfault = \"EMPTY_RESPONSE\"\n".repeat(65);
    assert!(toml::from_str::<Rules>(&many).unwrap_err().message().contains("at most 64"));
}

#[test]
fn a_file_is_refused_by_its_name_line_and_field() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("faults.toml");
    std::fs::write(&path, "seed = 1\n\n[[rules]]\nfault = \"EMPTY_RESPONSE\"\nshare = 2.0\n").unwrap();
    let message = Rules::from_file(&path).unwrap_err().to_string();
    assert!(message.contains("faults.toml:5: ") && message.contains("share: "), "{message}");
    let message = Rules::from_file(&folder.path().join("none.toml")).unwrap_err().to_string();
    assert!(message.contains("none.toml: "), "{message}");
}

#[test]
fn a_rule_is_met_where_it_says_and_nowhere_else() {
    let faults = faults(
        "[[rules]]\nmethod = \"GET\"\nroute = \"/callouts/{callout}\"\ndialect = \"v2\"\ncallout = 1010\n\
         fault = \"EMPTY_RESPONSE\"",
    );
    assert!(faults.meet(READ).is_some());
    for other in [
        Asked { method: "POST", ..READ },
        Asked { route: "/callouts", ..READ },
        Asked { dialect: Some(Dialect::V1), ..READ },
        Asked { callout: Some(1_011), ..READ },
        Asked { callout: None, ..READ },
    ] {
        assert_eq!(faults.meet(other), None, "{other:?}");
    }
    assert_eq!(faults.counted(), [Counted { seen: 1, met: 1 }]);
}

#[test]
fn after_and_times_bound_it() {
    let faults = faults("[[rules]]\nafter = 2\ntimes = 3\nfault = \"EMPTY_RESPONSE\"");
    assert_eq!(pattern(&faults, 7), [false, false, true, true, true, false, false]);
    assert_eq!(faults.counted(), [Counted { seen: 7, met: 3 }]);
}

#[test]
fn a_token_expires_once_unless_it_says_otherwise() {
    assert_eq!(pattern(&faults("[[rules]]\nfault = \"token-expired\""), 3), [true, false, false]);
    assert_eq!(pattern(&faults("[[rules]]\ntimes = 2\nfault = \"token-expired\""), 3), [true, true, false]);
}

#[test]
fn the_same_seed_gives_the_same_pattern_and_another_one_another() {
    let of = |seed: u64| {
        pattern(&faults(&format!("seed = {seed}\n[[rules]]\nshare = 0.3\nfault = \"EMPTY_RESPONSE\"")), 1_000)
    };
    assert_eq!(of(1), of(1));
    assert_ne!(of(1), of(2));
    let met = of(1).into_iter().filter(|met| *met).count();
    assert!((250..350).contains(&met), "{met}");
}

#[test]
fn off_is_nothing_and_new_rules_begin_anew() {
    let faults = Faults::default();
    assert!(!faults.is_on() && faults.meet(READ).is_none());
    faults.put(rules("[[rules]]\ntimes = 1\nfault = \"EMPTY_RESPONSE\""));
    assert_eq!(pattern(&faults, 2), [true, false]);
    faults.put(faults.rules());
    assert_eq!(pattern(&faults, 2), [true, false]);
    faults.put(Rules::default());
    assert!(!faults.is_on());
}

#[test]
fn several_rules_add_up() {
    let faults = faults(
        "[[rules]]\nfault = { delay = { fixed = 30 } }\n[[rules]]\nfault = { delay = { fixed = 12 } }\n\
         [[rules]]\nfault = { status = { code = 503 } }\n[[rules]]\nfault = \"EMPTY_RESPONSE\"",
    );
    let met = faults.meet(READ).unwrap();
    assert_eq!(met.delay, Duration::from_millis(42));
    assert!(matches!(met.instead, Some(Instead::Status(StatusFault { code: 503, .. }))), "{met:?}");
}

#[test]
fn delays_lie_where_they_are_said_to() {
    let delays = |delay: Delay| -> Vec<Duration> {
        let mut drawn: Vec<_> = (0..2_000).map(|turn| delay.drawn(mix(turn))).collect();
        drawn.sort();
        drawn
    };
    let uniform = delays(Delay::Uniform { lower: 100, upper: 200 });
    assert!(uniform[0] >= Duration::from_millis(100) && uniform[1_999] <= Duration::from_millis(200));
    assert!((130..170).contains(&uniform[1_000].as_millis()), "{:?}", uniform[1_000]);
    let lognormal = delays(Delay::Lognormal { median: 80.0, sigma: 0.4 });
    assert!((72..88).contains(&lognormal[1_000].as_millis()), "{:?}", lognormal[1_000]);
    assert!((130..180).contains(&lognormal[1_900].as_millis()), "{:?}", lognormal[1_900]);
}

#[test]
fn webhooks_have_rules_of_their_own() {
    let faults = faults("[[rules]]\ncallout = 7\ntimes = 1\nfault = \"webhook-doubled\"");
    assert_eq!(faults.meet(READ), None);
    assert_eq!(faults.meet_webhook(None), None);
    assert_eq!(faults.meet_webhook(Some(7)), Some(WebhookFault::Doubled));
    assert_eq!(faults.meet_webhook(Some(7)), None);
}
