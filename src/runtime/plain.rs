//! Plain mode: lines out, lines in, and nothing of the terminal taken. What a pipe gets, too.

use super::input::Input;
use super::terminal::Screen;
use crate::app::state::State;
use crate::ui::plain::Tell;
use futures_util::{Stream, stream};
use std::io::{self, BufRead, Read, Write};
use std::thread;
use tokio::sync::mpsc;

/// Longest line that is taken; the rest of it is the next one.
const LONGEST: u64 = 16 * 1024;
const WAITING: usize = 64;

#[derive(Debug)]
pub struct PlainScreen<W, T> {
    out: W,
    teller: T,
}

impl<W: Write, T: Tell> PlainScreen<W, T> {
    pub fn new(out: W, teller: T) -> Self {
        Self { out, teller }
    }
}

impl<W: Write, T: Tell> Screen for PlainScreen<W, T> {
    fn show(&mut self, state: &State) -> io::Result<()> {
        let lines = self.teller.news(state);
        for line in &lines {
            writeln!(self.out, "{line}")?;
        }
        if lines.is_empty() { Ok(()) } else { self.out.flush() }
    }

    fn end(&mut self, last: &State) -> io::Result<()> {
        self.show(last)
    }
}

/// The lines of `from`. At their end the console ends too, or goes on until nothing is followed.
pub fn lines(
    from: impl BufRead + Send + 'static,
    ends_with_input: bool,
) -> impl Stream<Item = io::Result<Input>> + Unpin {
    let (sender, mut receiver) = mpsc::channel(WAITING);
    // A read of the standard input cannot be called back: a thread of its own may be left in it.
    thread::spawn(move || {
        let mut from = from;
        loop {
            let mut bytes = Vec::new();
            let input = match (&mut from).take(LONGEST).read_until(b'\n', &mut bytes) {
                Ok(0) if ends_with_input => Ok(Input::Line("quit".to_owned())),
                Ok(0) => Ok(Input::End),
                Ok(_) => Ok(Input::Line(String::from_utf8_lossy(&bytes).trim_end().to_owned())),
                Err(error) => Err(error),
            };
            let is_last = bytes.is_empty() || input.is_err();
            if sender.blocking_send(input).is_err() || is_last {
                // The end is told once and then nothing more comes; it is no hangup.
                thread::park();
                return;
            }
        }
    });
    stream::poll_fn(move |context| receiver.poll_recv(context))
}
