//! The forms of the devices' screen, and what waits for a yes there.

use super::{ALWAYS, Card, answers, keys, place as profile};
use crate::app::devices::model::Device;
use crate::app::devices::{Field, Form, Key, LinkForm, Say, Wanted};
use crate::app::draft::Draft;
use crate::app::intent::Intent;
use crate::app::state::State;
use crate::keymap::Scope;
use crate::text::DisplayText;
use crate::ui::{Look, lines, signs};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

/// Of the fields that have not the keys, where there is no room for all.
const OTHERS: u8 = 5;
/// Columns of a field's name.
const LABEL: usize = 12;

pub(super) fn draw(
    state: &State,
    form: &Form,
    look: &Look,
    area: Rect,
    buf: &mut Buffer,
) -> Option<Position> {
    let (go, stop) = (keys(look, Scope::Text, Intent::Submit), keys(look, Scope::Text, Intent::Back));
    let mut card = Card::default();
    card.gap();
    match form {
        Form::Link(link) => {
            link_rows(state, link, look, &mut card);
            card.gap();
            if link.busy {
                let told = format!("{} on its way", signs::WAITING);
                card.line(ALWAYS, Line::from(Span::styled(told, look.theme.info)));
            } else {
                let all = [(&*stop, " leaves"), ("tab", " next field"), (&*go, " links it")];
                card.line(ALWAYS, answers(&all, look));
            }
            card.show("Link a device", look.theme.focus, area, buf)
        }
        Form::Battery { device, level, problem } => {
            card.line(
                ALWAYS,
                Line::from(format!("How full the battery of {} is, in percent.", id(state, device))),
            );
            one_line(&mut card, (level, problem.as_ref()), look);
            card.line(ALWAYS, answers(&[(&stop, " leaves"), (&go, " tells it")], look));
            card.show("Battery", look.theme.focus, area, buf)
        }
        Form::Place { device, place, problem } => {
            card.line(ALWAYS, Line::from(format!("Where {} is: latitude, longitude.", id(state, device))));
            one_line(&mut card, (place, problem.as_ref()), look);
            card.line(ALWAYS, answers(&[(&stop, " leaves"), (&go, " moves it there")], look));
            card.show("Move the device", look.theme.focus, area, buf)
        }
        Form::Unlink { device } => {
            let told = format!("Takes {} from {}.", id(state, device), owner(state, device));
            card.text(ALWAYS, &told, look.theme.text);
            card.text(1, "A callout that it opened goes on.", look.theme.muted);
            card.gap();
            let yes = keys(look, Scope::Question, Intent::Confirm);
            let no = keys(look, Scope::Question, Intent::Back);
            card.line(ALWAYS, answers(&[(&yes, " yes, unlink"), (&no, " no")], look));
            card.show("Unlink the device?", look.theme.focus, area, buf)
        }
        Form::Press { device, draft } => {
            let danger = look.theme.danger;
            let told = format!(
                "{} A press of {} is REAL: a responder may be sent.",
                signs::WARNING,
                id(state, device)
            );
            card.text(1, &told, danger);
            card.line(ALWAYS, profile(state, look));
            card.gap();
            let ask =
                vec![Span::raw("Type "), Span::styled("REAL", look.theme.strong), Span::raw(" to press it:")];
            card.line(ALWAYS, Line::from(ask));
            card.field(draft, draft.value().to_owned(), look);
            card.gap();
            card.line(ALWAYS, answers(&[(&stop, " stops"), (&go, " presses")], look));
            card.show("This is not a test", danger, area, buf)
        }
    }
}

fn one_line(card: &mut Card, (draft, problem): (&Draft, Option<&DisplayText>), look: &Look) {
    card.gap();
    card.field(draft, draft.value().to_owned(), look);
    if let Some(problem) = problem {
        card.text(1, &format!("! {problem}"), look.theme.danger);
    }
    card.gap();
}

fn id(state: &State, key: &Key) -> DisplayText {
    state.devices.named(key).map(|device| device.id.clone()).unwrap_or_default()
}

fn owner(state: &State, key: &Key) -> String {
    let owner = state.devices.named(key).map(Device::owner).unwrap_or_default();
    if owner.is_empty() { "its customer".to_owned() } else { owner }
}

fn link_rows(state: &State, form: &LinkForm, look: &Look, card: &mut Card) {
    for field in Field::ALL {
        link_row(state, form, field, look, card);
        if let Some(why) = form.wrong.get(&field) {
            let importance = if field == form.field { ALWAYS } else { OTHERS };
            card.indented(importance, LABEL + 2, &format!("! {why}"), look.theme.danger);
        }
    }
    if let Some(problem) = &form.problem {
        card.gap();
        card.text(ALWAYS, &format!("! {problem}"), look.theme.danger);
    }
}

fn link_row(state: &State, form: &LinkForm, field: Field, look: &Look, card: &mut Card) {
    let theme = &look.theme;
    let kinds = &state.devices.kinds;
    let kind = form.kind(kinds);
    let on_it = field == form.field && !form.busy;
    let supplier =
        || kind.and_then(|kind| kind.suppliers.first()).map(ToString::to_string).unwrap_or_default();
    let (name, empty) = match field {
        Field::Template => ("template", String::new()),
        Field::Serial => ("serial", "as it is printed on the device".to_owned()),
        Field::Customer => ("customer", "this profile’s".to_owned()),
        Field::Supplier => ("supplier", supplier()),
        Field::Alias => ("alias", "none".to_owned()),
    };
    let marker = if on_it { signs::CURRENT } else { " " };
    let mut row = Line::from(vec![
        Span::styled(format!("{marker} "), theme.key),
        Span::styled(format!("{name:<LABEL$}"), if on_it { theme.strong } else { theme.muted }),
    ]);
    match form.draft(field) {
        Some(draft) if on_it => return card.field_in(row, draft, &empty, look),
        Some(draft) if draft.is_blank() => row.push_span(Span::styled(empty, theme.muted)),
        Some(draft) => row.push_span(Span::styled(draft.value().to_owned(), theme.text)),
        None => {
            let type_id = kind.map(|kind| format!("  type {}", kind.type_id)).unwrap_or_default();
            row.push_span(Span::styled(
                form.template.to_string(),
                if on_it { theme.strong } else { theme.text },
            ));
            row.push_span(Span::styled(type_id, theme.muted));
            if on_it && kinds.len() > 1 {
                row.push_span(Span::styled("  ← →", theme.key));
            }
        }
    }
    card.line(if on_it { ALWAYS } else { OTHERS }, row);
}

/// What waits for a yes, in words.
pub(in crate::ui) fn pending(state: &State) -> String {
    match &state.devices.pending {
        Some(Wanted::Link(link)) => {
            let customer = link.customer.value().trim();
            let whom = if customer.is_empty() {
                "this profile’s customer".to_owned()
            } else {
                format!("customer {customer}")
            };
            format!("Link the device {} to {whom}.", lines::prefix(link.serial.value(), 40))
        }
        Some(Wanted::Say { device, say }) => {
            let id = id(state, device);
            match say {
                Say::Press => format!("Press the button of {id}: a REAL callout."),
                Say::Move(to) => format!("Move {id} to {:.6}, {:.6}.", to.latitude(), to.longitude()),
                Say::Cancel => format!("Cancel the callout that {id} opened."),
                Say::Battery(level) => format!("Tell that the battery of {id} is at {level} %."),
            }
        }
        Some(Wanted::Unlink { device }) => {
            format!("Unlink {} from {}.", id(state, device), owner(state, device))
        }
        None => String::new(),
    }
}
