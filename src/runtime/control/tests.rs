//! The client against the simulator that ships, on the loopback interface.

use super::*;
use crate::api::client::{Client, Connection, Credentials, CustomerSetup};
use crate::app::action::Outcome as Replied;
use crate::app::callout::{Classification, Fix, Role, Status};
use crate::app::control::model::Outcome;
use crate::app::state::Dialect;
use crate::geo::Position;
use crate::sim::{Options, Running, Simulator};
use crate::traffic::Exchange;
use jiff::SignedDuration;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

const TOKEN: &str = "control-token-of-a-test";

async fn simulator(token: Option<&str>) -> Running {
    let options = Options {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        client_id: "demo-client".to_owned(),
        client_secret: SecretString::from("demo-secret"),
        control_token: token.map(SecretString::from),
        ..Options::default()
    };
    Simulator::start(options).await.unwrap()
}

fn client(running: &Running) -> Control {
    Control::new(&running.control(), Clock::wall()).unwrap()
}

/// A callout of an invented person, raised as the console does.
async fn raise(running: &Running) {
    let text = |text: &str| text.to_owned();
    let connection = Connection {
        base_url: running.v2(),
        dialect: Dialect::V2,
        credentials: Credentials {
            client_id: text("demo-client"),
            client_secret: SecretString::from("demo-secret"),
            user: None,
        },
        customer: CustomerSetup {
            id: None,
            name: text("Jane"),
            surname: text("Doe"),
            mobile: text("+27000004567"),
            email: None,
            gender: None,
            vehicle_make: None,
            vehicle_model: None,
            vehicle_colour: None,
            vehicle_license_plate: None,
            subscription_type_id: 4,
        },
        response_type_id: 1,
        classification: Classification::Test,
        internal_test: false,
        request_type: None,
        read_only: false,
        token_file: None,
        customer_file: None,
        connect_timeout: Connection::CONNECT_TIMEOUT,
        total_timeout: Connection::TOTAL_TIMEOUT,
        proxy: false,
        ca: None,
        realm: None,
    };
    let client = Client::new(connection, Arc::new(|| Clock::wall().now())).unwrap();
    let position = Position::new(-26.1091, 28.083).unwrap();
    client.raise(Fix { position, accuracy: Some(8.0), at: None }).await.unwrap();
}

async fn survey(control: &Control, since: Option<Timestamp>) -> Survey {
    match control.carry_out(Order::Survey { since }).await.unwrap() {
        Answer::Control(Told::Surveyed(survey)) => *survey,
        other => panic!("{other:?}"),
    }
}

async fn step(control: &Control, case: &Case, step: Taken) -> Result<Case, Failure> {
    match control.carry_out(Order::Step { callout: case.id.clone(), step }).await? {
        Answer::Control(Told::Case(case)) => Ok(*case),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_callout_is_played_to_its_end() {
    let running = simulator(None).await;
    let control = client(&running);
    assert!(survey(&control, None).await.cases.is_empty());
    raise(&running).await;
    let survey_now = survey(&control, None).await;
    let [case] = survey_now.cases.as_slice() else { panic!("{survey_now:?}") };
    assert_eq!((case.customer.as_str(), case.mobile.as_str()), ("Jane Doe", "+27000004567"));
    assert_eq!((&case.status, case.response_type), (&Status::Created, 1));
    assert!(case.fix.is_some_and(|fix| fix.accuracy == Some(8.0)) && case.times.created.is_some());
    assert!(case.allows(Step::Acknowledge) && !case.allows(Step::Arrive));

    let refused = step(&control, case, Taken::Plain(Step::Arrive)).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Refused);
    assert!(refused.message.as_str().contains("possible: acknowledge, own, verify"), "{}", refused.message);

    for plain in [Step::Acknowledge, Step::Own, Step::Verify] {
        assert!(!step(&control, case, Taken::Plain(plain)).await.unwrap().allows(plain));
    }
    let sent = step(&control, case, Taken::Dispatch { responder: None }).await.unwrap();
    let assignment = sent.attached().expect("somebody is on the way").clone();
    let vehicles = survey(&control, None).await.vehicles;
    let vehicle = vehicles.iter().find(|vehicle| Some(vehicle.id) == assignment.responder).unwrap();
    assert_eq!(vehicle.callout.as_ref(), Some(&case.id));
    assert!(sent.eta.is_some() && sent.route.len() >= 2 && !sent.candidates.is_empty());
    step(&control, case, Taken::Plain(Step::Arrive)).await.unwrap();
    let outcome = Outcome { any_injuries: false, customer_happy: true, follow_up_required: true };
    let completed = step(&control, case, Taken::Complete(outcome)).await.unwrap();
    assert_eq!(completed.outcome, Some(outcome));
    let details = Some(DisplayText::new("a false alarm"));
    let closed = step(&control, case, Taken::Close { incident: details }).await.unwrap();
    assert_eq!((&closed.status, closed.incident.as_str()), (&Status::Closed, "a false alarm"));
    let closed = vec![closed];
    assert_eq!(survey(&control, None).await.cases, closed);
    let changed = closed[0].times.updated.unwrap();
    assert_eq!(survey(&control, Some(changed)).await.cases, closed, "at the very moment counts too");
    let later = changed + SignedDuration::from_millis(1);
    assert!(survey(&control, Some(later)).await.cases.is_empty());
    running.stop().await;
}

#[tokio::test]
async fn companies_messages_and_declining() {
    let running = simulator(None).await;
    let control = client(&running);
    raise(&running).await;
    let case = survey(&control, None).await.cases.remove(0);
    let said = Order::Say { callout: case.id.clone(), text: "help is coming".into() };
    let Answer::Control(Told::Case(heard)) = control.carry_out(said).await.unwrap() else { panic!() };
    let comment = heard.comments.last().unwrap();
    assert_eq!((comment.role, comment.body.as_str()), (Role::Admin, "help is coming"));
    step(&control, &case, Taken::Plain(Step::Verify)).await.unwrap();
    let nearest = heard.candidates.first().expect("somebody in range").responder;
    let declined = step(&control, &case, Taken::Decline { responder: Some(nearest) }).await.unwrap();
    assert!(declined.declined(nearest));
    let company = survey(&control, None).await.companies[1].clone();
    let by_hand = Taken::DispatchManually { supplier: Some(company.id) };
    let sent = step(&control, &case, by_hand).await.unwrap();
    let assignment = sent.attached().unwrap();
    assert_eq!((assignment.responder, &assignment.supplier), (None, &company.name));
    running.stop().await;
}

#[tokio::test]
async fn vehicles_are_placed_moved_and_switched() {
    let running = simulator(None).await;
    let control = client(&running);
    let at = Position::new(-26.1, 28.08).unwrap();
    let place = Order::Place { name: "Vehicle 1".into(), callsign: "PC-1".into(), demo: true, at };
    let vehicle = |answer: Replied| match answer.unwrap() {
        Answer::Control(Told::Vehicle(vehicle)) => *vehicle,
        other => panic!("{other:?}"),
    };
    let placed = vehicle(control.carry_out(place).await);
    assert!(placed.on && placed.demo && placed.position == at);
    let to = Position::new(-26.2, 28.09).unwrap();
    let moved = vehicle(control.carry_out(Order::Move { vehicle: placed.id, to }).await);
    assert_eq!(moved.position, to);
    let off = vehicle(control.carry_out(Order::Switch { vehicle: placed.id, on: false }).await);
    assert!(!off.on);
    let gone = control.carry_out(Order::Switch { vehicle: 999, on: false }).await.unwrap_err();
    assert_eq!(gone.kind, FailureKind::NotFound);
    running.stop().await;
}

#[tokio::test]
async fn the_token_opens_and_its_lack_is_told() {
    let running = simulator(Some(TOKEN)).await;
    let failure = client(&running).carry_out(Order::Survey { since: None }).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unauthorized);
    assert!(failure.message.as_str().contains("control_token") && !failure.message.as_str().contains(TOKEN));
    let control = client(&running).with_token(Some(SecretString::from(TOKEN)));
    assert!(!format!("{control:?}").contains(TOKEN));
    assert!(survey(&control, None).await.cases.is_empty());
    running.stop().await;
}

