//! What goes wrong with a callout on purpose: decided once, kept, and told alike.

use super::*;

fn rule(trouble: Trouble) -> TroubleRule {
    TroubleRule {
        number: 0,
        trouble,
        callout: None,
        share: 1.0,
        after: 0,
        times: None,
        seed: 7,
        seen: 0,
        met: 0,
    }
}

/// No rule, or one of each kind, for most callouts.
pub(super) fn some(number: usize) -> Vec<TroubleRule> {
    let all = [
        Trouble::NobodyAvailable,
        Trouble::DeclinedThenDispatched,
        Trouble::EtaGrows,
        Trouble::GpsFrozen,
        Trouble::GpsJumping,
        Trouble::ChatLate,
        Trouble::ChatDoubled,
        Trouble::SubscriptionCancelFails,
    ];
    let rule = |trouble: &Trouble| TroubleRule { share: 0.7, after: 1, ..rule(*trouble) };
    all.get(number).map(rule).into_iter().collect()
}

impl Rig {
    fn trouble(&mut self, rules: Vec<TroubleRule>) {
        self.apply(Command::SetTroubles(rules)).unwrap();
    }

    fn in_trouble(trouble: Trouble) -> (Self, CalloutId) {
        let mut rig = Self::new();
        rig.trouble(vec![rule(trouble)]);
        let callout = rig.raise();
        (rig, callout)
    }

    fn fix(&self, callout: CalloutId) -> ResponderFix {
        self.world.responder_fix(self.record(callout), self.now).unwrap()
    }

    fn told_eta(&self, callout: CalloutId) -> u32 {
        self.world.eta(self.record(callout), self.now).unwrap().duration_s
    }

    fn lines(&self, callout: CalloutId) -> usize {
        let entries = self.world.entries(self.record(callout), self.now);
        entries.filter(|entry| matches!(entry.kind, EntryKind::Comment { .. })).count()
    }
}

#[test]
fn without_rules_nothing_is_written_down() {
    let mut rig = Rig::new();
    let before = rig.log.len();
    rig.trouble(Vec::new());
    assert_eq!(rig.log.len(), before);
    rig.raise();
    assert!(!rig.log.iter().any(|event| matches!(event.what, Happened::Trouble(_))));
}

#[test]
fn nobody_is_found_and_nobody_goes() {
    let (mut rig, callout) = Rig::in_trouble(Trouble::NobodyAvailable);
    assert!(rig.record(callout).candidates.is_empty());
    let step = Step::Dispatch { responder_id: None };
    assert_eq!(
        rig.step(callout, step),
        Err(Refusal::NoResponder { allowed_now: rig.record(callout).allowed_steps() })
    );
    rig.steps(callout, "dispatch-manually");
    assert_eq!(rig.status(callout), "Responder Dispatched");
    rig.assert_replays();
}

#[test]
fn on_the_autopilot_a_company_goes_instead() {
    let mut rig = Rig::on("happy-path");
    rig.trouble(vec![rule(Trouble::NobodyAvailable)]);
    let callout = rig.raise();
    rig.after(3_600.0);
    assert!(rig.record(callout).assignments[0].responder.is_none());
    rig.assert_replays();
}

#[test]
fn the_nearest_declines_and_the_next_one_goes() {
    let (mut rig, callout) = Rig::in_trouble(Trouble::DeclinedThenDispatched);
    rig.steps(callout, "dispatch");
    let record = rig.record(callout);
    let declined: Vec<_> = record.candidates.iter().filter(|candidate| candidate.declined).collect();
    assert_eq!(declined.len(), 1);
    let gone = record.assignment().unwrap().responder.unwrap();
    assert_ne!(declined[0].responder, gone);
    assert!(rig.world.responder(declined[0].responder).unwrap().on_call.is_none());
    rig.assert_replays();
}

#[test]
fn an_eta_that_grows_ends_with_the_arrival() {
    let (mut rig, callout) = Rig::in_trouble(Trouble::EtaGrows);
    rig.steps(callout, "dispatch");
    let mut told = rig.told_eta(callout);
    for _ in 0..4 {
        rig.after(10.0);
        let now = rig.told_eta(callout);
        assert_eq!(now, told + 10);
        told = now;
    }
    rig.steps(callout, "arrive");
    assert_eq!(rig.told_eta(callout), 0);
    rig.assert_replays();
}

