//! Each transition of the state machine, and each step that it refuses.

use super::*;

/// Every step, by its name.
const ALL: [&str; 10] = [
    "acknowledge",
    "own",
    "verify",
    "dispatch",
    "dispatch-manually",
    "decline",
    "cancel-responder",
    "arrive",
    "complete",
    "close",
];

#[test]
fn each_status_allows_its_steps_and_refuses_the_others() {
    let sending = ["acknowledge", "own", "verify", "dispatch", "dispatch-manually", "decline", "close"];
    for (path, status, allowed) in [
        ("", "created", &sending[..]),
        ("acknowledge own verify", "created", &["dispatch", "dispatch-manually", "decline", "close"]),
        ("dispatch", "Responder Dispatched", &["cancel-responder", "arrive", "close"]),
        ("dispatch-manually", "Responder Dispatched", &["cancel-responder", "arrive", "close"]),
        (
            "dispatch cancel-responder",
            "Responder Cancelled",
            &["dispatch", "dispatch-manually", "decline", "close"],
        ),
        (
            "dispatch cancel-responder dispatch",
            "Responder Dispatched",
            &["cancel-responder", "arrive", "close"],
        ),
        ("dispatch arrive", "Responder Arrived", &["complete", "close"]),
        ("dispatch arrive complete", "Responder Completed", &["close"]),
        ("dispatch arrive complete close", "closed", &[]),
        ("close", "closed", &[]),
    ] {
        let mut rig = Rig::new();
        let callout = rig.raise();
        rig.steps(callout, path);
        assert_eq!(rig.status(callout), status, "{path}");
        assert_eq!(rig.record(callout).allowed_steps(), allowed, "{path}");
        for name in ALL.into_iter().filter(|name| !allowed.contains(name)) {
            let step: Step = serde_json::from_value(serde_json::json!({ "step": name })).unwrap();
            let before = rig.log.len();
            let refusal = rig.step(callout, step).unwrap_err();
            assert_eq!(refusal, Refusal::NotAllowed { step: name, allowed_now: allowed.to_vec() }, "{path}");
            assert_eq!(rig.log.len(), before, "a refused step leaves nothing behind");
        }
        rig.assert_replays();
    }
}

#[test]
fn a_test_callout_is_not_dispatched_before_it_is_verified() {
    let mut rig = Rig::new();
    let callout = rig.raise_as(Raise { classification_id: TEST_CLASSIFICATION, ..rig.raising() });
    let refusal = rig.step(callout, Step::Dispatch { responder_id: None }).unwrap_err();
    let Refusal::NotAllowed { step: "dispatch", allowed_now } = refusal else { panic!("{refusal}") };
    assert!(!allowed_now.contains(&"dispatch-manually"), "{allowed_now:?}");
    rig.steps(callout, "verify dispatch");
    assert_eq!(rig.status(callout), "Responder Dispatched");
}

