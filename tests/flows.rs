//! The loop that ships against the simulator that ships, over real HTTP on the loopback interface.
//! Only the keyboard and the screen are ours.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "the harness is a test too")]

#[path = "support/flow.rs"]
mod flow;

use flow::{Flow, Server};
use panic_console::app::callout::{Role, Status};
use panic_console::app::control::model::{Case, Outcome, Step};
use panic_console::app::state::{Delivery, Dialect, Ending, Health, Watch};

fn status_of(flow: &Flow) -> Option<Status> {
    flow.state().followed().map(|followed| followed.callout.status.clone())
}

fn is_live(flow: &Flow) -> bool {
    matches!(flow.state().watch, Watch::Live(_))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_from_panic_to_closed_in_both_dialects() {
    for dialect in [Dialect::V1, Dialect::V2] {
        let server = Server::start("happy-path", 20.0);
        let mut flow = Flow::open(&server, dialect);
        flow.press("p enter");
        flow.wait("closed", |flow| matches!(flow.state().watch, Watch::Ended { why: Ending::Closed, .. }))
            .await;
        let state = flow.state();
        let seen: Vec<&str> = state.followed().unwrap().history.iter().map(|s| s.status.as_str()).collect();
        assert_eq!(
            seen,
            ["created", "Responder Dispatched", "Responder Arrived", "Responder Completed", "closed"],
            "{dialect:?}"
        );
        let callout = &state.followed().unwrap().callout;
        assert!(callout.responder.is_some() && callout.supplier.is_some(), "{dialect:?}");
        assert!(state.chat.comments.iter().any(|comment| comment.role == Role::Admin), "{dialect:?}");
        assert!(state.own.last_sent.is_some(), "{dialect:?}");
        flow.quit().await;
        server.stop();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_responder_comes_nearer_along_a_route() {
    let server = Server::start("happy-path", 10.0);
    let mut flow = Flow::open(&server, Dialect::V2);
    flow.press("p enter");
    flow.wait("three readings of the way", |flow| {
        flow.state().followed().is_some_and(|followed| followed.eta_course.len() >= 3)
    })
    .await;
    let state = flow.state();
    let followed = state.followed().unwrap();
    let left: Vec<f64> = followed.eta_course.iter().map(|sample| sample.distance_m).collect();
    assert!(left.windows(2).all(|pair| pair[1] < pair[0]), "{left:?}");
    let route = followed.callout.route.as_ref().expect("a route while somebody is on the way");
    assert!(route.len() >= 2);
    flow.quit().await;
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_said_once_in_both_dialects() {
    for dialect in [Dialect::V1, Dialect::V2] {
        let server = Server::start("off", 20.0);
        let mut flow = Flow::open(&server, dialect);
        flow.press("p enter");
        flow.wait("live", is_live).await;
        flow.write("I am at the gate").await;
        flow.wait("the message in the server's list", |flow| {
            let chat = flow.state().chat;
            chat.outbox.is_empty() && chat.comments.iter().any(|c| c.body.as_str() == "I am at the gate")
        })
        .await;
        flow.quit().await;
        server.stop();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_dies_and_returns_loses_and_doubles_nothing() {
    let mut server = Server::start("off", 20.0);
    let mut flow = Flow::open(&server, Dialect::V2);
    flow.press("p enter");
    flow.wait("live", is_live).await;
    flow.write("before").await;
    flow.wait("the first message", |flow| flow.state().chat.comments.len() == 1).await;
    let seen_at = flow.state().followed().unwrap().seen_at;
    server.kill();
    flow.write("while it was away").await;
    flow.write("and another").await;
    flow.wait("the link is down", |flow| {
        matches!(flow.state().link.health, Health::Down { .. }) && flow.state().link.missed >= 2
    })
    .await;
    let state = flow.state();
    assert_eq!(status_of(&flow), Some(Status::Created), "the last good state stays");
    assert!(state.followed().unwrap().seen_at >= seen_at);
    assert!(state.chat.outbox.iter().all(|m| !matches!(m.delivery, Delivery::Failed { .. })));
    server.start_again();
    flow.wait("everything caught up", |flow| {
        flow.state().link.health == Health::Live && flow.state().chat.outbox.is_empty()
    })
    .await;
    let bodies: Vec<String> =
        flow.state().chat.comments.iter().map(|comment| comment.body.to_string()).collect();
    assert_eq!(bodies, ["before", "while it was away", "and another"]);
    flow.quit().await;
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_console_that_was_closed_finds_its_callout_again() {
    let server = Server::start("off", 20.0);
    let mut flow = Flow::open(&server, Dialect::V2);
    flow.press("p enter");
    flow.wait("live", is_live).await;
    let callout = flow.state().followed().unwrap().callout.id.clone();
    let folder = flow.quit().await;
    let flow = Flow::open_in(&server, Dialect::V2, folder);
    flow.wait("live again", is_live).await;
    assert_eq!(flow.state().followed().unwrap().callout.id, callout);
    flow.wait("a position sent", |flow| flow.state().own.last_sent.is_some()).await;
    flow.quit().await;
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_memory_takes_the_same_person_again() {
    let mut server = Server::start_in_memory("off", 20.0);
    let mut flow = Flow::open(&server, Dialect::V2);
    flow.press("p enter");
    flow.wait("live", is_live).await;
    server.kill();
    server.start_again();
    flow.wait("the callout is unknown", |flow| {
        matches!(flow.state().watch, Watch::Ended { why: Ending::Unknown, .. })
    })
    .await;
    flow.press("p enter");
    flow.wait("live once more", is_live).await;
    flow.quit().await;
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_soft_cancel_is_shown_and_followed_to_its_end() {
    let server = Server::start("false-alarm", 20.0);
    let mut flow = Flow::open(&server, Dialect::V2);
    flow.press("p enter");
    flow.wait("live", is_live).await;
    flow.press("c y");
    flow.wait("soft cancelled", |flow| {
        flow.state().followed().is_some_and(|followed| followed.soft_cancelled)
    })
    .await;
    flow.wait("closed by the control room", |flow| {
        matches!(flow.state().watch, Watch::Ended { why: Ending::Closed, .. })
    })
    .await;
    flow.quit().await;
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_safe_code_cancels() {
    let server = Server::start("off", 20.0);
    let mut flow = Flow::open(&server, Dialect::V2);
    flow.press("p enter");
    flow.wait("live", is_live).await;
    flow.press("C 4 5 6 7 enter");
    flow.wait("closed", |flow| matches!(flow.state().watch, Watch::Ended { why: Ending::Closed, .. })).await;
    flow.quit().await;
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manual_dispatch_has_a_company_and_no_responder() {
    let server = Server::start("manual-dispatch", 20.0);
    let mut flow = Flow::open(&server, Dialect::V2);
    flow.press("p enter");
    flow.wait("dispatched", |flow| status_of(flow) == Some(Status::Dispatched)).await;
    let state = flow.state();
    let callout = &state.followed().unwrap().callout;
    assert!(callout.is_manual_dispatch() && callout.responder.is_none() && callout.route.is_none());
    flow.quit().await;
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_responder_who_cancels_makes_way_for_a_second_one() {
    let server = Server::start("responder-cancelled", 20.0);
    let mut flow = Flow::open(&server, Dialect::V1);
    flow.press("p enter");
    flow.wait("arrived", |flow| status_of(flow) == Some(Status::Arrived)).await;
    let state = flow.state();
    let history = &state.followed().unwrap().history;
    let names: Vec<(&str, &str)> =
        history.iter().map(|seen| (seen.status.as_str(), seen.responder.as_str())).collect();
    let dispatched: Vec<&str> =
        names.iter().filter(|(status, _)| *status == "Responder Dispatched").map(|(_, name)| *name).collect();
    assert!(names.iter().any(|(status, _)| *status == "Responder Cancelled"), "{names:?}");
    assert_eq!(dispatched.len(), 2, "{names:?}");
    assert_ne!(dispatched[0], dispatched[1]);
    flow.quit().await;
    server.stop();
}

fn case_of(flow: &Flow) -> Option<Case> {
    flow.state().control.case().cloned()
}

/// One person plays both sides by keys alone: the panic on screen 1, the control room on screen 2.
#[tokio::test(flavor = "multi_thread")]
async fn a_response_is_played_from_the_control_room_to_its_end() {
    let server = Server::start("off", 20.0);
    let mut flow = Flow::open(&server, Dialect::V2);
    flow.press("p enter");
    flow.wait("live", is_live).await;
    flow.press("2");
    flow.wait("the callout in the list", |flow| case_of(flow).is_some()).await;
    for (keys, step) in [("a", Step::Acknowledge), ("o", Step::Own), ("v", Step::Verify)] {
        flow.press(keys);
        flow.wait(step.name(), |flow| case_of(flow).is_some_and(|case| !case.allows(step))).await;
    }
    flow.press("i O n space o u r space w a y enter esc");
    flow.wait("the message said", |flow| {
        case_of(flow).is_some_and(|case| case.comments.iter().any(|c| c.body.as_str() == "On our way"))
    })
    .await;
    flow.press("d");
    flow.wait("somebody on the way", |flow| case_of(flow).is_some_and(|case| case.attached().is_some()))
        .await;
    flow.wait("the customer sees who comes", |flow| status_of(flow) == Some(Status::Dispatched)).await;
    assert!(flow.state().chat.comments.iter().any(|comment| comment.role == Role::Admin));
    for (keys, status) in
        [("r", Status::Arrived), ("f 2 enter", Status::Completed), ("c enter", Status::Closed)]
    {
        flow.press(keys);
        flow.wait(status.as_str(), |flow| case_of(flow).is_some_and(|case| case.status == status)).await;
    }
    let outcome = Outcome { customer_happy: true, ..Outcome::default() };
    assert_eq!(case_of(&flow).unwrap().outcome, Some(outcome));
    flow.wait("closed on the customer's side", |flow| {
        matches!(flow.state().watch, Watch::Ended { why: Ending::Closed, .. })
    })
    .await;
    flow.quit().await;
    server.stop();
}
