//! States as the reducer makes them in a response, built by hand: for snapshots and benchmarks.
//! The people are invented, the time is fixed.

#[path = "sample_large.rs"]
mod large;

#[allow(unused_imports, reason = "shared by tests that each use a part of it")]
pub use large::{long_chat, long_route, on_ground, quarter};

use jiff::{SignedDuration, Timestamp};
use panic_console::app::action::{Action, CallId, Failure, FailureKind, MessageId};
use panic_console::app::callout::{
    Callout, CalloutId, Classification, Comment, Eta, Fix, Responder, Role, Status, Supplier,
};
use panic_console::app::intent::Intent;
use panic_console::app::state::{
    Call, Delivery, Demo, Dialect, Ending, Environment, EtaSample, Followed, Health, Held, Moving, Notice,
    Outgoing, Seen, Settings, State, Tone, Watch,
};
use panic_console::app::update;
use panic_console::geo::{self, Position};
use panic_console::location::Reception;

/// Noon and three minutes; the panic was raised at noon.
pub fn now() -> Timestamp {
    at(180)
}

/// Seconds after noon of the day of all samples.
pub fn at(seconds: i64) -> Timestamp {
    let noon: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
    noon + SignedDuration::from_secs(seconds)
}

fn seconds(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

fn home() -> Position {
    Position::new(-26.1091, 28.0830).unwrap()
}

pub fn settings(environment: Environment) -> Settings {
    let (profile, host) = match environment {
        Environment::Demo => ("demo", "127.0.0.1:43117"),
        Environment::Local => ("local", "127.0.0.1:3005"),
        Environment::Staging => ("staging", "staging-panic.aura.services"),
        Environment::Production => ("client", "panic.aura.services"),
        Environment::Remote => ("partner", "panic.example.org"),
    };
    Settings {
        profile: profile.into(),
        host: host.into(),
        environment,
        dialect: Dialect::V2,
        poll_every: seconds(15),
        locate_every: seconds(10),
        read_only: false,
        classification: Classification::Test,
        response_type_id: 1,
        start: home(),
        accuracy: 8.0,
        walking_speed: 1.4,
        seed: 7,
    }
}

pub fn looking() -> State {
    let demo = Demo { speed: 2.0, scenario: "happy-path".into() };
    let mut state = State::new(settings(Environment::Demo), Some(demo));
    state.now = now();
    state.own.fix.at = Some(now());
    state
}

pub fn idle() -> State {
    let mut state = looking();
    state.watch = Watch::Idle;
    state.link.health = Health::Live;
    state.link.last_good = Some(at(2));
    state
}

pub fn raising() -> State {
    let mut state = idle();
    state.watch = Watch::Raising { since: at(174), attempts: 1, retry_at: None, problem: None };
    state.in_flight.insert(CallId(1), Call::Raise);
    state
}

pub fn raising_again() -> State {
    let mut state = raising();
    state.in_flight.clear();
    state.watch = Watch::Raising {
        since: at(170),
        attempts: 3,
        retry_at: Some(at(184)),
        problem: Some("connection refused".into()),
    };
    state.link.health = Health::Down { since: at(171), problem: unreachable() };
    state
}

pub fn refused() -> State {
    let mut state = raising();
    state.in_flight.clear();
    state.watch = Watch::Raising {
        since: at(170),
        attempts: 1,
        retry_at: None,
        problem: Some("403: the customer has no active subscription".into()),
    };
    state
}

fn unreachable() -> Failure {
    Failure {
        kind: FailureKind::Unreachable,
        message: "cannot connect to 127.0.0.1:43117: connection refused".into(),
        retry_after: None,
    }
}

fn follow(mut state: State, callout: Callout, history: &[(Status, i64, &str)]) -> State {
    let seen = |(status, seconds, who): &(Status, i64, &str)| Seen {
        status: status.clone(),
        at: at(*seconds),
        responder: (*who).into(),
    };
    state.watch = Watch::Live(Box::new(Followed {
        soft_cancelled: callout.cancelled_by_customer,
        cancel_sent: false,
        callout,
        seen_at: now() - seconds(4),
        history: history.iter().map(seen).collect(),
        eta_course: std::collections::VecDeque::new(),
    }));
    state.link.last_good = Some(now() - seconds(4));
    state.link.next_poll = Some(now() + seconds(11));
    state.link.next_location = Some(now() + seconds(6));
    state.link.sent = (0..10).map(|turn| now() - seconds(55 - turn * 6)).collect();
    state.own.last_sent = Some((state.own.fix, now() - seconds(4)));
    state
}

fn callout(status: Status) -> Callout {
    let mut callout = Callout::new(CalloutId::new("48213").unwrap(), status);
    callout.classification = Some(Classification::Test);
    callout.times.created = Some(at(0));
    callout
}

pub fn created() -> State {
    let mut callout = callout(Status::Created);
    callout.times.acknowledged = Some(at(6));
    let mut state = follow(idle(), callout, &[(Status::Created, 0, "")]);
    state.chat.comments = vec![comment(1, Role::Admin, "Control room", "We have your alarm.", 8)];
    state
}

fn comment(id: usize, role: Role, author: &str, body: &str, seconds: i64) -> Comment {
    Comment {
        id: id.to_string().into(),
        role,
        author: author.into(),
        body: body.into(),
        at: Some(at(seconds)),
    }
}

fn responder() -> Responder {
    Responder {
        id: "17".into(),
        name: "Testy McTestFace".into(),
        callsign: "ALPHA 7".into(),
        mobile: "+27 00 555 0107".into(),
        vehicle: "White Toyota Hilux".into(),
        plate: "TST 107 GP".into(),
        last_fix: Some(Fix { position: route()[18], accuracy: None, at: None }),
    }
}

fn supplier() -> Supplier {
    Supplier { name: "Example Armed Response".into(), contact_number: "+27 00 555 0199".into() }
}

/// A way through a street grid, from the responder's start to the customer.
pub fn route() -> Vec<Position> {
    let mut back = vec![home()];
    let legs = [(0.0, 3), (270.0, 5), (0.0, 4), (270.0, 6), (315.0, 4), (0.0, 5), (90.0, 2), (0.0, 6)];
    for (bearing, blocks) in legs {
        for _ in 0..blocks {
            let last = *back.last().unwrap();
            back.push(last.towards(bearing, 60.0));
        }
    }
    back.reverse();
    back
}

/// Somebody is on the way: the usual picture of the console.
pub fn dispatched() -> State {
    let mut callout = callout(Status::Dispatched);
    callout.times.acknowledged = Some(at(6));
    callout.times.owned = Some(at(14));
    callout.times.verified = Some(at(31));
    callout.times.dispatched = Some(at(52));
    callout.responder = Some(responder());
    callout.supplier = Some(supplier());
    let left = geo::length(&route()[18..]);
    callout.eta = Some(Eta { distance_m: Some(left), duration_s: Some(131.0), at: None });
    callout.route = Some(route());
    let history = [(Status::Created, 0, ""), (Status::Dispatched, 52, "Testy McTestFace")];
    let mut state = follow(idle(), callout, &history);
    if let Watch::Live(followed) = &mut state.watch {
        let samples = [251.0, 236.0, 219.0, 205.0, 210.0, 190.0, 171.0, 150.0, 131.0];
        followed.eta_course = (0..)
            .zip(samples)
            .map(|(turn, duration_s)| EtaSample { at: at(52 + turn * 15), duration_s, distance_m: left })
            .collect();
    }
    state.chat.comments = vec![
        comment(1, Role::Admin, "Control room", "We have your alarm. Are you hurt?", 8),
        comment(2, Role::User, "", "No. Somebody is at the back door.", 21),
        comment(
            3,
            Role::Admin,
            "Control room",
            "Stay inside and keep the line free. A responder is on the way in a white Hilux, plate TST 107 GP.",
            55,
        ),
    ];
    state.chat.outbox =
        vec![outgoing(1, "Thank you, I can hear them now.", 176, Delivery::Sending { call: CallId(9) })];
    state
}

pub fn outgoing(id: u64, text: &str, seconds: i64, delivery: Delivery) -> Outgoing {
    Outgoing {
        id: MessageId(id),
        text: text.into(),
        written_at: at(seconds),
        delivery,
        attempts: 1,
        known_before: 0,
    }
}

/// The reply came this very second: nothing is estimated.
pub fn just_heard() -> State {
    let mut state = dispatched();
    if let Watch::Live(followed) = &mut state.watch {
        followed.seen_at = now();
    }
    state
}

/// No reply for 48 s although nothing failed yet.
pub fn stale() -> State {
    let mut state = dispatched();
    heard_before(&mut state, 48);
    state.link.next_poll = Some(now());
    state
}

pub fn offline() -> State {
    let mut state = dispatched();
    heard_before(&mut state, 48);
    state.link.health = Health::Down { since: at(147), problem: unreachable() };
    state.link.missed = 3;
    state.link.next_poll = Some(now() + seconds(8));
    state.chat.outbox = vec![
        outgoing(1, "Are you still there?", 150, Delivery::Unconfirmed { since: at(151) }),
        outgoing(2, "I am in the kitchen.", 160, Delivery::Queued),
    ];
    state
}

fn heard_before(state: &mut State, age: i64) {
    state.link.last_good = Some(now() - seconds(age));
    if let Watch::Live(followed) = &mut state.watch {
        followed.seen_at = now() - seconds(age);
    }
}

pub fn soft_cancelled() -> State {
    let mut state = dispatched();
    if let Watch::Live(followed) = &mut state.watch {
        followed.soft_cancelled = true;
    }
    state
}

pub fn manual() -> State {
    let mut callout = callout(Status::Dispatched);
    callout.times.verified = Some(at(31));
    callout.times.dispatched = Some(at(95));
    callout.supplier = Some(supplier());
    follow(idle(), callout, &[(Status::Created, 0, ""), (Status::Dispatched, 95, "")])
}

pub fn responder_cancelled() -> State {
    let mut callout = callout(Status::ResponderCancelled);
    callout.times.retracted = Some(at(110));
    let history = [
        (Status::Created, 0, ""),
        (Status::Dispatched, 52, "Testy McTestFace"),
        (Status::ResponderCancelled, 110, ""),
    ];
    follow(idle(), callout, &history)
}

/// A second responder goes; all of the first one's steps stay on the screen.
pub fn dispatched_again() -> State {
    let mut state = dispatched();
    if let Watch::Live(followed) = &mut state.watch {
        let mut again = followed.history[1].clone();
        followed.history[1].responder = "Jane Doe".into();
        again.at = at(140);
        let cancelled = Seen { status: Status::ResponderCancelled, at: at(110), responder: "".into() };
        followed.history.extend([cancelled, again]);
    }
    state
}

pub fn arrived() -> State {
    let mut state = dispatched();
    if let Watch::Live(followed) = &mut state.watch {
        followed.callout.status = Status::Arrived;
        followed.callout.times.arrived = Some(at(170));
        followed.callout.eta = Some(Eta { distance_m: Some(0.0), duration_s: Some(0.0), at: None });
        if let Some(responder) = &mut followed.callout.responder {
            let position = home().towards(300.0, 12.0);
            responder.last_fix = Some(Fix { position, accuracy: None, at: None });
        }
        let seen = Seen { status: Status::Arrived, at: at(170), responder: "Testy McTestFace".into() };
        followed.history.push(seen);
    }
    state
}

pub fn ended() -> State {
    let mut state = arrived();
    if let Watch::Live(followed) = &mut state.watch {
        followed.callout.status = Status::Closed;
        followed.callout.incident_details = "Suspect left before arrival. House checked, all safe.".into();
        for (status, seconds) in [(Status::Completed, 172), (Status::Closed, 176)] {
            followed.history.push(Seen { status, at: at(seconds), responder: "".into() });
        }
    }
    let Watch::Live(followed) = std::mem::replace(&mut state.watch, Watch::Idle) else { return state };
    state.watch = Watch::Ended { followed, why: Ending::Closed };
    state.chat.outbox.clear();
    state
}

/// Closed from `created`: nobody was ever sent.
pub fn false_alarm() -> State {
    let mut callout = callout(Status::Closed);
    callout.cancelled_by_customer = true;
    let mut state = follow(idle(), callout, &[(Status::Created, 0, ""), (Status::Closed, 90, "")]);
    let Watch::Live(followed) = std::mem::replace(&mut state.watch, Watch::Idle) else { return state };
    state.watch = Watch::Ended { followed, why: Ending::Closed };
    state
}

pub fn held_back() -> State {
    let mut state = dispatched();
    state.own.reception = Reception::Indoors;
    state.own.fix.accuracy = Some(120.0);
    let best = Fix { accuracy: Some(98.0), ..state.own.fix };
    state.own.held = Some(Held { since: now() - seconds(34), best, count: 4 });
    state
}

pub fn walking() -> State {
    let mut state = dispatched();
    state.own.moving = Some(Moving { since: at(60), last: at(174), before: SignedDuration::ZERO });
    state.own.trail = (0..30).map(|step| home().towards(140.0, f64::from(step) * 14.0)).collect();
    state.own.fix.position = home().towards(140.0, 420.0);
    state
}

/// The receiver has been silent for 34 s.
pub fn no_fix() -> State {
    let mut state = dispatched();
    state.own.reception = Reception::NoFix;
    state.own.lost = Some(now() - seconds(34));
    state
}

/// Through the reducer, as a key would.
pub fn pressed(state: State, intents: &[Intent]) -> State {
    intents.iter().fold(state, |state, intent| {
        let now = state.now;
        update(state, Action::Do { intent: *intent, now }).0
    })
}

/// Every text as wide, as odd and as long as the network may send it.
pub fn wide_text() -> State {
    let mut state = dispatched();
    let long = "The quick brown fox jumps over the lazy dog. ".repeat(5);
    if let Watch::Live(followed) = &mut state.watch {
        let callout = &mut followed.callout;
        if let Some(responder) = &mut callout.responder {
            responder.name = "山田 太郎 👩‍🚒 Zoë Ångström-Nkosi".into();
            responder.callsign = "소방차 ७".into();
            responder.vehicle = "白いトヨタ・ハイラックス、青い回転灯つき、後部に犬".into();
            responder.plate = "e\u{301}e\u{301}e\u{301} ١٢٣".into();
        }
        callout.supplier = Some(Supplier { name: long.as_str().into(), contact_number: "—".into() });
        followed.history[1].responder = "山田 太郎".into();
    }
    state.chat.comments = vec![
        comment(
            1,
            Role::Admin,
            "山田 太郎 👩‍🚒",
            "消防車がすぐ来ます。家の中にいてください。ドアを開けないでください。静かに。",
            8,
        ),
        comment(2, Role::User, "", "ok 👍🏽 🇿🇦 e\u{301}e\u{301} ❤️ שלום", 21),
        comment(3, Role::Other, "", &long, 55),
        comment(4, Role::Admin, "Control room", &"incomprehensibilities".repeat(9), 60),
    ];
    state.chat.outbox = vec![
        outgoing(1, "到着しましたか", 150, Delivery::Failed { why: "400: message too long".into() }),
        outgoing(2, "ありがとう", 160, Delivery::Sent { event: None }),
    ];
    state
}

/// The control room uses a word that no page lists.
pub fn unknown_status() -> State {
    let callout = callout(Status::Other("Responder Delayed".into()));
    let history = [(Status::Created, 0, ""), (Status::Other("Responder Delayed".into()), 60, "")];
    follow(idle(), callout, &history)
}

/// On production, REAL, with a notice.
pub fn production() -> State {
    let mut state = dispatched();
    state.settings = settings(Environment::Production);
    state.settings.classification = Classification::Real;
    state.demo = None;
    if let Watch::Live(followed) = &mut state.watch {
        followed.callout.classification = Some(Classification::Real);
    }
    state.notice = Some(Notice {
        text: "location refused: permission denied".into(),
        tone: Tone::Problem,
        until: now() + seconds(5),
    });
    state
}

pub fn read_only() -> State {
    let mut state = dispatched();
    state.settings = settings(Environment::Staging);
    state.settings.read_only = true;
    state.demo = None;
    state.chat.outbox.clear();
    state
}
