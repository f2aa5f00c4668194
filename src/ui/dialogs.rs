//! What stands in front of the panes: the countdown, the questions, the help page. Each names what
//! will happen; the harmless answer is the easy one.

use super::{Look, frame, lines, signs, words};
use crate::app::callout::Classification;
use crate::app::draft::Draft;
use crate::app::intent::Intent;
use crate::app::state::{Dialog, Environment, PendingWrite, Settings, State};
use crate::app::{countdown_can_be_cut, failed_message};
use crate::keymap::Scope;
use crate::text::DisplayText;
use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

mod control;
mod devices;
mod help;
mod palette;
mod profiles;

pub(super) use devices::pending as pending_of_device;

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
        Dialog::TypeReal { draft } => return type_real(state, draft, look, area, buf),
        Dialog::ConfirmSoftCancel => confirm_soft_cancel(state, look, area, buf),
        Dialog::ConfirmWrite { write } => confirm_write(state, *write, look, area, buf),
        Dialog::CopyToken => copy_token(look, area, buf),
        Dialog::SafeCode { draft, problem } => {
            return safe_code(state, (draft, problem.as_ref()), look, area, buf);
        }
        Dialog::Control(form) => return control::draw(state, form, look, area, buf),
        Dialog::Devices(form) => return devices::draw(state, form, look, area, buf),
        Dialog::Help { scroll } => help::draw(state, look, *scroll, area, buf),
        Dialog::Palette { draft, chosen } => {
            return Some(palette::draw(state, (draft, *chosen), look, area, buf));
        }
        Dialog::Profiles { chosen, refused } => {
            profiles::draw(state, (*chosen, refused.as_ref()), look, area, buf);
        }
        Dialog::Leave { profile } => profiles::leave(state, *profile, look, area, buf),
    }
    None
}

/// Red where somebody could really be sent.
fn tone(state: &State, look: &Look) -> Style {
    let is_test = state.settings.classification == Classification::Test;
    if is_test || state.settings.environment.is_loopback() { look.theme.focus } else { look.theme.danger }
}

fn countdown(state: &State, ends: Timestamp, look: &Look, area: Rect, buf: &mut Buffer) {
    let style = tone(state, look);
    let left = seconds_left(state, ends);
    let mut card = Card::default();
    if state.still {
        let at = words::clock(ends, state.now, &look.zone);
        let told = format!("Raising a {} panic at {at}", words::class(state.settings.classification));
        card.centred(ALWAYS, Line::from(Span::styled(told, look.theme.strong)));
    } else if area.height >= ROOM_FOR_DIGITS {
        let told = format!("Raising a {} panic in", words::class(state.settings.classification));
        card.gap();
        card.centred(ALWAYS, Line::from(Span::styled(told, look.theme.strong)));
        card.gap();
        big_number(left, style, look, &mut card);
    } else {
        let told = format!("Raising a {} panic in {left} s", words::class(state.settings.classification));
        card.centred(ALWAYS, Line::from(Span::styled(told, look.theme.strong)));
    }
    card.gap();
    card.centred(2, place(state, look));
    card.centred(1, Line::from(Span::styled(consequence(state), look.theme.muted)));
    card.gap();
    let (go, stop) = (keys(look, Scope::Dialog, Intent::Confirm), keys(look, Scope::Dialog, Intent::Back));
    let may: &[_] = &[(stop.as_str(), " stops it"), (go.as_str(), " sends at once")];
    card.centred(ALWAYS, answers(if countdown_can_be_cut(state) { may } else { &may[..1] }, look));
    card.show("Panic", style, area, buf);
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

/// Where a write asks because of the host, the question names the host.
fn where_it_goes(state: &State, look: &Look, card: &mut Card) {
    if state.settings.environment.asks_first() {
        card.line(1, place(state, look));
    }
}

fn consequence(state: &State) -> &'static str {
    let is_test = state.settings.classification == Classification::Test;
    match (state.settings.environment, is_test) {
        (Environment::Demo, _) => "The simulator in this program answers. Nobody is sent.",
        (Environment::Local, _) => "A server on this machine answers. Is it no tunnel?",
        (Environment::Staging, _) => "The staging control room sees it.",
        (_, true) => "A real control room sees it and verifies it first.",
        (_, false) => "A real responder may be sent.",
    }
}

fn type_real(state: &State, draft: &Draft, look: &Look, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let danger = look.theme.danger;
    let mut card = Card::default();
    card.gap();
    let told = format!(
        "{} A {} panic: a real responder may be sent.",
        signs::WARNING,
        words::class(state.settings.classification)
    );
    card.text(1, &told, danger);
    card.line(2, place(state, look));
    registering(state, look, &mut card);
    card.gap();
    let ask = vec![Span::raw("Type "), Span::styled("REAL", look.theme.strong), Span::raw(" to go on:")];
    card.line(ALWAYS, Line::from(ask));
    card.field(draft, draft.value().to_owned(), look);
    card.gap();
    let (go, stop) = (keys(look, Scope::Text, Intent::Submit), keys(look, Scope::Text, Intent::Back));
    card.line(ALWAYS, answers(&[(&stop, " stops"), (&go, " goes on to the countdown")], look));
    card.show("This is not a test", danger, area, buf)
}

