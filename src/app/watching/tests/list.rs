//! Order, choice, filter, dismissing and undo.

use super::*;
use crate::app::state::{Pane, Watch};
use crate::app::watching::{MOST, MOST_CLOSED, MOST_UNDONE, Place, Urgency, place};
use proptest::prelude::*;

#[test]
fn the_most_urgent_is_first_and_whoever_has_waited_longest() {
    let mut console = watching_all(&["1", "2", "3", "4", "5"]);
    becomes(&mut console, "1", Status::Dispatched);
    becomes(&mut console, "2", Status::Arrived);
    let mut soft = callout("4", Status::Dispatched);
    soft.cancelled_by_customer = true;
    bring(&mut console, "4", &Ok(Answer::Read(Box::new(soft))));
    let mut duress = callout("5", Status::Dispatched);
    duress.duress = true;
    bring(&mut console, "5", &Ok(Answer::Read(Box::new(duress))));
    assert_eq!(listed(&console), ["5", "4", "3", "1", "2"]);
    assert_eq!(entry_of(&console, "5").urgency(), Urgency::Duress);
    // A later reading that does not tell of it takes nothing back.
    becomes(&mut console, "5", Status::Dispatched);
    assert!(entry_of(&console, "5").duress);
    let watching = console.state.watching.as_ref().unwrap();
    assert_eq!((watching.count(Urgency::Duress), watching.count(Urgency::SoftCancel)), (1, 1));
}

#[test]
fn until_somebody_chooses_the_most_urgent_is_in_front() {
    let mut console = watching_all(&["1", "2", "3"]);
    assert_eq!(chosen(&console), "1");
    let mut duress = callout("3", Status::Created);
    duress.duress = true;
    bring(&mut console, "3", &Ok(Answer::Read(Box::new(duress))));
    assert_eq!((chosen(&console), screen_row(&console)), ("3", 0));
    console.press(Intent::ScrollDown);
    becomes(&mut console, "3", Status::Closed);
    assert_eq!(chosen(&console), "1", "and from then on it is theirs");
    let mut soft = callout("2", Status::Created);
    soft.cancelled_by_customer = true;
    bring(&mut console, "2", &Ok(Answer::Read(Box::new(soft))));
    assert_eq!((listed(&console)[0], chosen(&console)), ("2", "1"));
}

#[test]
fn what_is_chosen_stays_chosen_on_its_row_of_the_screen() {
    let ids: Vec<String> = (100..200).map(|n: u32| n.to_string()).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let mut console = watching_all(&ids);
    for _ in 0..50 {
        console.press(Intent::ScrollDown);
    }
    let (who, row) = (chosen(&console).to_owned(), screen_row(&console));
    assert!(row > 2);
    for above in ["110", "111", "112", "149"] {
        becomes(&mut console, above, Status::Dispatched);
        assert_eq!((chosen(&console), screen_row(&console)), (who.as_str(), row));
    }
    let mut duress = callout("199", Status::Created);
    duress.duress = true;
    bring(&mut console, "199", &Ok(Answer::Read(Box::new(duress))));
    assert_eq!(listed(&console)[0], "199");
    assert_eq!((chosen(&console), screen_row(&console)), (who.as_str(), row));
    becomes(&mut console, &who, Status::Arrived);
    assert_eq!(chosen(&console), who, "also when it goes itself");
    let mut all: Vec<&str> = ids.clone();
    all.push("300");
    next_list(&mut console, &all);
    assert_eq!(listed(&console).iter().position(|id| *id == "300"), Some(95), "the last of its kind");
    assert_eq!(chosen(&console), who);
}

