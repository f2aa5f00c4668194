//! What stands in front of the panes: the countdown, the questions, the help page. Each names what
//! will happen; the harmless answer is the easy one.

use super::panes::draft_line;
use super::{Look, frame, lines, signs};
use crate::app::callout::Classification;
use crate::app::draft::Draft;
use crate::app::intent::Intent;
use crate::app::state::{Dialog, Environment, State};
use crate::keymap::Scope;
use crate::text::DisplayText;
use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

mod help;

const WIDTH: u16 = 58;
/// From this many rows on, the countdown has digits that can be read from across the room.
const ROOM_FOR_DIGITS: u16 = 18;
const DIGIT_ROWS: u16 = 5;

/// Draws the dialog, if any, in front of everything; returns where its cursor stands.
pub(super) fn draw(state: &State, look: &Look, area: Rect, buf: &mut Buffer) -> Option<Position> {
    // The footer stays readable: it has the keys.
    let area = Rect { height: area.height.saturating_sub(1), ..area };
    match state.dialog.as_ref()? {
        Dialog::Countdown { ends } => countdown(state, *ends, look, area, buf),
        Dialog::TypeReal { draft } => return Some(type_real(state, draft, look, area, buf)),
        Dialog::ConfirmSoftCancel => confirm_soft_cancel(state, look, area, buf),
        Dialog::SafeCode { draft, problem } => {
            return Some(safe_code(state, draft, problem.as_ref(), look, area, buf));
        }
        Dialog::Help { scroll } => help::draw(look, *scroll, area, buf),
    }
    None
}

fn class(state: &State) -> String {
    match state.settings.classification {
        Classification::Test => "TEST".to_owned(),
        Classification::Real => "REAL".to_owned(),
        Classification::Other(id) => format!("class {id}"),
    }
}

/// Red where somebody could really be sent.
fn tone(state: &State, look: &Look) -> Style {
    let is_test = state.settings.classification == Classification::Test;
    if is_test || state.settings.environment.is_loopback() { look.theme.focus } else { look.theme.danger }
}

fn countdown(state: &State, ends: Timestamp, look: &Look, area: Rect, buf: &mut Buffer) {
    let digits = area.height >= ROOM_FOR_DIGITS;
    let rows = if digits { 10 + DIGIT_ROWS } else { 6 };
    let style = tone(state, look);
    let inner = frame::dialog("Panic", style, (WIDTH, rows), area, buf);
    let left = seconds_left(state, ends);
    let mut card = Card::new(inner, buf);
    if digits {
        card.gap();
        card.centred(&Line::from(Span::styled(
            format!("Raising a {} panic in", class(state)),
            look.theme.strong,
        )));
        card.gap();
        big_number(left, style, look, &mut card);
        card.gap();
    } else {
        let told = format!("Raising a {} panic in {left} s", class(state));
        card.centred(&Line::from(Span::styled(told, look.theme.strong)));
    }
    card.centred(&place(state, look));
    card.centred(&Line::from(Span::styled(consequence(state), look.theme.muted)));
    if digits {
        card.gap();
    }
    let (go, stop) = (keys(look, Scope::Dialog, Intent::Confirm), keys(look, Scope::Dialog, Intent::Back));
    card.centred(&answers(&[(&go, " sends at once"), (&stop, " stops it")], look));
}

/// In the person's own time: a fast demo clock does not shorten the thinking.
fn seconds_left(state: &State, ends: Timestamp) -> i64 {
    let left = ends.duration_since(state.now).as_secs_f64() / state.speed().max(0.01);
    #[expect(clippy::cast_possible_truncation, reason = "a few seconds")]
    let seconds = left.ceil() as i64;
    seconds.clamp(0, 99)
}

fn place(state: &State, look: &Look) -> Line<'static> {
    Line::from(vec![
        Span::styled(state.settings.profile.to_string(), look.theme.strong),
        Span::styled(format!(" · {}", state.settings.host), look.theme.muted),
    ])
}

