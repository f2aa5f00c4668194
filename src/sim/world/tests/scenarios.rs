//! What the shipped scenarios show, second by second.

use super::*;

/// Seconds since the panic at which each status began.
fn timeline(rig: &Rig, callout: CalloutId) -> Vec<(i64, &'static str)> {
    let record = rig.record(callout);
    let since = |at: Timestamp| at.duration_since(record.created_at).as_secs();
    let statuses = record.entries.iter().filter_map(|entry| match &entry.kind {
        EntryKind::Status(status) => Some((since(entry.at), status.as_str())),
        _ => None,
    });
    std::iter::once((0, "created")).chain(statuses).collect()
}

fn chat(rig: &Rig, callout: CalloutId) -> Vec<&str> {
    let lines = rig.record(callout).entries.iter().filter_map(|entry| match &entry.kind {
        EntryKind::Comment { role: Role::Admin, body, .. } => Some(body.as_ref()),
        _ => None,
    });
    lines.collect()
}

/// A poll each 15 s must see every status, whatever its offset.
fn assert_seen_by_a_poller(timeline: &[(i64, &str)]) {
    for pair in timeline.windows(2) {
        assert!(pair[1].0 - pair[0].0 > 16, "{timeline:?}");
    }
}

#[test]
fn happy_path() {
    let mut rig = Rig::on("happy-path");
    let callout = rig.raise_as(Raise { classification_id: TEST_CLASSIFICATION, ..rig.raising() });
    rig.after(3_600.0);
    let timeline = timeline(&rig, callout);
    let expected = [
        (0, "created"),
        (22, "Responder Dispatched"),
        (97, "Responder Arrived"),
        (119, "Responder Completed"),
        (137, "closed"),
    ];
    assert_eq!(timeline, expected);
    assert_seen_by_a_poller(&timeline);
    let record = rig.record(callout);
    let early = [record.acknowledged_at, record.owned_at, record.verified_at]
        .map(|at| at.unwrap().duration_since(record.created_at).as_secs());
    assert_eq!(early, [4, 7, 11]);
    assert!(record.candidates.iter().all(|candidate| candidate.requested));
    let chat = chat(&rig, callout);
    assert!(chat[0].starts_with("Hello Testy,"), "{chat:?}");
    assert!(chat.iter().all(|line| !line.contains(['{', '}'])), "{chat:?}");
    assert!(chat[1].contains("about 2 minutes away"), "{chat:?}");
    assert_eq!((rig.world.next_due(), &record.plan), (None, &None));
    rig.assert_replays();
}

#[test]
fn manual_dispatch() {
    let mut rig = Rig::on("manual-dispatch");
    let callout = rig.raise();
    rig.after(60.0);
    let record = rig.record(callout);
    assert_eq!(record.status, Status::Dispatched);
    assert_eq!(record.assignment().unwrap().responder, None);
    let declined: Vec<_> = record.candidates.iter().map(|c| (c.requested, c.declined)).collect();
    assert_eq!(declined, [(true, true)], "one vehicle in range, as in the sample");
    rig.after(3_600.0);
    assert_eq!(rig.status(callout), "closed");
    assert_seen_by_a_poller(&timeline(&rig, callout));
    rig.assert_replays();
}

#[test]
fn manual_dispatch_where_there_are_vehicles_that_decline() {
    let mut rig = Rig::new();
    let first = rig.raise();
    rig.steps(first, "close");
    let scenario = Scenario::named("manual-dispatch").unwrap();
    rig.apply(Command::SetAutopilot(Some(Box::new(scenario)))).unwrap();
    let callout = rig.raise();
    rig.after(30.0);
    let record = rig.record(callout);
    assert!(!record.candidates.is_empty());
    assert!(record.candidates.iter().all(|candidate| candidate.requested && candidate.declined));
    assert_eq!(record.assignment().unwrap().responder, None);
}

#[test]
fn responder_cancelled() {
    let mut rig = Rig::on("responder-cancelled");
    let callout = rig.raise();
    rig.after(3_600.0);
    let timeline = timeline(&rig, callout);
    let statuses: Vec<_> = timeline.iter().map(|(_, status)| *status).collect();
    let expected = [
        "created",
        "Responder Dispatched",
        "Responder Cancelled",
        "Responder Dispatched",
        "Responder Arrived",
        "Responder Completed",
        "closed",
    ];
    assert_eq!(statuses, expected);
    assert_seen_by_a_poller(&timeline);
    let record = rig.record(callout);
    let responders: Vec<_> = record.assignments.iter().map(|a| a.responder.unwrap()).collect();
    assert_ne!(responders[0], responders[1]);
    assert!(record.assignments[0].retracted_at.is_some());
    rig.assert_replays();
}