fn confirm_write(state: &State, write: PendingWrite, look: &Look, area: Rect, buf: &mut Buffer) {
    let mut card = Card::default();
    card.gap();
    match write {
        PendingWrite::Raise => {
            let Settings { response_type_id, locate_every, .. } = &state.settings;
            let response = match response_type_id {
                1 => "security response".to_owned(),
                2 => "medical response".to_owned(),
                3 => "demo response".to_owned(),
                id => format!("response type {id}"),
            };
            let told = format!("A {} panic, {response}.", words::class(state.settings.classification));
            card.text(ALWAYS, &told, look.theme.strong);
            let every = format!("Your position goes with it, then every {} s.", locate_every.as_secs());
            card.text(1, &every, look.theme.text);
            registering(state, look, &mut card);
        }
        PendingWrite::Message => {
            card.text(3, "A message to the control room:", look.theme.text);
            card.text(1, state.chat.draft.value(), look.theme.strong);
        }
        PendingWrite::Retry => {
            card.text(3, "The message that failed, once more:", look.theme.text);
            let message = failed_message(&state.chat).map_or("", |message| message.text.as_str());
            card.text(1, message, look.theme.strong);
        }
        PendingWrite::Device => card.text(1, &devices::pending(state), look.theme.strong),
    }
    card.gap();
    card.line(ALWAYS, place(state, look));
    if write == PendingWrite::Raise {
        card.text(2, consequence(state), look.theme.muted);
    }
    card.gap();
    let (yes, no) = (keys(look, Scope::Question, Intent::Confirm), keys(look, Scope::Question, Intent::Back));
    card.line(ALWAYS, answers(&[(&yes, " yes"), (&no, " no")], look));
    let production = state.settings.environment == Environment::Production;
    let title = if production { "Production: send it?" } else { "Another machine: send it?" };
    card.show(title, look.theme.danger, area, buf);
}

/// A write that nobody sees coming: the first panic of a profile is two.
fn registering(state: &State, look: &Look, card: &mut Card) {
    if state.registers {
        let told = "First it registers this profile’s customer, with a subscription for a year.";
        card.text(ALWAYS, told, look.theme.warn);
    }
}

fn confirm_soft_cancel(state: &State, look: &Look, area: Rect, buf: &mut Buffer) {
    let mut card = Card::default();
    card.gap();
    if let Some(followed) = state.followed() {
        let told = format!("Tells the control room: no help wanted for callout {}.", followed.callout.id);
        card.text(ALWAYS, &told, look.theme.text);
    }
    let told = "It may come all the same: position and status go on until they close it.";
    card.text(1, told, look.theme.muted);
    where_it_goes(state, look, &mut card);
    card.gap();
    let (yes, no) = (keys(look, Scope::Question, Intent::Confirm), keys(look, Scope::Question, Intent::Back));
    card.line(ALWAYS, answers(&[(&yes, " yes, cancel"), (&no, " no")], look));
    card.show("Soft cancel?", look.theme.focus, area, buf);
}

fn copy_token(look: &Look, area: Rect, buf: &mut Buffer) {
    let mut card = Card::default();
    card.gap();
    card.text(ALWAYS, "The command will hold the real token.", look.theme.text);
    let told = "Until it ends, whoever has it can do all that this console can.";
    card.text(1, told, look.theme.muted);
    card.gap();
    let (yes, no) = (keys(look, Scope::Question, Intent::Confirm), keys(look, Scope::Question, Intent::Back));
    card.line(ALWAYS, answers(&[(&yes, " yes, copy"), (&no, " no")], look));
    card.show("Copy the token?", look.theme.focus, area, buf);
}

