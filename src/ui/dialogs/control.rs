//! The control room's forms: outcome, incident, canned replies.

use super::{ALWAYS, Card, answers, keys};
use crate::app::control::{Form, model};
use crate::app::intent::Intent;
use crate::app::state::State;
use crate::keymap::Scope;
use crate::ui::{Look, signs};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

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
    let title = match form {
        Form::Outcome { callout, outcome, row } => {
            card.line(
                ALWAYS,
                Line::from(format!("Outcome of callout {callout}, as the responder reports it.")),
            );
            card.gap();
            outcome_rows(&mut card, *outcome, *row, look);
            card.gap();
            let all = [(&*stop, " keeps it open"), ("space", " changes"), (&*go, " completes")];
            card.line(ALWAYS, answers(&all, look));
            "Complete"
        }
        Form::Close { callout, details } => {
            card.line(ALWAYS, Line::from(format!("Ends callout {callout} for the customer.")));
            card.text(2, "Details of the incident, if there are any to note:", look.theme.muted);
            card.gap();
            card.field(details, details.value().to_owned(), look);
            card.gap();
            card.line(ALWAYS, answers(&[(&stop, " keeps it open"), (&go, " closes it")], look));
            "Close the callout"
        }
        Form::Canned { row } => {
            canned_rows(&mut card, state, *row, look);
            card.gap();
            let all = [(&*stop, " leaves"), (&*go, " puts it into the line")];
            card.line(ALWAYS, answers(&all, look));
            "Canned reply"
        }
    };
    card.show(title, look.theme.focus, area, buf)
}

fn outcome_rows(card: &mut Card, outcome: model::Outcome, chosen: usize, look: &Look) {
    let values = [outcome.any_injuries, outcome.customer_happy, outcome.follow_up_required];
    for (row, (field, value)) in Form::OUTCOME.into_iter().zip(values).enumerate() {
        let (marker, style) = marked(row == chosen, look);
        let word = if value { "yes" } else { "no" };
        let value_style = if value { look.theme.strong } else { look.theme.muted };
        card.line(
            ALWAYS,
            Line::from(vec![
                Span::styled(marker, look.theme.key),
                Span::styled(format!("{} ", row + 1), look.theme.key),
                Span::styled(format!("{field:<20}"), style),
                Span::styled(word, value_style),
            ]),
        );
    }
}

fn canned_rows(card: &mut Card, state: &State, chosen: usize, look: &Look) {
    for (row, text) in state.control.canned.iter().enumerate() {
        let (marker, style) = marked(row == chosen, look);
        let text = crate::text::cut(text.as_str(), 50);
        card.line(
            ALWAYS,
            Line::from(vec![
                Span::styled(marker, look.theme.key),
                Span::styled(format!("{} ", row + 1), look.theme.key),
                Span::styled(text, style),
            ]),
        );
    }
}

fn marked(chosen: bool, look: &Look) -> (String, ratatui::style::Style) {
    if chosen {
        (format!("{} ", signs::CURRENT), look.theme.strong)
    } else {
        ("  ".to_owned(), look.theme.text)
    }
}