#[test]
fn closed_ones_stay_until_they_are_dismissed_and_come_back() {
    let mut console = watching_all(&["1", "2", "3", "4"]);
    console.press(Intent::Dismiss);
    assert!(console.notice().contains("still active"), "{}", console.notice());
    console.press(Intent::ScrollToStart);
    for over in ["1", "2", "3"] {
        becomes(&mut console, over, Status::Closed);
    }
    assert_eq!(listed(&console), ["4", "3", "2", "1"], "the latest first");
    assert_eq!(chosen(&console), "1");
    assert!(matches!(console.state.watch, Watch::Ended { .. }));
    console.press(Intent::Dismiss);
    assert_eq!(listed(&console), ["4", "3", "2"]);
    assert_eq!(chosen(&console), "2", "its neighbour");
    console.press(Intent::DismissClosed);
    assert_eq!(listed(&console), ["4"]);
    console.press(Intent::DismissClosed);
    assert!(console.notice().contains("nothing is over"));
    console.press(Intent::Undo);
    assert_eq!(listed(&console), ["4", "3", "2"], "all of one level");
    console.press(Intent::Undo);
    assert_eq!(listed(&console), ["4", "3", "2", "1"]);
    assert_eq!(chosen(&console), "1", "and it is in front again");
    console.press(Intent::Undo);
    assert_eq!(console.notice(), "nothing was dismissed");
}

#[test]
fn a_list_that_was_under_way_does_not_bring_back_what_was_dismissed() {
    let mut console = watching_all(&["1", "2"]);
    becomes(&mut console, "2", Status::Closed);
    console.press(Intent::DismissClosed);
    next_list(&mut console, &["1", "2"]);
    assert_eq!(listed(&console), ["1"]);
}

#[test]
fn so_many_levels_can_be_undone_and_no_more_are_kept() {
    let ids: Vec<String> = (100..140).map(|n: u32| n.to_string()).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let mut console = watching_all(&ids);
    for over in &ids {
        becomes(&mut console, over, Status::Closed);
        console.press(Intent::DismissClosed);
    }
    let mut back = 0;
    while !console.state.watching.as_ref().unwrap().dismissed.is_empty() {
        console.press(Intent::Undo);
        back += 1;
    }
    assert_eq!(back, MOST_UNDONE);
}

#[test]
fn the_oldest_of_too_many_closed_ones_goes_by_itself() {
    let ids: Vec<String> = (0..=MOST_CLOSED + 20).map(|n| (1_000 + n).to_string()).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let mut console = watching(&[]);
    list(&mut console, &ids);
    for _ in 0..5_000 {
        if console.state.watching.as_ref().unwrap().active() == 0 {
            break;
        }
        answer_polls(&mut console, &|_| Some(Ok(Answer::Closed(None))));
        wait(&mut console);
    }
    let watching = console.state.watching.as_ref().unwrap();
    assert_eq!((watching.active(), watching.closed(), watching.order.len()), (0, MOST_CLOSED, MOST_CLOSED));
}

#[test]
fn more_than_can_be_watched_are_left_out_and_counted() {
    let mut console = watching(&[]);
    let ids: Vec<String> = (0..MOST + 7).map(|n| (10_000 + n).to_string()).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    list(&mut console, &ids);
    let watching = console.state.watching.as_ref().unwrap();
    assert_eq!((watching.entries.len(), watching.left_out), (MOST, 7));
}

#[test]
fn the_filter_follows_what_is_typed() {
    let mut console = watching_all(&["101", "102", "203"]);
    becomes(&mut console, "102", Status::Dispatched);
    console.press(Intent::Find);
    for character in "10".chars() {
        console.act(|now| Action::Typed { character, now });
    }
    assert_eq!(listed(&console), ["101", "102"]);
    for character in " disp".chars() {
        console.act(|now| Action::Typed { character, now });
    }
    assert_eq!(listed(&console), ["102"]);
    assert_eq!(chosen(&console), "102");
    console.press(Intent::Submit);
    becomes(&mut console, "101", Status::Dispatched);
    assert_eq!(listed(&console), ["101", "102"], "who fits now comes in");
    becomes(&mut console, "102", Status::Arrived);
    assert_eq!(listed(&console), ["101"], "who fits no more goes");
    press(&mut console, &[Intent::Back]);
    assert_eq!(listed(&console), ["203", "101", "102"]);
}