fn safe_code(
    state: &State,
    (draft, problem): (&Draft, Option<&DisplayText>),
    look: &Look,
    area: Rect,
    buf: &mut Buffer,
) -> Option<Position> {
    let mut card = Card::default();
    card.gap();
    if let Some(followed) = state.followed() {
        card.line(ALWAYS, Line::from(format!("Ends callout {}.", followed.callout.id)));
    }
    where_it_goes(state, look, &mut card);
    let told = "Safe code: the last four digits of the mobile number. The word cancel: without it.";
    card.text(2, told, look.theme.muted);
    card.gap();
    // Digits are nobody's business; a word may be read back.
    let masked = draft.value().chars().map(|c| if c.is_ascii_digit() { '•' } else { c }).collect();
    card.field(draft, masked, look);
    if let Some(problem) = problem {
        card.text(1, &format!("! {problem}"), look.theme.danger);
    }
    card.gap();
    let (go, stop) = (keys(look, Scope::Text, Intent::Submit), keys(look, Scope::Text, Intent::Back));
    card.line(ALWAYS, answers(&[(&stop, " keeps it"), (&go, " cancels the callout")], look));
    card.show("Cancel the callout", look.theme.focus, area, buf)
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

/// A row that stays however low the window is.
const ALWAYS: u8 = 0;
/// Goes before any text does.
const AIR: u8 = 9;

enum Row {
    Gap,
    Line(Line<'static>),
    Centred(Line<'static>),
    Text(String, Style),
    /// As text, but so many columns to the right.
    Indented(usize, String, Style),
    /// What is shown of an input line, and the column of its cursor.
    Field(Line<'static>, usize),
}

/// The rows of a dialog with their importance, of which the least important go where there is no room.
#[derive(Default)]
struct Card {
    rows: Vec<(u8, Row)>,
}

impl Card {
    fn gap(&mut self) {
        self.rows.push((AIR, Row::Gap));
    }

    fn line(&mut self, importance: u8, line: Line<'static>) {
        self.rows.push((importance, Row::Line(line)));
    }

    fn centred(&mut self, importance: u8, line: Line<'static>) {
        self.rows.push((importance, Row::Centred(line)));
    }

    fn text(&mut self, importance: u8, text: &str, style: Style) {
        self.rows.push((importance, Row::Text(text.to_owned(), style)));
    }

    fn field(&mut self, draft: &Draft, shown: String, look: &Look) {
        let prompt = Span::styled("❯ ", look.theme.key);
        let line = Line::from(vec![prompt, Span::styled(shown, look.theme.strong)]);
        self.rows.push((ALWAYS, Row::Field(line, draft.cursor_columns() + 2)));
    }

    /// An input line behind its name; `empty` stands in one that nothing was typed into.
    fn field_in(&mut self, mut line: Line<'static>, draft: &Draft, empty: &str, look: &Look) {
        let before = line.width();
        let room = usize::from(WIDTH).saturating_sub(before + 5);
        let scroll = draft.scroll(room);
        let shown: String = draft.value().chars().skip(scroll).collect();
        let (shown, style) = if draft.value().is_empty() {
            (empty.to_owned(), look.theme.muted)
        } else {
            (shown, look.theme.strong)
        };
        line.push_span(Span::styled(shown, style));
        let column = before + draft.cursor_columns().saturating_sub(scroll);
        self.rows.push((ALWAYS, Row::Field(line, column)));
    }

    fn indented(&mut self, importance: u8, columns: usize, text: &str, style: Style) {
        self.rows.push((importance, Row::Indented(columns, text.to_owned(), style)));
    }

    /// Draws the dialog; returns where the cursor of its input line stands, if it has one.
    fn show(mut self, title: &str, style: Style, area: Rect, buf: &mut Buffer) -> Option<Position> {
        let width = usize::from(WIDTH.min(area.width).saturating_sub(4));
        let height = |rows: &[(u8, Row)]| {
            rows.iter()
                .map(|(_, row)| match row {
                    Row::Text(text, _) => lines::wrap(text, width, 0).len(),
                    Row::Indented(by, text, _) => lines::wrap(text, width.saturating_sub(*by), 0).len(),
                    _ => 1,
                })
                .sum::<usize>()
        };
        while height(&self.rows) + 2 > usize::from(area.height) {
            let least = self.rows.iter().enumerate().filter(|(_, (importance, _))| *importance > ALWAYS);
            let Some((index, _)) = least.max_by_key(|(_, (importance, _))| *importance) else { break };
            self.rows.remove(index);
        }
        let rows = u16::try_from(height(&self.rows)).unwrap_or(u16::MAX).saturating_add(2);
        let inner = frame::dialog(title, style, (WIDTH, rows), area, buf);
        self.draw(inner, buf)
    }

    fn draw(self, area: Rect, buf: &mut Buffer) -> Option<Position> {
        let mut cursor = None;
        let mut y = area.y;
        for (_, row) in self.rows {
            if y >= area.bottom() {
                break;
            }
            match row {
                Row::Gap => {}
                Row::Line(line) => lines::put(buf, area.x, y, area.width, &line),
                Row::Centred(line) => lines::put_centred(buf, area.x, y, area.width, &line),
                Row::Text(text, style) => {
                    y = paragraph(&text, style, area, y, buf);
                    continue;
                }
                Row::Indented(by, text, style) => {
                    let by = u16::try_from(by).unwrap_or(0).min(area.width);
                    let area = Rect { x: area.x + by, width: area.width - by, ..area };
                    y = paragraph(&text, style, area, y, buf);
                    continue;
                }
                Row::Field(line, column) => {
                    lines::put(buf, area.x, y, area.width, &line);
                    let column = u16::try_from(column).unwrap_or(u16::MAX).min(area.width.saturating_sub(1));
                    cursor = Some(Position { x: area.x + column, y });
                }
            }
            y += 1;
        }
        cursor
    }
}

/// Text from this row on; the row below it.
fn paragraph(text: &str, style: Style, area: Rect, mut y: u16, buf: &mut Buffer) -> u16 {
    for row in lines::wrap(text, usize::from(area.width), 0) {
        if y < area.bottom() {
            lines::put(buf, area.x, y, area.width, &Line::from(Span::styled(row, style)));
        }
        y += 1;
    }
    y
}

/// Digits of blocks, three pixels wide; a pixel is two columns.
fn big_number(number: i64, style: Style, look: &Look, card: &mut Card) {
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
        card.centred(3, Line::from(Span::styled(drawn, style)));
    }
}