#[test]
fn the_steps_leave_what_v1_shows() {
    let mut rig = Rig::new();
    let callout = rig.raise();
    let record = rig.record(callout);
    assert_eq!((record.updated_by_controller, record.verified_at), (false, None));
    assert!((2..=4).contains(&record.candidates.len()));
    assert!(record.candidates.iter().all(|c| !c.requested && !c.acknowledged && !c.declined));

    rig.steps(callout, "acknowledge");
    let record = rig.record(callout);
    assert_eq!((record.acknowledged_at, record.updated_by_controller), (Some(rig.now), false));
    rig.steps(callout, "own verify");
    assert!(rig.record(callout).updated_by_controller);

    rig.steps(callout, "dispatch");
    let (record, dispatched) = (rig.record(callout), rig.now);
    let assignment = record.assignment().unwrap();
    let responder = assignment.responder.unwrap();
    let nearest = record.candidates.iter().min_by_key(|candidate| candidate.distance_m).unwrap();
    assert_eq!(nearest.responder, responder);
    assert!(nearest.requested && nearest.acknowledged);
    assert_eq!(assignment.dispatched_at, dispatched);
    assert_eq!(rig.world.responder(responder).unwrap().on_call, Some(callout));
    let eta = rig.world.eta(record, rig.now).unwrap();
    assert_eq!((eta.distance_m, eta.responder), (nearest.distance_m, responder));

    rig.steps(callout, "arrive");
    let record = rig.record(callout);
    let eta = rig.world.eta(record, rig.now).unwrap();
    assert_eq!((eta.distance_m, eta.duration_s, eta.at), (0, 0, rig.now));
    assert_eq!(rig.world.responder_fix(record, rig.now).unwrap().position, scene());
    assert_eq!(rig.world.responder(responder).unwrap().on_call, Some(callout));

    let outcome = Step::Complete { any_injuries: true, customer_happy: true, follow_up_required: false };
    rig.step(callout, outcome).unwrap();
    let record = rig.record(callout);
    let expected = Outcome { any_injuries: true, customer_happy: true, follow_up_required: false };
    assert_eq!(record.outcome, Some(expected));
    assert_eq!(rig.world.responder(responder).unwrap().on_call, None);

    let details = Some("All in order.".to_owned());
    rig.after(2.3).step(callout, Step::Close { incident_details: details }).unwrap();
    let record = rig.record(callout);
    assert_eq!(record.incident_details.as_deref(), Some("All in order."));
    assert!(record.detail_updated_by_controller);
    let assignment = record.assignment().unwrap();
    assert!(record.resolved_at >= assignment.completed_at, "nothing is resolved before it is completed");
    let times = [Some(assignment.dispatched_at), assignment.arrived_at];
    assert!(times.into_iter().all(|at| at.unwrap().subsec_nanosecond() == 0), "{times:?}");
    assert_eq!(assignment.dispatched_at.as_second(), dispatched.as_second());
    assert_ne!(assignment.completed_at.unwrap().subsec_nanosecond(), 0, "only those lose their milliseconds");
    let statuses: Vec<_> = record
        .entries
        .iter()
        .map(|entry| match &entry.kind {
            EntryKind::Status(status) => status.as_str(),
            EntryKind::Handled(handling) => handling.as_str(),
            other => panic!("{other:?}"),
        })
        .collect();
    let handled = ["acknowledged", "owned", "verified"];
    assert_eq!(statuses[..3], handled);
    let expected = ["Responder Dispatched", "Responder Arrived", "Responder Completed", "closed"];
    assert_eq!(statuses[3..], expected);
    rig.assert_replays();
}

#[test]
fn a_manual_dispatch_names_a_supplier_and_nobody_else() {
    let mut rig = Rig::new();
    let callout = rig.raise();
    let declining = rig.record(callout).open_candidates().min_by_key(|c| c.distance_m).unwrap().responder;
    rig.steps(callout, "decline dispatch-manually");
    let record = rig.record(callout);
    assert!(record.candidates.iter().any(|candidate| candidate.responder == declining));
    assert!(record.candidates.iter().all(|c| c.requested && c.declined), "all were asked and none would go");
    let assignment = record.assignment().unwrap();
    assert_eq!(assignment.responder, None);
    assert!(rig.world.supplier(assignment.supplier).is_some());
    assert_eq!(rig.world.eta(record, rig.now), None);
    assert_eq!(rig.world.route(record, rig.now), None);
    assert!(record.detail_updated_by_controller);
    rig.steps(callout, "arrive complete close");
    assert_eq!(rig.status(callout), "closed");
}

#[test]
fn after_a_retraction_the_detail_is_empty_and_the_last_eta_stays() {
    let mut rig = Rig::new();
    let callout = rig.raise();
    rig.steps(callout, "dispatch");
    let first = rig.record(callout).assignment().unwrap().responder.unwrap();
    rig.after(20.0);
    let told = rig.world.eta(rig.record(callout), rig.now).unwrap();
    let stood = rig.world.responder_fix(rig.record(callout), rig.now).unwrap();
    rig.step(callout, Step::CancelResponder).unwrap();
    rig.after(100.0);
    let record = rig.record(callout);
    assert_eq!(record.assignment(), None);
    assert_eq!(record.assignments[0].retracted_at, record.candidates.iter().find_map(|c| c.retracted_at));
    assert_eq!(rig.world.eta(record, rig.now), Some(told));
    assert_eq!(rig.world.route(record, rig.now), None);
    let responder = rig.world.responder(first).unwrap();
    assert_eq!((responder.on_call, responder.resting), (None, stood));
    rig.steps(callout, "dispatch");
    assert_ne!(rig.record(callout).assignment().unwrap().responder, Some(first), "another one goes");
}