#[test]
fn false_alarm_closes_after_a_soft_cancel() {
    let mut rig = Rig::on("false-alarm");
    let callout = rig.raise();
    rig.after(20.0).dismiss(callout).unwrap();
    rig.after(37.0);
    assert_eq!(rig.status(callout), "created", "nothing before the controller has asked");
    rig.after(2.0);
    assert_eq!(timeline(&rig, callout), [(0, "created"), (58, "closed")]);
    let record = rig.record(callout);
    assert!(record.incident_details.as_deref().unwrap().starts_with("False alarm"));
    assert!(record.assignments.is_empty());
    let chat = chat(&rig, callout);
    assert!(chat.iter().any(|line| line.contains("pressed by mistake?")), "{chat:?}");
}

#[test]
fn false_alarm_without_a_soft_cancel_is_a_response() {
    let mut rig = Rig::on("false-alarm");
    let callout = rig.raise();
    rig.after(3_600.0);
    let timeline = timeline(&rig, callout);
    assert_eq!(timeline.len(), 5);
    assert_seen_by_a_poller(&timeline);
}

#[test]
fn a_soft_cancel_is_honoured_at_any_time_of_any_scenario() {
    for scenario in Scenario::shipped() {
        for seconds in [1, 21, 23, 60, 96, 98, 118, 120, 136] {
            let mut rig = Rig::on(&scenario.name);
            let callout = rig.raise();
            rig.after(f64::from(seconds));
            if !rig.record(callout).is_active() {
                continue;
            }
            let before = rig.record(callout).status;
            rig.dismiss(callout).unwrap();
            rig.after(45.0);
            let name = &scenario.name;
            assert_eq!(rig.status(callout), "closed", "{name} at {seconds} s from {before:?}");
            assert!(rig.world.responders().all(|responder| responder.on_call.is_none()), "{name}");
            rig.assert_replays();
        }
    }
}

#[test]
fn a_cancel_by_safe_code_is_closed_ten_seconds_after_the_stand_down() {
    let mut rig = Rig::on("happy-path");
    let callout = rig.raise();
    rig.after(40.0);
    rig.cancel(callout, Some("4567")).unwrap();
    assert_eq!(rig.status(callout), "Responder Cancelled");
    rig.after(9.9);
    assert_eq!(rig.status(callout), "Responder Cancelled");
    rig.after(0.2);
    assert_eq!(rig.status(callout), "closed");
}

#[test]
fn when_all_vehicles_are_busy_a_company_is_sent_by_phone() {
    let mut rig = Rig::on("happy-path");
    let mut callouts = vec![rig.raise()];
    for number in 10..24 {
        let customer = rig.new_customer(&format!("+278200000{number}"));
        callouts.push(rig.raise_as(Raise { who: Who::ById(customer), ..rig.raising() }));
    }
    rig.after(30.0);
    assert_eq!(rig.world.responders().count(), 12);
    let sent = |callout: &CalloutId| rig.record(*callout).assignment().unwrap().responder;
    let vehicles: std::collections::BTreeSet<_> = callouts.iter().filter_map(sent).collect();
    assert_eq!(vehicles.len(), rig.world.responders().count(), "each vehicle once");
    let by_phone: Vec<_> = callouts.iter().filter(|callout| sent(callout).is_none()).collect();
    assert_eq!(by_phone.len(), 3);
    let lines = by_phone.into_iter().flat_map(|callout| chat(&rig, *callout)).collect::<Vec<_>>();
    assert!(lines.iter().any(|line| line.contains("about 2 minutes away")), "{lines:?}");
    assert!(!lines.iter().any(|line| line.contains("about a few")), "{lines:?}");
    rig.after(3_600.0);
    assert!(callouts.iter().all(|callout| rig.status(*callout) == "closed"));
}

#[test]
fn who_reads_when_changes_nothing() {
    let mut seldom = Rig::on("happy-path");
    let mut often = Rig::on("happy-path");
    let other = |rig: &mut Rig| {
        let customer = rig.new_customer("+27820000001");
        rig.raise_as(Raise { who: Who::ById(customer), ..rig.raising() })
    };
    let (a, b) = (seldom.raise(), often.raise());
    (seldom.now, often.now) =
        (seldom.now + SignedDuration::from_secs(2), often.now + SignedDuration::from_secs(2));
    other(&mut seldom);
    let read = other(&mut often);
    assert_eq!(a, b);
    for _ in 0..400 {
        often.now += SignedDuration::from_millis(500);
        assert_eq!(often.world.is_due(read, often.now), !often.world.settle(read, often.now).is_empty());
    }
    seldom.now = often.now;
    seldom.settle();
    often.settle();
    assert_eq!(seldom.world, often.world);
}

