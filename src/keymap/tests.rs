use super::map::name_of;
use super::*;
use crate::app::callout::Classification;
use crate::app::draft::Draft;
use crate::app::state::{Dialect, Environment, PendingWrite, Settings};
use crate::geo::Position;
use ::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::SignedDuration;
use std::collections::{BTreeMap, BTreeSet};

fn key(notation: &str) -> KeyPress {
    KeyPress::parse(notation).unwrap()
}

fn overrides(pairs: &[(&str, &[&str])]) -> BTreeMap<String, KeyOrKeys> {
    let many = |keys: &[&str]| KeyOrKeys::Many(keys.iter().map(|k| (*k).to_owned()).collect());
    pairs.iter().map(|(name, keys)| ((*name).to_owned(), many(keys))).collect()
}

fn problems(pairs: &[(&str, &[&str])]) -> Vec<String> {
    Keymap::with_overrides(&overrides(pairs)).unwrap_err().iter().map(ToString::to_string).collect()
}

#[test]
fn the_whole_table_is_taken() {
    assert_eq!(Keymap::default().bindings().len(), BINDINGS.len());
}

#[test]
fn no_key_twice_in_a_scope() {
    let mut seen = BTreeSet::new();
    for bound in Keymap::default().bindings() {
        assert!(seen.insert((bound.scope, bound.key)), "{:?} {}", bound.scope, bound.key);
    }
}

#[test]
fn nothing_hides_a_key_that_holds_everywhere() {
    let keymap = Keymap::default();
    for everywhere in keymap.bindings().iter().filter(|b| b.scope == Scope::Any) {
        for bound in keymap.bindings().iter().filter(|b| b.key == everywhere.key) {
            assert_eq!(bound.intent, everywhere.intent);
        }
    }
}

#[test]
fn each_intent_has_a_key() {
    let bound: BTreeSet<String> = BINDINGS.iter().map(|b| name_of(b.intent)).collect();
    // An unknown variant's error lists all that there are.
    let error = serde_json::from_str::<Intent>("\"none-such\"").unwrap_err().to_string();
    let all: BTreeSet<String> = error.split('`').skip(3).step_by(2).map(str::to_owned).collect();
    assert!(all.len() > 30, "{error}");
    assert_eq!(bound, all);
}

#[test]
fn what_the_parser_reads_it_writes_again() {
    for notation in
        ["p", "C", "ctrl-c", "shift-tab", "page-up", "+", "-", "ctrl--", "space", "f12", "alt-enter"]
    {
        assert_eq!(key(notation).to_string(), notation);
    }
    for bound in Keymap::default().bindings() {
        assert_eq!(key(&bound.key.to_string()), bound.key);
    }
}

#[test]
fn what_is_no_key_is_refused_by_name() {
    for notation in ["", "ctrl-", "hyper-x", "pp", "f0", "f13", "page-sideways", "\t", " "] {
        let error = KeyPress::parse(notation).unwrap_err();
        assert!(error.contains("is not a key"), "{notation:?}: {error}");
    }
}

#[test]
fn shift_and_the_capital_are_one_key() {
    let reported = KeyEvent::new(KeyCode::Char('R'), KeyModifiers::SHIFT);
    let lower = KeyEvent::new(KeyCode::Char('r'), KeyModifiers::SHIFT);
    for other in [key("shift-r"), reported.into(), lower.into()] {
        assert_eq!(other, key("R"));
    }
    assert_ne!(key("r"), key("R"));
    assert_eq!(KeyPress::from(KeyEvent::new(KeyCode::Char('?'), KeyModifiers::SHIFT)), key("?"));
    assert_eq!(KeyPress::from(KeyEvent::new(KeyCode::BackTab, KeyModifiers::NONE)), key("shift-tab"));
}

#[test]
fn a_key_with_the_window_system_s_modifier_is_not_ours() {
    let event = KeyEvent::new(KeyCode::Char('p'), KeyModifiers::SUPER);
    assert_eq!(Keymap::default().resolve(&[Scope::Panes, Scope::Any], event.into()), None);
}

