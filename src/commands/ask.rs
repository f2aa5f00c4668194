//! Questions to a person at a terminal. They go to stderr: stdout is for the data that was asked for.

use crate::runtime::signals;
use crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use crossterm::terminal;
use secrecy::SecretString;
use std::io::{self, BufRead, IsTerminal, Write};
use std::time::Duration;

/// Longest answer that is taken.
const LONGEST: usize = 16 * 1024;

/// Whether somebody is there who sees the question and can answer it.
pub fn is_possible() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// One line, without the white space around it. Nothing typed is the default, where there is one.
pub fn line(question: &str, default: &str) -> io::Result<String> {
    let hint = if default.is_empty() { String::new() } else { format!(" [{default}]") };
    let mut stderr = io::stderr();
    write!(stderr, "{question}{hint}: ")?;
    stderr.flush()?;
    let mut answer = String::new();
    if io::stdin().lock().read_line(&mut answer)? == 0 {
        return Err(stopped());
    }
    let answer = answer.trim();
    Ok(if answer.is_empty() { default.to_owned() } else { answer.to_owned() })
}

/// Asks until the answer is one that `read` takes; why not is told.
pub fn until<T>(
    question: &str,
    default: &str,
    mut read: impl FnMut(&str) -> Result<T, String>,
) -> io::Result<T> {
    loop {
        match read(&line(question, default)?) {
            Ok(answer) => return Ok(answer),
            Err(why) => super::tell(&format!("  {why}")),
        }
    }
}

/// Only a written-out yes is one.
pub fn yes(question: &str) -> io::Result<bool> {
    Ok(matches!(line(&format!("{question} [y/N]"), "")?.to_ascii_lowercase().as_str(), "y" | "yes"))
}

/// A secret: nothing of it is shown, not even its length. The terminal stops showing what is typed
/// before the question is there to be answered.
pub fn hidden(question: &str) -> io::Result<SecretString> {
    signals::end_after(give_back)?;
    let mut stderr = io::stderr();
    let typed = {
        let _raw = Raw::take()?;
        write!(stderr, "{question}: ")?;
        stderr.flush()?;
        let typed = keys();
        drop_the_rest();
        typed
    };
    writeln!(stderr)?;
    typed.map(SecretString::from)
}

fn keys() -> io::Result<String> {
    let mut typed = String::new();
    loop {
        let Event::Key(key) = event::read()? else { continue };
        if key.kind == KeyEventKind::Release {
            continue;
        }
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Enter => return Ok(typed),
            // In raw mode the line feed of a paste comes as what ctrl-j sends.
            KeyCode::Char('j' | 'm') if control => return Ok(typed),
            KeyCode::Char('c' | 'd') if control => return Err(stopped()),
            KeyCode::Char('u') if control => typed.clear(),
            KeyCode::Esc => return Err(stopped()),
            KeyCode::Backspace => {
                typed.pop();
            }
            KeyCode::Char(character) if !control && typed.len() < LONGEST => typed.push(character),
            _ => {}
        }
    }
}

/// What was pasted behind the secret would press keys in the console that comes after.
fn drop_the_rest() {
    for _ in 0..LONGEST {
        if !event::poll(Duration::ZERO).unwrap_or(false) || event::read().is_err() {
            break;
        }
    }
}

/// A signal came while something hidden was typed: the shell's prompt begins a line of its own.
fn give_back() {
    let _ = terminal::disable_raw_mode();
    let _ = writeln!(io::stderr());
}

fn stopped() -> io::Error {
    io::Error::new(io::ErrorKind::Interrupted, "stopped: nothing was done")
}

/// Raw mode, given back whatever happens.
struct Raw;

impl Raw {
    fn take() -> io::Result<Self> {
        terminal::enable_raw_mode()?;
        Ok(Self)
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        // Nothing better can be done about a terminal that is gone.
        let _ = terminal::disable_raw_mode();
    }
}