#[test]
fn a_refused_command_still_hands_over_what_became_due() {
    let mut rig = Rig::on("happy-path");
    let callout = rig.raise();
    rig.now += SignedDuration::from_secs(30);
    let before = rig.log.len();
    assert!(rig.step(callout, Step::Own).is_err());
    assert!(rig.log.len() > before);
    assert_eq!(rig.status(callout), "Responder Dispatched");
    rig.assert_replays();
}

#[test]
fn after_a_wrong_safe_code_a_soft_cancel_stops_nobody() {
    let mut rig = Rig::on("false-alarm");
    let callout = rig.raise();
    rig.after(30.0);
    rig.cancel(callout, Some("0000")).unwrap();
    rig.dismiss(callout).unwrap();
    rig.after(3_600.0);
    let seen: Vec<_> = timeline(&rig, callout).into_iter().map(|(_, status)| status).collect();
    let whole = ["created", "Responder Dispatched", "Responder Arrived", "Responder Completed", "closed"];
    assert_eq!(seen, whole);
    rig.assert_replays();
}

#[test]
fn nobody_available_is_closed_without_a_response() {
    let mut rig = Rig::on("nobody-available");
    let callout = rig.raise();
    rig.after(3_600.0);
    assert_eq!(timeline(&rig, callout), [(0, "created"), (105, "closed")]);
    let record = rig.record(callout);
    assert!(record.assignments.is_empty() && record.resolved_at.is_some());
    assert_eq!(record.candidates.len(), 2);
    assert!(record.candidates.iter().all(|candidate| candidate.requested && candidate.declined));
    let chat = chat(&rig, callout);
    assert!(chat.last().unwrap().contains("no vehicle and no company"), "{chat:?}");
    assert!(record.incident_details.as_deref().unwrap().starts_with("No responder available"));
    rig.assert_replays();
}

#[test]
fn duress_speeds_the_response_up_and_is_not_mentioned_to_whoever_reads_along() {
    let mut rig = Rig::on("duress");
    let callout = rig.raise_as(Raise { classification_id: TEST_CLASSIFICATION, ..rig.raising() });
    rig.after(15.0).cancel(callout, Some("0000")).unwrap();
    rig.after(5.0).cancel(callout, Some("0001")).unwrap();
    rig.after(3_600.0);
    let timeline = timeline(&rig, callout);
    let expected = [
        (0, "created"),
        (33, "Responder Dispatched"),
        (108, "Responder Arrived"),
        (138, "Responder Completed"),
        (168, "closed"),
    ];
    assert_eq!(timeline, expected);
    assert_seen_by_a_poller(&timeline);
    let record = rig.record(callout);
    assert!(record.duress && record.verified_at.is_some());
    assert!(record.incident_details.as_deref().unwrap().starts_with("Duress"));
    let chat = chat(&rig, callout);
    assert!(chat.iter().any(|line| line.contains("seeing to it")), "{chat:?}");
    assert!(!chat.iter().any(|line| line.to_lowercase().contains("duress") || line.contains("wrong")));
    rig.assert_replays();
}

#[test]
fn duress_without_a_wrong_code_is_a_slow_response() {
    let mut rig = Rig::on("duress");
    let callout = rig.raise();
    rig.after(3_600.0);
    let timeline = timeline(&rig, callout);
    assert_eq!(timeline[1], (55, "Responder Dispatched"));
    assert_eq!(timeline.len(), 5);
    assert_seen_by_a_poller(&timeline);
    assert!(!rig.record(callout).incident_details.as_deref().unwrap().contains("Duress"));
}

#[test]
fn a_wrong_code_on_the_way_changes_the_chat_and_the_end_but_not_the_drive() {
    let mut rig = Rig::on("duress");
    let callout = rig.raise();
    rig.after(70.0).cancel(callout, Some("0000")).unwrap();
    rig.after(3_600.0);
    let seen = timeline(&rig, callout);
    assert_eq!(seen[1..3], [(55, "Responder Dispatched"), (130, "Responder Arrived")]);
    assert!(chat(&rig, callout).iter().any(|line| line.contains("seeing to it")));
    assert!(rig.record(callout).incident_details.as_deref().unwrap().starts_with("Duress"));
    rig.assert_replays();
}

#[test]
fn the_right_code_after_a_wrong_one_ends_it() {
    let mut rig = Rig::on("duress");
    let callout = rig.raise();
    rig.after(20.0).cancel(callout, Some("0000")).unwrap();
    rig.after(25.0).cancel(callout, Some("4567")).unwrap();
    assert_eq!(rig.status(callout), "Responder Cancelled");
    let before = chat(&rig, callout).len();
    rig.after(10.0);
    assert_eq!((rig.status(callout), chat(&rig, callout).len()), ("closed", before));
}