#[test]
fn the_most_specific_scope_decides() {
    let keymap = Keymap::default();
    let chat = [Scope::Chat, Scope::Panes, Scope::Any];
    assert_eq!(keymap.resolve(&chat, key("enter")), Some(Intent::Write));
    assert_eq!(keymap.resolve(&chat, key("p")), Some(Intent::Raise));
    assert_eq!(keymap.resolve(&[Scope::Panes, Scope::Any], key("r")), None);
    assert_eq!(keymap.resolve(&[Scope::Dialog, Scope::Any], key("p")), None);
    assert_eq!(keymap.resolve(&[Scope::Dialog, Scope::Any], key("ctrl-c")), Some(Intent::Quit));
}

#[test]
fn while_writing_a_character_is_text() {
    let keymap = Keymap::with_overrides(&overrides(&[("quit", &["x"])])).unwrap();
    let writing = [Scope::Text, Scope::Any];
    assert_eq!(keymap.resolve(&writing, key("x")), None);
    assert_eq!(key("x").text(), Some('x'));
    assert_eq!(keymap.resolve(&writing, key("ctrl-w")), Some(Intent::EraseWord));
    assert_eq!(key("ctrl-w").text(), None);
}

#[test]
fn an_override_replaces_the_default_keys() {
    let keymap = Keymap::with_overrides(&overrides(&[("raise", &["f9", "!"]), ("quit", &["Q"])])).unwrap();
    let panes = [Scope::Panes, Scope::Screens, Scope::Any];
    assert_eq!(keymap.resolve(&panes, key("p")), None);
    assert_eq!(keymap.resolve(&panes, key("f9")), Some(Intent::Raise));
    assert_eq!(keymap.resolve(&panes, key("!")), Some(Intent::Raise));
    assert_eq!(keymap.resolve(&panes, key("q")), None);
    assert_eq!(keymap.resolve(&panes, key("ctrl-c")), Some(Intent::Quit), "the way out stays");
    assert_eq!(keymap.rows(Scope::Panes)[0].intent, Intent::Raise, "help keeps its order");
}

#[test]
fn keys_may_be_exchanged() {
    let keymap = Keymap::with_overrides(&overrides(&[("soft-cancel", &["C"]), ("cancel", &["c"])])).unwrap();
    assert_eq!(keymap.resolve(&[Scope::Panes], key("c")), Some(Intent::Cancel));
    assert_eq!(keymap.resolve(&[Scope::Panes], key("C")), Some(Intent::SoftCancel));
}

#[test]
fn every_bad_binding_is_told_at_once() {
    let told = problems(&[
        ("raise", &["c"]),
        ("fly", &["f"]),
        ("quit", &[]),
        ("write", &["hyper-i"]),
        ("submit", &["s"]),
        ("refresh", &["ctrl-c"]),
    ]);
    let expected = [
        "keys.fly: there is no such intent",
        "keys.quit: at least one key is needed",
        "keys.submit: a character is text while writing: one key must be another",
        "keys.write: \"hyper-i\" is not a key: one character, f1 to f12, or enter, esc, tab, space, backspace, \
         delete, insert, up, down, left, right, home, end, page-up, page-down, with ctrl-, alt- or shift- before it",
        "keys.raise: \"c\" is already the key of soft-cancel",
        "keys.refresh: \"ctrl-c\" is already the key of quit",
    ];
    assert_eq!(told, expected);
}

#[test]
fn two_overrides_on_one_key_are_told_once() {
    assert_eq!(problems(&[("raise", &["z"]), ("write", &["z"])]).len(), 1);
}

#[test]
fn a_footer_shows_all_keys_of_an_intent() {
    let keymap = Keymap::default();
    assert_eq!(keymap.keys_of(Scope::Screens, Intent::Faster), "+/=");
    assert_eq!(keymap.keys_of(Scope::Dialog, Intent::Faster), "");
}

