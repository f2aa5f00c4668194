//! The terminal is taken once and given back on every way out.

use crate::app::action::Exit;
use crate::app::state::State;
use crate::ui::{self, Look};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
};
use crossterm::{Command, cursor, execute, queue, terminal};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use secrecy::{ExposeSecret as _, SecretString};
use std::fmt;
use std::io::{self, BufWriter, Stdout, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether there is something to give back. The guard's `Drop` and the panic hook may both come by;
/// the first one does it.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Where frames go. The loop under test is the loop that ships; only this differs.
pub trait Screen {
    fn show(&mut self, state: &State) -> io::Result<()>;

    /// The last state, after which nothing is shown any more. A frame would be gone at once.
    fn end(&mut self, _last: &State) -> io::Result<()> {
        Ok(())
    }

    /// A sequence for the terminal that draws nothing, between two frames. It may hold a secret.
    fn send(&mut self, sequence: &SecretString) -> io::Result<()> {
        let _ = sequence;
        Ok(())
    }
}

impl<S: Screen> Screen for &mut S {
    fn show(&mut self, state: &State) -> io::Result<()> {
        (**self).show(state)
    }

    fn end(&mut self, last: &State) -> io::Result<()> {
        (**self).end(last)
    }

    fn send(&mut self, sequence: &SecretString) -> io::Result<()> {
        (**self).send(sequence)
    }
}

/// The real terminal, given back when this is dropped.
#[derive(Debug)]
pub struct TerminalScreen {
    terminal: Terminal<CrosstermBackend<BufWriter<Stdout>>>,
    look: Look,
}

impl TerminalScreen {
    /// Takes the terminal: raw mode, alternate screen, bracketed paste, mouse.
    pub fn take(look: Look) -> io::Result<Self> {
        // Under NO_COLOR crossterm would send a reset with each colour, and the selection with its
        // reverse video would be gone. The theme decides about colours.
        crossterm::style::force_color_output(true);
        terminal::enable_raw_mode()?;
        TAKEN.store(true, Ordering::SeqCst);
        let mut out = BufWriter::with_capacity(1 << 16, io::stdout());
        execute!(out, EnterAlternateScreen, EnableBracketedPaste, Mouse::On, cursor::Hide)
            .inspect_err(|_| restore())?;
        let terminal = Terminal::new(CrosstermBackend::new(out)).inspect_err(|_| restore())?;
        Ok(Self { terminal, look })
    }

    /// Another look from the next frame on.
    pub fn wear(&mut self, look: Look) {
        self.look = look;
    }
}

impl Screen for TerminalScreen {
    fn show(&mut self, state: &State) -> io::Result<()> {
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        self.terminal.draw(|frame| ui::view(state, &self.look, frame))?;
        queue!(self.terminal.backend_mut(), EndSynchronizedUpdate)?;
        Write::flush(self.terminal.backend_mut())
    }

    /// On the way to another profile the terminal stays, so its last frame tells where it goes.
    fn end(&mut self, last: &State) -> io::Result<()> {
        match last.exit {
            Some(Exit::Switch(_)) => self.show(last),
            _ => Ok(()),
        }
    }

    fn send(&mut self, sequence: &SecretString) -> io::Result<()> {
        let out = self.terminal.backend_mut();
        out.write_all(sequence.expose_secret().as_bytes())?;
        Write::flush(out)
    }
}

impl Drop for TerminalScreen {
    fn drop(&mut self) {
        restore();
    }
}

/// Gives the terminal back, as far as it can be: errors are of no use to anybody here.
/// Nothing is cleared and no cursor moved after the alternate screen is left, so what stood there
/// before is there again.
pub fn restore() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let mut out = io::stdout();
        let _ = execute!(
            out,
            EndSynchronizedUpdate,
            Mouse::Off,
            DisableBracketedPaste,
            cursor::Show,
            LeaveAlternateScreen
        );
        let _ = terminal::disable_raw_mode();
    }
}

/// The terminal is gone (SIGHUP): nothing may be written to it any more, not even by a `Drop`.
pub fn abandon() {
    TAKEN.store(false, Ordering::SeqCst);
}

/// A panic is logged, then the terminal given back, then told as usual: a message on the alternate
/// screen would be gone with it.
pub fn install_panic_hook() {
    let previous = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        // The payload may hold anything, a name for one; the place of the panic never does.
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panic");
        restore();
        previous(info);
    }));
}

/// Clicks and the wheel only. Crossterm's own command asks for every move of the pointer as well,
/// and each of them would wake the loop.
#[derive(Clone, Copy, Debug)]
enum Mouse {
    On,
    Off,
}

impl Command for Mouse {
    fn write_ansi(&self, f: &mut impl fmt::Write) -> fmt::Result {
        f.write_str(match self {
            Self::On => "\x1b[?1000h\x1b[?1006h",
            Self::Off => "\x1b[?1006l\x1b[?1000l",
        })
    }

    #[cfg(windows)]
    fn execute_winapi(&self) -> io::Result<()> {
        use crossterm::event::{DisableMouseCapture, EnableMouseCapture};
        match self {
            Self::On => EnableMouseCapture.execute_winapi(),
            Self::Off => DisableMouseCapture.execute_winapi(),
        }
    }

    #[cfg(windows)]
    fn is_ansi_code_supported(&self) -> bool {
        false
    }
}
