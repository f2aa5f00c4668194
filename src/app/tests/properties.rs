//! Whatever happens, in whatever order.

use super::super::control::Asked;
use super::super::control::tests::told;
use super::super::devices;
use super::super::profiles::Verdict;
use super::super::timers::deadlines;
use super::*;
use crate::geo::view::Spot;
use proptest::prelude::*;

#[derive(Clone, Debug)]
pub(in crate::app) enum Happening {
    Press(Intent),
    Type(char),
    Paste(String),
    Pass(i64),
    NextDeadline,
    Answer {
        which: usize,
        outcome: usize,
    },
    Focus(Pane),
    /// Press, drag or wheel on the map.
    Map(u8, Spot),
}

fn intents() -> impl Strategy<Value = Intent> {
    use Intent::*;
    prop::sample::select(vec![
        Raise,
        Confirm,
        Back,
        SoftCancel,
        Cancel,
        Write,
        Submit,
        Retry,
        Refresh,
        NextPane,
        FocusUp,
        FocusLeft,
        ScrollUp,
        PageDown,
        ScrollToStart,
        PanLeft,
        PanUp,
        ZoomIn,
        ZoomOut,
        FollowNext,
        ResetMap,
        ToggleWalking,
        NextReception,
        PickTarget,
        Faster,
        Slower,
        Help,
        EraseBack,
        CursorLeft,
        WordRight,
        EraseLine,
        ShowControlRoom,
        ShowCustomer,
        SplitView,
        OtherSide,
        Profiles,
        NextCallout,
        PreviousCallout,
        Dismiss,
        DismissClosed,
        Undo,
        Open,
        Find,
        Dispatch,
        Complete,
        Close,
        CannedReply,
        PlaceVehicle,
        MoveVehicle,
        SwitchVehicle,
        ShowDevices,
        LinkDevice,
        PressDevice,
        MoveDevice,
        TypePlace,
        CancelDevice,
        DeviceBattery,
        UnlinkDevice,
        Open,
        Submit,
        NextPane,
        ScrollDown,
    ])
}

pub(in crate::app) fn happenings() -> impl Strategy<Value = Vec<Happening>> {
    let one = prop_oneof![
        4 => intents().prop_map(Happening::Press),
        1 => any::<char>().prop_map(Happening::Type),
        1 => ".{0,20}".prop_map(Happening::Paste),
        2 => (-5i64..90).prop_map(Happening::Pass),
        5 => Just(Happening::NextDeadline),
        6 => (0usize..4, 0usize..20).prop_map(|(which, outcome)| Happening::Answer { which, outcome }),
        1 => prop::sample::select(Pane::ALL.to_vec()).prop_map(Happening::Focus),
        2 => (0u8..4, 0u16..60, 0u16..20).prop_map(|(what, column, row)| {
            Happening::Map(what, Spot { column, row, columns: 60, rows: 20 })
        }),
    ];
    prop::collection::vec(one, 1..120)
}

fn outcome(call: &Call, number: usize) -> Outcome {
    use FailureKind::*;
    let statuses = [Status::Created, Status::Dispatched, Status::Arrived, Status::Closed];
    let callout = |number: usize| {
        let comments = (0..number).map(|n| comment(&n.to_string(), Role::User, "x")).collect();
        Box::new(Callout { comments: Some(comments), ..Callout::new(id("7"), statuses[number % 4].clone()) })
    };
    let kinds =
        [Unreachable, Unanswered, Unauthorized, NotFound, TooMany, Refused, Server, Unreadable, Forbidden];
    match (number, call) {
        (0..9, _) => Err(failure(kinds[number])),
        (9, _) => Ok(Answer::Closed(None)),
        (10, _) => Ok(Answer::Active(vec![*callout(0)])),
        (_, Call::Raise) => Ok(Answer::Raised(callout(0))),
        (_, Call::Poll { .. }) => Ok(Answer::Read(callout(number % 5))),
        (_, Call::FindActive | Call::List { .. }) => Ok(Answer::Active(vec![])),
        (_, Call::Locate { .. }) => Ok(Answer::Located),
        (_, Call::Say { .. }) => Ok(Answer::Said(None)),
        (_, Call::SoftCancel) => Ok(Answer::Dismissed),
        (_, Call::Cancel) => Ok(Answer::Cancelled),
        (_, Call::Speed) => Ok(Answer::Clock { speed: 5.0 }),
        (11..15, Call::Profile { .. }) => Ok(Answer::Profile(Verdict::Ready)),
        (_, Call::Profile { .. }) => Ok(Answer::Profile(Verdict::NotReady { why: vec!["why".into()] })),
        (_, Call::Control(asked)) => Ok(Answer::Control(told(asked, number))),
        (_, Call::Devices(asked)) => Ok(Answer::Devices(devices::tests::told(asked, number))),
    }
}

