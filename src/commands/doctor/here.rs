//! What can be told without a network: the terminal, and the folder in which the console keeps things.

use super::{Check, ask};
use crate::app::state::State;
use crate::commands::console::locale_is_utf8;
use crate::commands::environment;
use crate::config::{Folders, make_private};
use std::fs;
use std::io::{self, IsTerminal};
use std::path::Path;

/// From here on every pane is on the screen.
const COMFORTABLE: (u16, u16) = (80, 24);

/// Size, UTF-8 and colours, as far as this process sees them.
pub(super) fn terminal() -> Check {
    const NAME: &str = "terminal";
    let utf8 = locale_is_utf8(&environment);
    let told = format!("{} · {}", if utf8 { "UTF-8" } else { "ASCII signs" }, colours(&environment));
    if !io::stdout().is_terminal() && !ask::is_possible() {
        return Check::warning(NAME, format!("none here · {told}"), "the console itself needs one");
    }
    let Ok((columns, rows)) = crossterm::terminal::size() else {
        return Check::warning(NAME, format!("it does not tell its size · {told}"), "try another terminal");
    };
    let told = format!("{columns}×{rows} · {told}");
    if columns < State::MIN_COLUMNS || rows < State::MIN_ROWS {
        let needed = format!("{}×{} is the least that can be drawn on", State::MIN_COLUMNS, State::MIN_ROWS);
        return Check::problem(NAME, told, needed);
    }
    if (columns, rows).0 < COMFORTABLE.0 || rows < COMFORTABLE.1 {
        return Check::warning(NAME, told, format!("{}×{} shows all panes", COMFORTABLE.0, COMFORTABLE.1));
    }
    if !utf8 {
        return Check::warning(NAME, told, "LANG or LC_ALL with UTF-8, as LC_ALL=C.UTF-8");
    }
    Check::ok(NAME, told)
}

fn colours(variable: &dyn Fn(&str) -> Option<String>) -> &'static str {
    let of = |name| variable(name).unwrap_or_default();
    if !of("NO_COLOR").is_empty() {
        return "no colours (NO_COLOR)";
    }
    match of("TERM").as_str() {
        "" | "dumb" => "no colours (TERM)",
        _ if matches!(of("COLORTERM").as_str(), "truecolor" | "24bit") => "all colours",
        term if term.contains("256color") || term.contains("direct") => "256 colours",
        _ => "colours",
    }
}

/// Whether what has to be kept can be: tokens, and a callout that outlives the console.
pub(super) fn state_folder(folders: &Folders) -> Check {
    const NAME: &str = "state";
    let folder = &folders.state;
    let shown = folder.display();
    match make_private(folder).and_then(|()| try_to_write(folder)) {
        Err(error) => {
            let mend = "make it writable, or name another with PANIC_CONSOLE_STATE_DIR";
            Check::problem(NAME, format!("{shown} cannot be written: {error}"), mend)
        }
        Ok(()) if open_to_others(folder) => {
            Check::warning(NAME, format!("{shown} can be read by other users"), format!("chmod 700 {shown}"))
        }
        Ok(()) => Check::ok(NAME, shown.to_string()),
    }
}

fn try_to_write(folder: &Path) -> io::Result<()> {
    let file = folder.join(format!(".doctor.{}", std::process::id()));
    let written = fs::write(&file, b"a try\n");
    // Also what was written in part.
    let _ = fs::remove_file(&file);
    written
}

#[cfg(unix)]
fn open_to_others(folder: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(folder).is_ok_and(|folder| folder.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn open_to_others(_: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::colours;

    #[test]
    fn the_environment_tells_the_colours() {
        let of = |set: &'static [(&str, &str)]| {
            colours(&move |name| {
                set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(of(&[("TERM", "xterm-256color")]), "256 colours");
        assert_eq!(of(&[("TERM", "xterm"), ("COLORTERM", "truecolor")]), "all colours");
        assert_eq!(of(&[("TERM", "xterm"), ("NO_COLOR", "1")]), "no colours (NO_COLOR)");
        assert_eq!(of(&[("TERM", "dumb")]), "no colours (TERM)");
    }
}