#[test]
fn messages_are_counted_until_their_chat_is_looked_at() {
    let mut console = watching_all(&["1", "2"]);
    let said = |count: usize| {
        let comments = (0..count).map(|n| comment(&n.to_string(), Role::Admin, "hello")).collect();
        Ok(Answer::Read(Box::new(Callout { comments: Some(comments), ..callout("2", Status::Created) })))
    };
    bring(&mut console, "2", &said(2));
    assert_eq!(entry_of(&console, "2").unread, 2);
    bring(&mut console, "2", &said(3));
    assert_eq!(entry_of(&console, "2").unread, 3);
    console.press(Intent::NextCallout);
    assert_eq!(entry_of(&console, "2").unread, 3, "passing by is not reading");
    bring(&mut console, "2", &said(3));
    assert_eq!(entry_of(&console, "2").unread, 0);
}

#[test]
fn tab_goes_from_the_list_through_the_panes_and_back() {
    let mut console = watching_all(&["1"]);
    let mut seen = Vec::new();
    for _ in 0..5 {
        console.press(Intent::NextPane);
        let in_list = console.state.watching.as_ref().unwrap().focused;
        seen.push((!in_list).then_some(console.state.focus));
    }
    let panes = [Pane::Flow, Pane::Responder, Pane::Route, Pane::Chat].map(Some);
    assert_eq!(seen, [panes.as_slice(), &[None]].concat());
    console.press(Intent::PreviousPane);
    assert_eq!(console.state.focus, Pane::Chat);
    console.press(Intent::Back);
    assert!(console.state.watching.as_ref().unwrap().focused);
}

#[test]
fn a_narrow_window_shows_the_list_or_a_pane() {
    let mut console = watching_all(&["1"]);
    console.act(|now| Action::Resized { columns: 50, rows: 20, now });
    let at = |console: &Console| place(&console.state, console.state.watching.as_ref().unwrap());
    assert_eq!(at(&console), Place::Alone);
    console.press(Intent::Open);
    assert_eq!(at(&console), Place::Hidden);
}

proptest! {
    /// Whatever is pressed and whatever comes, the chosen row is in the window.
    #[test]
    fn the_chosen_row_is_always_in_sight(steps in prop::collection::vec((0usize..12, 0u32..40), 1..120)) {
        let ids: Vec<String> = (100..140).map(|n: u32| n.to_string()).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let mut console = watching_all(&ids);
        for (step, which) in steps {
            let who = (100 + which).to_string();
            match step {
                0 => press(&mut console, &[Intent::PageDown]),
                1 => press(&mut console, &[Intent::ScrollToEnd]),
                2 => press(&mut console, &[Intent::PageUp]),
                3 => press(&mut console, &[Intent::Dismiss]),
                4 => press(&mut console, &[Intent::DismissClosed]),
                5 => press(&mut console, &[Intent::Undo]),
                6 => console.act(|now| Action::Wheeled {
                    target: crate::app::screen::Target::Watched(None),
                    lines: i16::try_from(which).unwrap() - 20,
                    now,
                }),
                7 => console.act(|now| Action::Resized { columns: 120, rows: 18 + u16::try_from(which).unwrap(), now }),
                8 => press(&mut console, &[Intent::Find]),
                9 => console.act(|now| Action::Typed { character: '1', now }),
                10 => press(&mut console, &[Intent::Back]),
                _ => {
                    let known = console.state.watching.as_ref().unwrap().entries.get(&id(&who));
                    if known.is_some_and(|entry| entry.ended.is_none()) {
                        becomes(&mut console, &who, if which % 2 == 0 { Status::Closed } else { Status::Dispatched });
                    }
                }
            }
            let watching = console.state.watching.as_ref().unwrap();
            if let Some(row) = watching.row() {
                let rows = crate::app::watching::place::rows(&console.state, watching);
                prop_assert!((watching.top..watching.top + rows).contains(&row), "{row} of {}", watching.top);
            } else {
                prop_assert!(watching.order.is_empty());
            }
        }
    }
}
