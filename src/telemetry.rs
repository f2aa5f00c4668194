//! The log: a file of each day in the state folder, or stderr for `serve`.
//!
//! What is never in it, at any level: names, numbers, positions, messages, safe codes, tokens,
//! secrets, tracking links, and the headers and bodies of requests. Three things hold that: actions
//! are logged by their `Display`, which has names and ids only; text from the network and secrets
//! have a `Debug` that shows nothing; and other crates, which know nothing of this, are held to
//! warnings.

use crate::config::{LogLevel, make_private};
use std::io;
use std::path::Path;
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Days that are kept.
const FILES: usize = 7;

/// Lines that may wait for the file; more are dropped, a slow disk must not slow the console. The room for
/// them is taken at the start, and the library's own 128,000 would be a fifth of the console's memory.
const QUEUE: usize = 1_024;

/// Logs to a file of today in `folder`. What is still in the queue is written when the guard goes.
/// `None`: the level is off, and no file is made.
pub fn to_file(folder: &Path, level: LogLevel) -> io::Result<Option<WorkerGuard>> {
    if level == LogLevel::Off {
        return Ok(None);
    }
    make_private(folder)?;
    let file = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("panic-console")
        .filename_suffix("log")
        .max_log_files(FILES)
        .build(folder)
        .map_err(io::Error::other)?;
    let (writer, guard) = NonBlockingBuilder::default().buffered_lines_limit(QUEUE).finish(file);
    subscriber(writer, level).try_init().map_err(io::Error::other)?;
    Ok(Some(guard))
}

/// Logs to stderr: stdout belongs to the data.
pub fn to_stderr(level: LogLevel) -> io::Result<()> {
    subscriber(io::stderr, level).try_init().map_err(io::Error::other)
}

fn subscriber<W>(writer: W, level: LogLevel) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(writer);
    tracing_subscriber::registry().with(lines).with(allowed(level))
}

fn allowed(level: LogLevel) -> Targets {
    let own = match level {
        LogLevel::Off => LevelFilter::OFF,
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    Targets::new().with_target("panic_console", own).with_default(own.min(LevelFilter::WARN))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::action::{Action, Answer, CallId, Failure, FailureKind};
    use crate::app::callout::{Comment, Role};
    use crate::text::DisplayText;
    use jiff::Timestamp;
    use std::sync::{Arc, Mutex, PoisonError};
    use tracing::Level;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Lines {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()).unwrap()
        }
    }

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(level: LogLevel, log: impl FnOnce()) -> String {
        let lines = Lines::default();
        let writer = lines.clone();
        tracing::subscriber::with_default(subscriber(move || writer.clone(), level), log);
        lines.text()
    }

    #[test]
    fn a_logged_action_shows_no_text() {
        let now = Timestamp::UNIX_EPOCH;
        let text = DisplayText::new("Testy McTestFace");
        let comment = Comment {
            id: text.clone(),
            role: Role::User,
            author: text.clone(),
            body: text.clone(),
            at: None,
        };
        let refused = Failure { kind: FailureKind::Refused, message: text.clone(), retry_after: None };
        let actions = [
            Action::Typed { character: '§', now },
            Action::Pasted { text: text.clone(), now },
            Action::Trouble { text, now },
            Action::Reply { call: CallId(7), now, outcome: Ok(Answer::Said(Some(comment))) },
            Action::Reply { call: CallId(8), now, outcome: Err(refused) },
        ];
        let lines = logged(LogLevel::Trace, || {
            for action in &actions {
                tracing::debug!(%action);
            }
        });
        assert_eq!(lines.lines().count(), actions.len(), "{lines}");
        assert!(lines.contains("Reply 7 Said") && lines.contains("Reply 8 failed Refused"), "{lines}");
        assert!(!lines.contains("Testy") && !lines.contains('§'), "{lines}");
    }

    #[test]
    fn other_crates_are_held_to_warnings() {
        let lines = logged(LogLevel::Trace, || {
            tracing::event!(target: "hyper::proto", Level::DEBUG, "a header");
            tracing::event!(target: "reqwest", Level::INFO, "a URL");
            tracing::event!(target: "rustls", Level::WARN, "a warning");
        });
        assert!(!lines.contains("a header") && !lines.contains("a URL"), "{lines}");
        assert!(lines.contains("a warning"), "{lines}");
    }

    #[test]
    fn a_level_keeps_the_finer_ones_out() {
        let log = || {
            tracing::info!("fine");
            tracing::error!("coarse");
        };
        assert!(!logged(LogLevel::Error, log).contains("fine"));
        assert!(logged(LogLevel::Error, log).contains("coarse"));
        assert_eq!(logged(LogLevel::Off, log), "");
    }
}