#[test]
fn the_page_has_every_key() {
    let page = markdown();
    for bound in Keymap::default().bindings() {
        assert!(page.contains(&format!("`{}`", bound.key)), "{}", bound.key);
    }
}

fn idle() -> State {
    State::new(
        Settings {
            profile: "demo".into(),
            host: "127.0.0.1".into(),
            environment: Environment::Demo,
            dialect: Dialect::V2,
            poll_every: SignedDuration::from_secs(15),
            locate_every: SignedDuration::from_secs(10),
            read_only: false,
            classification: Classification::Test,
            response_type_id: 1,
            start: Position::new(-26.1091, 28.083).unwrap(),
            accuracy: 8.0,
            walking_speed: 1.4,
            seed: 1,
        },
        None,
    )
}

#[test]
fn the_state_tells_which_scopes_hold() {
    let mut state = idle();
    assert_eq!(active_scopes(&state), [Scope::Panes, Scope::Screens, Scope::Any]);
    state.focus = Pane::Chat;
    assert_eq!(active_scopes(&state), [Scope::Chat, Scope::Panes, Scope::Screens, Scope::Any]);
    state.chat.writing = true;
    assert_eq!(active_scopes(&state), [Scope::Text, Scope::Any]);

    let draft = Draft::with_limit(4);
    for (dialog, scope) in [
        (Dialog::Countdown { ends: state.now }, Scope::Dialog),
        (Dialog::ConfirmSoftCancel, Scope::Question),
        (Dialog::ConfirmWrite { write: PendingWrite::Raise }, Scope::Question),
        (Dialog::TypeReal { draft: draft.clone() }, Scope::Text),
        (Dialog::SafeCode { draft, problem: None }, Scope::Text),
        (Dialog::Help { scroll: 0 }, Scope::Help),
    ] {
        state.dialog = Some(dialog);
        assert_eq!(active_scopes(&state), [scope, Scope::Any], "a dialog is before everything");
    }
}

#[test]
fn the_palette_finds_by_words_in_any_order() {
    let mut state = idle();
    let keymap = Keymap::default();
    let found = |state: &State, typed: &str| -> Vec<Intent> {
        palette(state, &keymap, typed).iter().map(|row| row.intent).collect()
    };
    assert_eq!(found(&state, "FASTER clock"), [Intent::Faster]);
    assert_eq!(found(&state, "no such thing"), []);
    let all = found(&state, "");
    let once: BTreeSet<&Intent> = all.iter().collect();
    assert_eq!(once.len(), all.len());
    assert!(all.contains(&Intent::Raise) && all.contains(&Intent::Quit) && !all.contains(&Intent::Retry));
    state.focus = Pane::Chat;
    assert!(found(&state, "").contains(&Intent::Retry), "what holds here only");
}

#[test]
fn the_palette_leads_to_what_is_done_on_another_screen() {
    let mut state = idle();
    let keymap = Keymap::default();
    let found = |state: &State, typed: &str| -> Vec<(Intent, Option<Screen>)> {
        palette(state, &keymap, typed).iter().map(|row| (row.intent, row.there)).collect()
    };
    let control = (Intent::ShowControlRoom, Some(Screen::Control));
    assert_eq!(found(&state, "dispatch-manually"), [control]);
    assert!(found(&state, "").iter().all(|(_, there)| there.is_none()), "here first, the rest by its words");
    state.screen = Screen::Control;
    assert_eq!(found(&state, "dispatch-manually"), [(Intent::DispatchManually, None)]);
    assert_eq!(found(&state, "raise a panic"), [(Intent::ShowCustomer, Some(Screen::Customer))]);
}

#[test]
fn the_last_row_is_as_far_as_choosing_goes() {
    let rows = Keymap::default().rows(Scope::Screens);
    assert_eq!(chosen_row(&rows, 0), rows.first());
    assert_eq!(chosen_row(&rows, 99), rows.last());
    assert_eq!(chosen_row(&[], 0), None);
}
