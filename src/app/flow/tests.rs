use super::*;
use crate::app::callout::{CalloutId, Responder, Supplier};
use std::collections::VecDeque;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn followed(callout: Callout, history: &[(Status, i64, &str)]) -> Followed {
    let seen = |(status, seconds, who): &(Status, i64, &str)| Seen {
        status: status.clone(),
        at: at(*seconds),
        responder: (*who).into(),
    };
    Followed {
        callout,
        seen_at: at(100),
        history: history.iter().map(seen).collect(),
        eta_course: VecDeque::new(),
        soft_cancelled: false,
        cancel_sent: false,
    }
}

fn callout(status: Status) -> Callout {
    Callout::new(CalloutId::new("7").unwrap(), status)
}

fn with_responder(status: Status) -> Callout {
    let responder = Some(Responder { name: "Jane Doe".into(), ..Responder::default() });
    Callout { responder, ..callout(status) }
}

/// `Created Done 0`, … : kind, standing and how long it took.
fn told(flow: &Flow) -> Vec<String> {
    let one = |step: &Step| {
        let took = step.took.map(|took| format!(" {}", took.as_secs())).unwrap_or_default();
        format!("{:?} {:?}{took}", step.kind, step.standing)
    };
    flow.steps.iter().map(one).collect()
}

#[test]
fn a_new_callout_expects_a_dispatch() {
    let flow = Flow::of(&followed(callout(Status::Created), &[(Status::Created, 0, "")]), at(9));
    assert_eq!(
        told(&flow),
        ["Created Current 9", "Dispatched Next", "Arrived Later", "Completed Later", "Closed Later"]
    );
    assert_eq!(flow.since, Some(at(0)));
    assert_eq!(flow.lasted, Some(SignedDuration::from_secs(9)));
}

#[test]
fn the_control_room_s_marks_stand_in_their_order_in_time() {
    let mut callout = with_responder(Status::Dispatched);
    callout.times.created = Some(at(0));
    callout.times.owned = Some(at(5));
    callout.times.acknowledged = Some(at(8));
    callout.times.verified = Some(at(20));
    let history = [(Status::Created, 0, ""), (Status::Dispatched, 50, "Jane Doe")];
    let flow = Flow::of(&followed(callout, &history), at(60));
    assert_eq!(
        told(&flow)[..5],
        ["Created Done", "Owned Done 5", "Acknowledged Done 3", "Verified Done 12", "Dispatched Current 10"]
    );
    assert_eq!(flow.current().unwrap().who.as_str(), "Jane Doe");
}

#[test]
fn after_a_responder_cancelled_another_dispatch_is_next() {
    let history = [
        (Status::Created, 0, ""),
        (Status::Dispatched, 50, "Jane Doe"),
        (Status::ResponderCancelled, 80, ""),
    ];
    let flow = Flow::of(&followed(callout(Status::ResponderCancelled), &history), at(90));
    assert_eq!(told(&flow)[1..4], ["Dispatched Done 50", "ResponderCancelled Current 10", "Dispatched Next"]);
}

#[test]
fn a_dispatch_without_responder_is_manual_and_names_its_company() {
    let supplier = Some(Supplier { name: "Example Response".into(), ..Supplier::default() });
    let callout = Callout { supplier, ..callout(Status::Dispatched) };
    let history = [(Status::Created, 0, ""), (Status::Dispatched, 50, "")];
    let flow = Flow::of(&followed(callout, &history), at(60));
    assert_eq!(told(&flow)[1], "DispatchedManually Current 10");
    assert_eq!(flow.current().unwrap().who.as_str(), "Example Response");
}

#[test]
fn what_a_closed_callout_did_without_was_skipped() {
    let history = [(Status::Created, 0, ""), (Status::Closed, 90, "")];
    let flow = Flow::of(&followed(callout(Status::Closed), &history), at(500));
    assert_eq!(
        told(&flow),
        ["Created Done", "Dispatched Skipped", "Arrived Skipped", "Completed Skipped", "Closed Done 90"]
    );
    assert_eq!(flow.lasted, Some(SignedDuration::from_secs(90)), "a closed callout gets no older");
    assert_eq!(flow.current(), None);
}

#[test]
fn steps_from_before_we_looked_come_from_the_callout_s_times() {
    let mut callout = with_responder(Status::Arrived);
    callout.times.created = Some(at(0));
    callout.times.retracted = Some(at(30));
    let flow = Flow::of(&followed(callout, &[(Status::Arrived, 90, "Jane Doe")]), at(95));
    assert_eq!(
        told(&flow),
        [
            "Created Done",
            "ResponderCancelled Done 30",
            // It must have been, though nothing tells when.
            "Dispatched Done",
            "Arrived Current 5",
            "Completed Next",
            "Closed Later"
        ]
    );
}

#[test]
fn an_unknown_status_is_kept_and_breaks_nothing() {
    let unknown = Status::Other("Responder Delayed".into());
    let history = [(Status::Created, 0, ""), (unknown.clone(), 60, "")];
    let flow = Flow::of(&followed(callout(unknown.clone()), &history), at(70));
    assert_eq!(flow.current().unwrap().kind.word(), "Responder Delayed");
    assert_eq!(told(&flow)[2], "Dispatched Next");
    let alone = Flow::of(&followed(callout(unknown), &[]), at(100));
    assert_eq!(told(&alone)[0], "Created Done");
}

#[test]
fn time_that_runs_backwards_takes_no_time() {
    let history = [(Status::Created, 50, ""), (Status::Dispatched, 20, "Jane Doe")];
    let flow = Flow::of(&followed(with_responder(Status::Dispatched), &history), at(10));
    assert_eq!(told(&flow)[1], "Dispatched Current 0");
}

#[test]
fn a_soft_cancel_is_told_whoever_asked_for_it() {
    let by_reply = Callout { cancelled_by_customer: true, ..callout(Status::Created) };
    assert!(Flow::of(&followed(by_reply, &[]), at(0)).soft_cancelled);
    let mut from_here = followed(callout(Status::Created), &[]);
    from_here.soft_cancelled = true;
    assert!(Flow::of(&from_here, at(0)).soft_cancelled);
}