#[tokio::test]
async fn one_that_may_only_look_writes_nothing() {
    let running = simulator(None).await;
    raise(&running).await;
    let control = client(&running).read_only(true);
    let case = survey(&control, None).await.cases.remove(0);
    let at = Position::new(-26.1, 28.08).unwrap();
    for order in [
        Order::Step { callout: case.id.clone(), step: Taken::Plain(Step::Verify) },
        Order::Say { callout: case.id.clone(), text: "hello".into() },
        Order::Place { name: "x".into(), callsign: "x".into(), demo: true, at },
        Order::Move { vehicle: 1, to: at },
        Order::Switch { vehicle: 1, on: false },
    ] {
        let failure = control.carry_out(order).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Forbidden);
    }
    assert_eq!(survey(&control, None).await.cases[0].allowed, case.allowed);
    running.stop().await;
}

#[tokio::test]
async fn a_simulator_that_is_gone_is_unreachable() {
    let running = simulator(None).await;
    let control = client(&running);
    running.stop().await;
    let failure = control.carry_out(Order::Survey { since: None }).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unreachable);
}

#[test]
fn aura_s_own_hosts_are_refused() {
    for url in [
        "https://panic.aura.services/control",
        "https://staging-panic.aura.services/control",
        "https://PANIC.aura.services./control",
        "https://aura.services",
    ] {
        let error = Control::new(url, Clock::wall()).unwrap_err();
        assert!(error.to_string().contains("portal"), "{url}: {error}");
    }
    assert!(Control::new("https://aura.services.example.com/control", Clock::wall()).is_ok());
}

#[derive(Default)]
struct Notes(Mutex<Vec<Exchange>>);

impl Observer for Notes {
    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }

    fn exchanged(&self, exchange: Exchange) {
        self.0.lock().unwrap().push(exchange);
    }
}

#[tokio::test]
async fn its_writes_are_told_with_the_token_masked_and_its_looks_are_not() {
    let running = simulator(Some("control-secret")).await;
    let notes = Arc::new(Notes::default());
    let observer: Arc<dyn Observer> = notes.clone();
    let control = client(&running).with_token(Some("control-secret".into())).observed_by(observer);
    raise(&running).await;
    let case = survey(&control, None).await.cases.remove(0);
    control.set_speed(2.0).await.unwrap();
    assert!(notes.0.lock().unwrap().is_empty(), "four requests each two seconds would hide the rest");
    step(&control, &case, Taken::Plain(Step::Acknowledge)).await.unwrap();
    step(&control, &case, Taken::Plain(Step::Arrive)).await.unwrap_err();
    let heard = notes.0.lock().unwrap().clone();
    let told: Vec<_> = heard.iter().map(|one| (one.path.as_str().to_owned(), one.status)).collect();
    let path = format!("/control/callouts/{}/steps", case.id);
    assert_eq!(told, [(path.clone(), Some(200)), (path, Some(409))]);
    assert_eq!(heard[0].side, Side::Control);
    assert_eq!(heard[0].url(), format!("{}/callouts/{}/steps", running.control(), case.id));
    assert!(!format!("{heard:?} {}", serde_json::to_string(&heard).unwrap()).contains("control-secret"));
    running.stop().await;
}
