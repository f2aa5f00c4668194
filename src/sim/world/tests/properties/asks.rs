//! What is asked of the world at random.

use super::super::*;
use proptest::prelude::*;

/// A command whose ids are picked from what the world knows when it comes.
#[derive(Clone, Debug)]
pub enum Ask {
    Wait(u32),
    Customer(usize),
    Raise { customer: usize, test: bool, kind: i64, demo: bool },
    RaiseByBlock { customer: usize },
    Step { callout: usize, step: usize },
    Send { callout: usize, responder: usize, decline: bool },
    Locate { callout: usize, metres: f64 },
    Write { callout: usize, text: usize },
    Say { callout: usize },
    Dismiss { callout: usize },
    Cancel { callout: usize, code: usize },
    Autopilot(usize),
    Device { customer: usize, action: usize },
    Register(usize),
    Unregister,
    Tried { status: u16 },
    HoldBack,
    Place { metres: f64, demo: bool, medical: bool },
    Move { responder: usize, metres: f64 },
    Switch { responder: usize, active: bool },
    Equip { responder: usize, demo: bool, medical: bool },
    Delete { responder: usize },
    Supplier(usize),
    Reason { callout: usize, reason: i64 },
    Rate { callout: usize, stars: i64 },
    RateItem { callout: usize, item: i64 },
    Reset,
    Trouble(usize),
    Snapshot,
    Fixed(places::Random),
    Back(u32),
    Forget { customer: usize },
    Unsubscribe { customer: usize },
}

pub fn ask() -> impl Strategy<Value = Ask> {
    let n = 0usize..8;
    prop_oneof![
        1 => (0usize..9).prop_map(Ask::Trouble),
        4 => (0u32..40_000).prop_map(Ask::Wait),
        1 => n.clone().prop_map(Ask::Customer),
        4 => raised(),
        1 => n.clone().prop_map(|customer| Ask::RaiseByBlock { customer }),
        8 => (n.clone(), 0usize..10).prop_map(|(callout, step)| Ask::Step { callout, step }),
        2 => (n.clone(), n.clone(), any::<bool>())
            .prop_map(|(callout, responder, decline)| Ask::Send { callout, responder, decline }),
        2 => (n.clone(), 0.0..5_000.0).prop_map(|(callout, metres)| Ask::Locate { callout, metres }),
        1 => (n.clone(), 0usize..3).prop_map(|(callout, text)| Ask::Write { callout, text }),
        1 => n.clone().prop_map(|callout| Ask::Say { callout }),
        1 => n.clone().prop_map(|callout| Ask::Dismiss { callout }),
        1 => (n.clone(), 0usize..4).prop_map(|(callout, code)| Ask::Cancel { callout, code }),
        3 => (n.clone(), 0usize..4).prop_map(|(customer, action)| Ask::Device { customer, action }),
        1 => (0usize..7).prop_map(Ask::Autopilot),
        3 => fleet(),
        2 => feedback(),
        1 => prop_oneof![1 => Just(Ask::Reset), 5 => Just(Ask::Snapshot)],
        1 => n.clone().prop_map(Ask::Register),
        1 => Just(Ask::Unregister),
        2 => prop::sample::select(vec![200, 302, 500]).prop_map(|status| Ask::Tried { status }),
        1 => Just(Ask::HoldBack),
        1 => n.clone().prop_map(|customer| Ask::Forget { customer }),
        1 => n.prop_map(|customer| Ask::Unsubscribe { customer }),
        4 => places::random().prop_map(Ask::Fixed),
        1 => (0u32..5_000).prop_map(Ask::Back),
    ]
}

fn raised() -> impl Strategy<Value = Ask> {
    let mostly_not = prop::bool::weighted(0.2);
    (0usize..8, any::<bool>(), 1i64..4, mostly_not).prop_map(|(customer, test, kind, demo)| Ask::Raise {
        customer,
        test,
        kind,
        demo,
    })
}

fn fleet() -> impl Strategy<Value = Ask> {
    let n = 0usize..8;
    prop_oneof![
        2 => (0.0..6_000.0, any::<bool>(), any::<bool>())
            .prop_map(|(metres, demo, medical)| Ask::Place { metres, demo, medical }),
        1 => (n.clone(), 0.0..6_000.0).prop_map(|(responder, metres)| Ask::Move { responder, metres }),
        1 => (n.clone(), any::<bool>()).prop_map(|(responder, active)| Ask::Switch { responder, active }),
        1 => (n.clone(), any::<bool>(), any::<bool>())
            .prop_map(|(responder, demo, medical)| Ask::Equip { responder, demo, medical }),
        1 => n.clone().prop_map(|responder| Ask::Delete { responder }),
        1 => n.prop_map(Ask::Supplier),
    ]
}

fn feedback() -> impl Strategy<Value = Ask> {
    let n = 0usize..8;
    prop_oneof![
        1 => (n.clone(), 100i64..104).prop_map(|(callout, reason)| Ask::Reason { callout, reason }),
        2 => (n.clone(), 0i64..7).prop_map(|(callout, stars)| Ask::Rate { callout, stars }),
        1 => (n, 11i64..15).prop_map(|(callout, item)| Ask::RateItem { callout, item }),
    ]
}

pub fn step(number: usize) -> Step {
    match number {
        0 => Step::Acknowledge,
        1 => Step::Own,
        2 => Step::Verify,
        3 => Step::Dispatch { responder_id: None },
        4 => Step::DispatchManually { supplier_id: None },
        5 => Step::Decline { responder_id: None },
        6 => Step::CancelResponder,
        7 => Step::Arrive,
        8 => Step::completion(Outcome::default()),
        _ => Step::Close { incident_details: None },
    }
}
