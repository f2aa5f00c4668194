//! What only the server can tell: is it there, what time does it have, does it know us.

use super::{Check, Verdict};
use crate::api::claims;
use crate::api::client::{Client, Connection, Reached};
use crate::api::error::ApiError;
use crate::app::state::Dialect;
use crate::commands::{in_words, wall_clock};
use crate::config::{Concern, Config, DemoSetup, Line};
use crate::sim::{Options, Simulator};
use jiff::SignedDuration;
use secrecy::ExposeSecret as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

/// Clocks this far apart are one clock.
const SAME_TIME: SignedDuration = SignedDuration::from_secs(5);
/// From here on a fresh token may look as if it were over, and a position as if it were old.
const TOO_FAR: SignedDuration = SignedDuration::from_mins(5);

/// The embedded simulator, started in memory: the demo's own world is not touched.
pub(super) async fn demo(config: &Config, checks: &mut Vec<Check>) {
    let options = Options {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        client_id: DemoSetup::CLIENT_ID.to_owned(),
        client_secret: DemoSetup::CLIENT_SECRET.into(),
        autopilot: Some(config.model.demo.scenario.clone()),
        seed: config.model.demo.seed,
        ..Options::default()
    };
    match Simulator::start(options).await {
        Err(error) => {
            let mend = "demo.scenario names a scenario, or its file";
            checks.push(Check::problem("server", format!("the simulator did not start: {error}"), mend));
        }
        Ok(running) => {
            let connection = Connection { base_url: running.v2(), ..config.demo_connection() };
            look(connection, true, checks).await;
            running.stop().await;
        }
    }
}

/// A real environment.
pub(super) async fn all(profile: &str, line: Line, checks: &mut Vec<Check>) {
    let missing = |concern| line.problems.iter().find(|problem| problem.concern == concern);
    let has_credentials = missing(Concern::Credentials).is_none();
    let register = format!("panic-console customer register --profile {profile}");
    customer(&line, &register, checks).await;
    look(line.connection, has_credentials, checks).await;
    for check in checks.iter_mut().filter(|check| check.name == "token" && check.mend.is_none()) {
        // The only token that was refused without a mend is that of a user who is not registered.
        check.mend = (check.verdict != Verdict::Ok).then(|| register.clone());
    }
}

async fn customer(line: &Line, register: &str, checks: &mut Vec<Check>) {
    let problems = line.problems.iter().filter(|problem| problem.concern == Concern::Customer);
    let problems: Vec<_> = problems.collect();
    for problem in &problems {
        checks.push(Check::problem("customer", problem.text.as_str(), register));
    }
    if !problems.is_empty() {
        return;
    }
    if line.connection.dialect == Dialect::V1 {
        checks.push(Check::ok("customer", "named in the config; v1 takes them along with each callout"));
        return;
    }
    let clock = wall_clock();
    let known = match Client::new(line.connection.clone(), Arc::new(move || clock.now())) {
        Ok(client) => client.known_customer().await,
        // Why not is told with the server.
        Err(_) => None,
    };
    checks.push(match known {
        Some(id) => Check::ok("customer", format!("customer {id}")),
        None => Check::warning("customer", "not registered yet: the first panic does it, or now:", register),
    });
}

/// Nothing is read from a file or kept in one: what is told is what the server says now.
async fn look(connection: Connection, has_credentials: bool, checks: &mut Vec<Check>) {
    let connection = Connection { read_only: true, token_file: None, customer_file: None, ..connection };
    let clock = wall_clock();
    let reached = match Client::new(connection, Arc::new(move || clock.now())) {
        Ok(client) => client.reach().await.map(|reached| (client, reached)),
        Err(error) => Err(error),
    };
    let (client, reached) = match reached {
        Ok(found) => found,
        Err(error) => {
            let mend = "check base_url, the network, HTTPS_PROXY and NO_PROXY, and ca_file";
            checks.push(Check::problem("server", error.to_string(), mend));
            let why = "not asked for: the server cannot be reached";
            checks.push(Check::warning("token", why, "first the server"));
            return;
        }
    };
    checks.push(answers(&reached));
    checks.push(clocks(reached.ahead));
    checks.push(if has_credentials {
        token(&client).await
    } else {
        Check::warning("token", "not asked for: there are no credentials", "first the credentials")
    });
}

fn answers(reached: &Reached) -> Check {
    const NAME: &str = "server";
    let told = format!("answers in {} ms", reached.took.as_millis());
    let told_with = |what: &str| format!("{told}, with {}: {what}", reached.status);
    match reached.status {
        300..400 => Check::problem(NAME, told_with("a redirect, which is not followed"), "check base_url"),
        404 => {
            Check::warning(NAME, told_with("no such path"), "base_url ends with /panic-api/v2 or /panic-api")
        }
        500.. => Check::warning(NAME, told_with("trouble on its side"), "try again shortly"),
        _ => Check::ok(NAME, told),
    }
}

fn clocks(ahead: Option<SignedDuration>) -> Check {
    const NAME: &str = "clock";
    let Some(ahead) = ahead else {
        return Check::warning(NAME, "the server tells no time", "see that this machine's clock is right");
    };
    let apart = ahead.abs();
    if apart <= SAME_TIME {
        return Check::ok(NAME, "the same here and there");
    }
    let (earlier, told) = (if ahead.is_positive() { "behind" } else { "ahead of" }, in_words(apart));
    let told = format!("ours is {told} {earlier} the server's");
    let mend = "set this machine's clock by the network (NTP)";
    if apart < TOO_FAR { Check::warning(NAME, told, mend) } else { Check::problem(NAME, told, mend) }
}

async fn token(client: &Client) -> Check {
    const NAME: &str = "token";
    match client.token().await {
        Ok(token) => {
            let expires = claims::read(token.expose_secret()).ok().and_then(|claims| claims.expires);
            let left = expires.map(|expires| expires.duration_since(wall_clock().now()));
            let left = left.filter(SignedDuration::is_positive);
            let good_for = left.map(|left| format!(", good for {}", in_words(left))).unwrap_or_default();
            Check::ok(NAME, format!("obtained{good_for}"))
        }
        Err(ApiError::ReadOnly { .. }) => Check {
            name: NAME,
            verdict: Verdict::Warning,
            found: "the server does not know the user, or another password of theirs".to_owned(),
            mend: None,
        },
        Err(error @ ApiError::Unauthorized { .. }) => {
            Check::problem(NAME, error.to_string(), "are they this environment's? staging has its own")
        }
        Err(error) => Check::problem(NAME, error.to_string(), "try again shortly"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_apart_are_a_warning_and_far_apart_a_problem() {
        let verdict = |seconds: i64| clocks(Some(SignedDuration::from_secs(seconds))).verdict;
        assert_eq!([verdict(0), verdict(5), verdict(-5)], [Verdict::Ok; 3]);
        assert_eq!([verdict(6), verdict(-299)], [Verdict::Warning; 2]);
        assert_eq!([verdict(300), verdict(-86_400)], [Verdict::Problem; 2]);
        assert!(clocks(Some(SignedDuration::from_secs(90))).found.contains("ours is 90 s behind"));
        assert_eq!(clocks(None).verdict, Verdict::Warning);
    }

    #[test]
    fn only_an_answer_that_leads_nowhere_is_a_problem() {
        let of = |status| answers(&Reached { status, took: SignedDuration::ZERO, ahead: None }).verdict;
        assert_eq!([of(200), of(401), of(403)], [Verdict::Ok; 3]);
        assert_eq!([of(404), of(502)], [Verdict::Warning; 2]);
        assert_eq!(of(301), Verdict::Problem);
    }
}