#[test]
fn a_chosen_responder_goes_and_is_busy_until_done() {
    let mut rig = Rig::new();
    let callout = rig.raise();
    let chosen = rig.record(callout).candidates.last().unwrap().responder;
    rig.step(callout, Step::Dispatch { responder_id: Some(chosen) }).unwrap();
    let other_customer = rig.new_customer("+27830000001");
    let other = rig.raise_as(Raise { who: Who::ById(other_customer), ..rig.raising() });
    assert!(rig.record(other).candidates.iter().all(|candidate| candidate.responder != chosen));
    let again = Step::Dispatch { responder_id: Some(chosen) };
    let allowed_now = rig.record(other).allowed_steps();
    assert!(allowed_now.contains(&"dispatch-manually"));
    assert_eq!(rig.step(other, again.clone()), Err(Refusal::Busy { what: "The responder", allowed_now }));
    let unknown = Step::Dispatch { responder_id: Some(ResponderId(1)) };
    assert_eq!(rig.step(other, unknown), Err(Refusal::NotFound { what: "Responder" }));
    rig.steps(callout, "arrive complete");
    rig.step(other, again).unwrap();
    assert!(rig.record(other).candidates.iter().any(|candidate| candidate.responder == chosen));
}

#[test]
fn when_nobody_is_free_a_dispatch_says_so() {
    let mut rig = Rig::new();
    let callout = rig.raise();
    let responders: Vec<_> = rig.world.responders().map(|responder| responder.id).collect();
    for responder in responders {
        let patch = Box::new(ResponderPatch { active: Some(false), ..ResponderPatch::default() });
        rig.apply(Command::PatchResponder { responder, patch }).unwrap();
    }
    let Err(Refusal::NoResponder { allowed_now }) = rig.step(callout, Step::Dispatch { responder_id: None })
    else {
        panic!("somebody went")
    };
    assert_eq!(allowed_now, rig.record(callout).allowed_steps());
    rig.steps(callout, "dispatch-manually");
}

#[test]
fn a_controller_s_step_takes_the_callout_off_the_autopilot_and_a_refused_one_does_not() {
    let mut rig = Rig::on("happy-path");
    let callout = rig.raise();
    rig.step(callout, Step::Arrive).unwrap_err();
    assert!(rig.record(callout).scenario().is_some());
    rig.after(5.0).step(callout, Step::Own).unwrap();
    assert_eq!(rig.record(callout).plan, None);
    rig.after(1_000.0);
    assert_eq!(rig.status(callout), "created");
    assert_eq!(rig.world.next_due(), None);
    rig.assert_replays();
}

#[test]
fn a_controller_s_line_leaves_the_autopilot_alone() {
    let mut rig = Rig::on("happy-path");
    let callout = rig.raise();
    let comment = |message: &str, from: Option<&str>| Command::Comment {
        callout,
        message: message.to_owned(),
        from: from.map(str::to_owned),
    };
    rig.apply(comment("We are here.", None)).unwrap();
    rig.apply(comment("Jane here.", Some("Jane Doe"))).unwrap();
    assert!(matches!(rig.apply(comment("  ", None)), Err(Refusal::Invalid { field: "message", .. })));
    let authors: Vec<_> = rig
        .record(callout)
        .entries
        .iter()
        .filter_map(|entry| match &entry.kind {
            EntryKind::Comment { role: Role::Admin, author, .. } => Some(author.as_ref()),
            _ => None,
        })
        .collect();
    assert_eq!(authors, [CONTROLLER.name, "Jane Doe"]);
    assert!(rig.record(callout).plan.is_some());
}

#[test]
fn an_unknown_callout_is_not_found() {
    let mut rig = Rig::new();
    let callout = CalloutId(1);
    assert_eq!(rig.step(callout, Step::Own), Err(Refusal::NotFound { what: "Callout" }));
}

#[test]
fn switching_the_autopilot_off_stops_what_is_under_way() {
    let mut rig = Rig::on("happy-path");
    let callout = rig.raise();
    rig.after(8.0).apply(Command::SetAutopilot(None)).unwrap();
    rig.after(1_000.0);
    assert_eq!(rig.status(callout), "created");
    assert!(rig.record(callout).owned_at.is_some());
    rig.assert_replays();
}

#[test]
fn a_reset_empties_the_world_but_ids_go_on() {
    let mut rig = Rig::on("happy-path");
    let callout = rig.raise();
    rig.apply(Command::Reset).unwrap();
    assert_eq!(rig.world.callouts().count() + rig.world.responders().count(), 0);
    assert_eq!((rig.world.next_due(), rig.world.source("demo-client")), (None, Some(rig.source)));
    assert_eq!(rig.world.autopilot().map(|scenario| scenario.name.as_str()), Some("happy-path"));
    rig.customer = rig.new_customer("+27831234567");
    assert!(rig.raise() > callout);
    rig.assert_replays();
}
