//! What the terminal reports, as actions.

use crate::app::action::Action;
use crate::app::intent::Intent;
use crate::app::state::{Dialog, State};
use crate::keymap::{self, KeyPress, Keymap, Scope, active_scopes};
use crate::ui;
use crossterm::event::{Event, EventStream, KeyEvent, KeyEventKind, MouseButton, MouseEvent, MouseEventKind};
use futures_util::{Stream, StreamExt};
use jiff::Timestamp;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::mpsc;

/// Rows that one notch of the wheel moves.
const NOTCH: i16 = 3;

/// Events that may wait between the terminal and the loop.
const WAITING: usize = 256;

/// What comes from the person.
#[derive(Debug)]
pub enum Input {
    Event(Event),
    /// A line of orders, in plain mode.
    Line(String),
    /// No more lines will come.
    End,
}

impl From<Event> for Input {
    fn from(event: Event) -> Self {
        Self::Event(event)
    }
}

/// What the terminal reports, as a stream that may be asked whether it holds something.
///
/// Crossterm's own stream may not: it keeps the waker of the first poll that found nothing, so one
/// look in passing and the next key wakes nobody. A task of its own reads it.
pub fn events() -> Events {
    let (sender, receiver) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        let mut terminal = EventStream::new();
        while let Some(event) = terminal.next().await {
            if sender.send(event).await.is_err() {
                break;
            }
        }
    });
    Events { receiver }
}

/// Outlives the loop that reads it: the next one in the same terminal goes on with it.
#[derive(Debug)]
pub struct Events {
    receiver: mpsc::Receiver<io::Result<Event>>,
}

impl Events {
    /// Keys that nobody read: what was pressed in one place is not meant for the next.
    pub fn drop_waiting(&mut self) {
        while self.receiver.try_recv().is_ok() {}
    }
}

impl Stream for Events {
    type Item = io::Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.receiver.poll_recv(context)
    }
}

/// `None` for what means nothing here: then nothing is drawn either.
pub fn translate(input: &Input, state: &State, keymap: &Keymap, now: Timestamp) -> Option<Action> {
    match input {
        Input::Event(event) => reported(event, state, keymap, now),
        Input::Line(line) => Some(Action::Line { line: line.as_str().into(), now }),
        Input::End => Some(Action::Unattended { now }),
    }
}

fn reported(event: &Event, state: &State, keymap: &Keymap, now: Timestamp) -> Option<Action> {
    match event {
        Event::Key(key) => pressed(*key, state, keymap, now),
        Event::Paste(text) => Some(Action::Pasted { text: text.as_str().into(), now }),
        Event::Resize(columns, rows) => Some(Action::Resized { columns: *columns, rows: *rows, now }),
        Event::Mouse(mouse) => pointed(*mouse, state, now),
        Event::FocusGained | Event::FocusLost => None,
    }
}

fn pressed(key: KeyEvent, state: &State, keymap: &Keymap, now: Timestamp) -> Option<Action> {
    // Some terminals report the release too, and every key would count twice.
    if key.kind == KeyEventKind::Release {
        return None;
    }
    let press = KeyPress::from(key);
    let scopes = active_scopes(state);
    if let Some(intent) = keymap.resolve(&scopes, press) {
        if let (Some(Dialog::Palette { draft, chosen }), Intent::Submit) = (&state.dialog, intent) {
            let rows = keymap::palette(state, keymap, draft.value());
            let intent = keymap::chosen_row(&rows, *chosen).map(|row| row.intent);
            return Some(Action::Run { intent, now });
        }
        return Some(Action::Do { intent, now });
    }
    let is_text = scopes.contains(&Scope::Text);
    press.text().filter(|_| is_text).map(|character| Action::Typed { character, now })
}

fn pointed(mouse: MouseEvent, state: &State, now: Timestamp) -> Option<Action> {
    let target = ui::hit(state, state.columns, state.rows, mouse.column, mouse.row)?;
    match mouse.kind {
        MouseEventKind::Down(MouseButton::Left) => Some(Action::Pressed { target, now }),
        // Elsewhere there is nothing to drag, and nothing to draw for it.
        MouseEventKind::Drag(MouseButton::Left) if target.is_map() => Some(Action::Dragged { target, now }),
        MouseEventKind::ScrollUp => Some(Action::Wheeled { target, lines: -NOTCH, now }),
        MouseEventKind::ScrollDown => Some(Action::Wheeled { target, lines: NOTCH, now }),
        _ => None,
    }
}