fn consequence(state: &State) -> &'static str {
    let is_test = state.settings.classification == Classification::Test;
    match (state.settings.environment, is_test) {
        (Environment::Demo, _) => "The simulator in this program answers. Nobody is sent.",
        (Environment::Local, _) => "A server on this machine answers. Nobody is sent.",
        (Environment::Staging, _) => "The staging control room sees it.",
        (_, true) => "A real control room sees it and verifies it first.",
        (_, false) => "A real responder may be sent.",
    }
}

fn type_real(state: &State, draft: &Draft, look: &Look, area: Rect, buf: &mut Buffer) -> Position {
    let inner = frame::dialog("This is not a test", look.theme.danger, (WIDTH, 10), area, buf);
    let mut card = Card::new(inner, buf);
    card.gap();
    card.line(&Line::from(Span::styled(
        format!("{} A {} panic: a real responder may be sent.", signs::WARNING, class(state)),
        look.theme.danger,
    )));
    card.line(&place(state, look));
    card.gap();
    card.line(&Line::from(vec![
        Span::raw("Type "),
        Span::styled("REAL", look.theme.strong),
        Span::raw(" to go on:"),
    ]));
    let cursor = card.field(draft, look);
    card.gap();
    let (go, stop) = (keys(look, Scope::Text, Intent::Submit), keys(look, Scope::Text, Intent::Back));
    card.line(&answers(&[(&go, " goes on to the countdown"), (&stop, " stops")], look));
    cursor
}

fn confirm_soft_cancel(state: &State, look: &Look, area: Rect, buf: &mut Buffer) {
    let inner = frame::dialog("Soft cancel?", look.theme.focus, (WIDTH, 9), area, buf);
    let mut card = Card::new(inner, buf);
    card.gap();
    if let Some(followed) = state.followed() {
        card.text(
            &format!(
                "Tells the control room that help for callout {} is no longer wanted.",
                followed.callout.id
            ),
            look.theme.text,
        );
    }
    card.text("It may come all the same: position and status go on until they close it.", look.theme.muted);
    card.gap();
    let (yes, no) = (keys(look, Scope::Question, Intent::Confirm), keys(look, Scope::Question, Intent::Back));
    card.line(&answers(&[(&yes, " yes, cancel"), (&no, " no")], look));
}

fn safe_code(
    state: &State,
    draft: &Draft,
    problem: Option<&DisplayText>,
    look: &Look,
    area: Rect,
    buf: &mut Buffer,
) -> Position {
    let inner = frame::dialog("Cancel the callout", look.theme.focus, (WIDTH, 11), area, buf);
    let mut card = Card::new(inner, buf);
    card.gap();
    if let Some(followed) = state.followed() {
        card.line(&Line::from(format!("Ends callout {}.", followed.callout.id)));
    }
    card.text(
        "Safe code: the last four digits of the mobile number. The word cancel: without it.",
        look.theme.muted,
    );
    card.gap();
    let cursor = card.masked_field(draft, look);
    match problem {
        Some(problem) => card.line(&Line::from(Span::styled(format!("! {problem}"), look.theme.danger))),
        None => card.gap(),
    }
    let (go, stop) = (keys(look, Scope::Text, Intent::Submit), keys(look, Scope::Text, Intent::Back));
    card.line(&answers(&[(&go, " cancels the callout"), (&stop, " keeps it")], look));
    cursor
}

fn keys(look: &Look, scope: Scope, intent: Intent) -> String {
    look.keys.keys_of(scope, intent)
}