pub(in crate::app) fn happen(console: &mut Console, happening: Happening) {
    match happening {
        Happening::Press(intent) => console.press(intent),
        Happening::Type(character) => console.act(|now| Action::Typed { character, now }),
        Happening::Paste(text) => console.act(|now| Action::Pasted { text: text.into(), now }),
        Happening::Pass(seconds) => console.pass(seconds),
        Happening::NextDeadline => {
            let due = deadlines(&console.state);
            let next = [
                (due.poll, Timer::Poll),
                (due.location, Timer::Location),
                (due.screen, Timer::Screen),
                (due.display, Timer::Display),
            ];
            if let Some((Some(at), timer)) =
                next.into_iter().filter(|(at, _)| at.is_some()).min_by_key(|(at, _)| *at)
            {
                console.now = console.now.max(at);
                console.tick(timer);
                let again = deadlines(&console.state);
                let same = match timer {
                    Timer::Poll => again.poll,
                    Timer::Location => again.location,
                    Timer::Screen => again.screen,
                    Timer::Display => again.display,
                };
                assert_ne!(same, Some(at), "a timer that ran out must move on, or the loop spins: {timer:?}");
            }
        }
        Happening::Answer { which, outcome: number } => {
            let calls: Vec<_> =
                console.state.in_flight.iter().map(|(id, call)| (*id, call.clone())).collect();
            if let Some((id, call)) = calls.get(which % calls.len().max(1)) {
                console.answer(*id, outcome(call, number));
            }
        }
        Happening::Map(what, spot) => console.act(|now| {
            let target = Target::Map(spot);
            match what {
                0 => Action::Pressed { target, now },
                1 => Action::Dragged { target, now },
                2 => Action::Wheeled { target, lines: 3, now },
                _ => Action::Wheeled { target, lines: -3, now },
            }
        }),
        Happening::Focus(pane) => console.act(|now| Action::Pressed { target: Target::Pane(pane), now }),
    }
}

proptest! {
    #[test]
    fn any_sequence_keeps_the_promises(happenings in happenings(), demo in any::<bool>()) {
        let mut console = super::profiles::among(Console::idle());
        console.state.demo = demo.then(|| Demo { speed: 1.0, scenario: "happy-path".into() });
        for happening in happenings {
            let before = console.state.now;
            happen(&mut console, happening);
            let state = &console.state;
            let count = |wanted: fn(&Call) -> bool| state.in_flight.values().filter(|call| wanted(call)).count();
            prop_assert!(count(|call| matches!(call, Call::Poll { .. })) <= 1, "one at a time");
            prop_assert!(count(|call| matches!(call, Call::Locate { .. })) <= 1, "one at a time");
            prop_assert!(count(|call| matches!(call, Call::Say { .. })) <= 1, "one at a time");
            prop_assert!(count(|call| matches!(call, Call::Raise)) <= 1, "one at a time");
            prop_assert!(count(|call| matches!(call, Call::Control(Asked::Survey))) <= 1, "one at a time");
            prop_assert_eq!(state.control.case().is_some(), !state.control.cases.is_empty());
            prop_assert!(state.now >= before);
            prop_assert!(state.own.trail.len() <= OwnPosition::TRAIL);
            if matches!(state.watch, Watch::Live(_)) {
                prop_assert!(deadlines(state).poll.is_some() && deadlines(state).location.is_some());
            }
            if let Some(followed) = state.followed() {
                prop_assert_eq!(
                    followed.callout.status.is_closed(),
                    matches!(state.watch, Watch::Ended { why: Ending::Closed, .. })
                );
            }
        }
        let written = serde_json::to_string(&console.state).unwrap();
        prop_assert_eq!(serde_json::from_str::<State>(&written).unwrap(), console.state);
    }
}