#[test]
fn frozen_reports_are_those_of_when_it_began() {
    let mut rig = Rig::new();
    let callout = rig.raise();
    rig.steps(callout, "dispatch");
    rig.after(12.0);
    let before = rig.fix(callout);
    rig.trouble(vec![rule(Trouble::GpsFrozen)]);
    rig.after(25.0);
    assert_eq!(rig.fix(callout), before);
    assert_eq!(rig.world.route(rig.record(callout), rig.now).unwrap()[0], before.position);
    rig.trouble(Vec::new());
    assert!(rig.fix(callout).at > before.at);
    rig.assert_replays();
}

#[test]
fn some_reports_jump_and_the_drive_does_not() {
    let (mut rig, callout) = Rig::in_trouble(Trouble::GpsJumping);
    rig.steps(callout, "dispatch");
    let (mut off, mut right) = (0, 0);
    for _ in 0..9 {
        let journey = rig.record(callout).assignment().unwrap().journey.clone().unwrap();
        let truth = journey.fix(rig.now).unwrap();
        let told = rig.fix(callout);
        assert_eq!((told.id, told.at), (truth.id, truth.at));
        let metres = told.position.distance_to(truth.position);
        assert!(metres < 3_001.0);
        *(if metres > 500.0 { &mut off } else { &mut right }) += 1;
        rig.after(5.0);
    }
    assert_eq!((off, right), (3, 6));
    rig.steps(callout, "arrive");
    assert!(rig.fix(callout).position.distance_to(scene()) < 1.0);
    rig.assert_replays();
}

#[test]
fn the_controller_s_lines_are_late_and_the_customer_s_are_not() {
    let (mut rig, callout) = Rig::in_trouble(Trouble::ChatLate);
    rig.write(callout, "Hello").unwrap();
    let comment = Command::Comment { callout, message: "Hello".to_owned(), from: None };
    rig.apply(comment).unwrap();
    assert_eq!(rig.lines(callout), 1);
    rig.after(44.0);
    assert_eq!(rig.lines(callout), 1);
    rig.after(1.0);
    assert_eq!(rig.lines(callout), 2);
    rig.assert_replays();
}

#[test]
fn each_line_is_there_twice_under_ids_of_its_own() {
    let (mut rig, callout) = Rig::in_trouble(Trouble::ChatDoubled);
    rig.write(callout, "Hello").unwrap();
    assert_eq!(rig.lines(callout), 2);
    let ids: Vec<_> = rig.record(callout).entries.iter().map(|entry| entry.id).collect();
    assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
    rig.assert_replays();
}

#[test]
fn rules_count_callouts_and_stay_over_a_reset() {
    let mut rig = Rig::new();
    let first = rig.raise();
    rig.trouble(vec![TroubleRule { after: 1, times: Some(1), ..rule(Trouble::ChatDoubled) }]);
    let raised: Vec<_> = (0..3)
        .map(|number| {
            let who = Who::ById(rig.new_customer(&format!("+2783123456{number}")));
            rig.raise_as(Raise { who, ..rig.raising() })
        })
        .collect();
    let troubled: Vec<_> = std::iter::once(first)
        .chain(raised)
        .map(|callout| rig.world.is_in(callout, Trouble::ChatDoubled))
        .collect();
    assert_eq!(troubled, [false, true, false, false]);
    let rules = rig.world.trouble_rules();
    assert_eq!((rules[0].seen, rules[0].met), (4, 1));
    rig.apply(Command::Reset).unwrap();
    assert_eq!(rig.world.trouble_rules().len(), 1);
    rig.assert_replays();
}

#[test]
fn a_rule_about_one_callout_and_a_share_of_all() {
    let mut rig = Rig::new();
    let first = rig.raise();
    let one = TroubleRule { callout: Some(first), ..rule(Trouble::ChatDoubled) };
    let none = TroubleRule { share: 0.0, number: 1, ..rule(Trouble::ChatLate) };
    rig.trouble(vec![one, none]);
    let who = Who::ById(rig.new_customer("+27831234568"));
    let second = rig.raise_as(Raise { who, ..rig.raising() });
    assert!(rig.world.is_in(first, Trouble::ChatDoubled) && !rig.world.is_in(second, Trouble::ChatDoubled));
    assert!(!rig.world.is_in(first, Trouble::ChatLate));
    rig.assert_replays();
}