fn answers(answers: &[(&str, &'static str)], look: &Look) -> Line<'static> {
    let mut spans = Vec::new();
    for (index, (key, what)) in answers.iter().enumerate() {
        if index > 0 {
            spans.push(Span::raw("    "));
        }
        spans.push(Span::styled((*key).to_owned(), look.theme.key));
        spans.push(Span::raw(*what));
    }
    Line::from(spans)
}

/// Lines inside a dialog, from the top.
struct Card<'b> {
    area: Rect,
    row: u16,
    buf: &'b mut Buffer,
}

impl<'b> Card<'b> {
    fn new(area: Rect, buf: &'b mut Buffer) -> Self {
        Self { area, row: 0, buf }
    }

    fn next(&mut self) -> Option<u16> {
        let y = self.area.y + self.row;
        self.row += 1;
        (y < self.area.bottom()).then_some(y)
    }

    fn gap(&mut self) {
        self.row += 1;
    }

    fn line(&mut self, line: &Line<'_>) {
        if let Some(y) = self.next() {
            lines::put(self.buf, self.area.x, y, self.area.width, line);
        }
    }

    fn centred(&mut self, line: &Line<'_>) {
        if let Some(y) = self.next() {
            lines::put_centred(self.buf, self.area.x, y, self.area.width, line);
        }
    }

    fn text(&mut self, text: &str, style: Style) {
        for row in lines::wrap(text, usize::from(self.area.width), 0) {
            self.line(&Line::from(Span::styled(row, style)));
        }
    }

    fn field(&mut self, draft: &Draft, look: &Look) -> Position {
        let y = self.next().unwrap_or(self.area.bottom());
        lines::put(self.buf, self.area.x, y, 2, &Line::from(Span::styled("❯ ", look.theme.key)));
        let area = Rect { x: self.area.x + 2, y, width: self.area.width.saturating_sub(2), height: 1 };
        draft_line(draft, look.theme.strong, area.intersection(*self.buf.area()), self.buf)
    }

    /// Digits are nobody's business; a word may be read back.
    fn masked_field(&mut self, draft: &Draft, look: &Look) -> Position {
        let y = self.next().unwrap_or(self.area.bottom());
        let masked: String =
            draft.value().chars().map(|c| if c.is_ascii_digit() { '•' } else { c }).collect();
        let line =
            Line::from(vec![Span::styled("❯ ", look.theme.key), Span::styled(masked, look.theme.strong)]);
        lines::put(self.buf, self.area.x, y, self.area.width, &line);
        let column = u16::try_from(draft.cursor_columns()).unwrap_or(0).saturating_add(2);
        Position { x: self.area.x + column.min(self.area.width.saturating_sub(1)), y }
    }
}

/// Digits of blocks, three pixels wide; a pixel is two columns.
fn big_number(number: i64, style: Style, look: &Look, card: &mut Card<'_>) {
    const DIGITS: [[u8; 5]; 10] = [
        [0b111, 0b101, 0b101, 0b101, 0b111],
        [0b010, 0b110, 0b010, 0b010, 0b111],
        [0b111, 0b001, 0b111, 0b100, 0b111],
        [0b111, 0b001, 0b111, 0b001, 0b111],
        [0b101, 0b101, 0b111, 0b001, 0b001],
        [0b111, 0b100, 0b111, 0b001, 0b111],
        [0b111, 0b100, 0b111, 0b101, 0b111],
        [0b111, 0b001, 0b010, 0b010, 0b010],
        [0b111, 0b101, 0b111, 0b101, 0b111],
        [0b111, 0b101, 0b111, 0b001, 0b111],
    ];
    let style = style.remove_modifier(Modifier::UNDERLINED).patch(look.theme.strong);
    let shapes: Vec<&[u8; 5]> = number
        .to_string()
        .bytes()
        .filter_map(|byte| DIGITS.get(usize::from(byte.wrapping_sub(b'0'))))
        .collect();
    for row in 0..usize::from(DIGIT_ROWS) {
        let pixels = |shape: &&[u8; 5]| {
            let bits = shape[row];
            [4, 2, 1].map(|bit| if bits & bit == 0 { "  " } else { "██" }).concat()
        };
        let drawn = shapes.iter().map(pixels).collect::<Vec<_>>().join("  ");
        card.centred(&Line::from(Span::styled(drawn, style)));
    }
}
