//! Bulk uploads of fixed locations (reference §8.1): the file is answered for at once, read in beside
//! what else runs, and reported to the address that came with it.
//!
//! Each row is a command of its own: done in full or not at all, and stored before it is counted. An
//! import that is cut off by the end of the process is not taken up again; the rows it had counted are
//! there, and to send the file again does no harm, since rows are known by their reference.

mod table;

pub use table::{BadRow, Row, Table};

use crate::api::model::place::{ImportFailure, ImportReport};
use crate::sim::engine::{Engine, Failure};
use crate::sim::http::App;
use crate::sim::outgoing::{Outcome, Outgoing, Target};
use crate::sim::world::{Command, PlaceCommand, Refusal, Reply, SourceId};
use axum::http::HeaderMap;
use futures_util::stream::{self, StreamExt};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// The largest form that is read.
pub const LARGEST: usize = 4 * 1_024 * 1_024;
/// Imports that run at the same time; each holds its file in memory.
const AT_ONCE: usize = 4;
const MOST_ROWS: u64 = 10_000;
/// What one import may take, by the clock on the wall.
const LONGEST: Duration = Duration::from_secs(60);
/// Rows under way at the same time: what is stored together costs one write to the disk.
const ROWS_AT_ONCE: usize = 64;
/// Failed rows that a report lists; it counts all.
const MOST_LISTED: usize = 1_000;
/// Before the second try of a report and the third.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(5)];
/// What an import that still runs at the end is given.
const FOR_THE_REST: Duration = Duration::from_secs(4);

/// A file with what came beside it.
#[derive(Debug)]
pub struct Upload {
    pub by: SourceId,
    pub table: Table,
    pub callback: Target,
    pub user_email: Option<String>,
    pub source: Option<String>,
}

/// The imports that run.
#[derive(Debug)]
pub struct Imports {
    room: Arc<Semaphore>,
    running: Mutex<JoinSet<()>>,
}

impl Default for Imports {
    fn default() -> Self {
        Self { room: Arc::new(Semaphore::new(AT_ONCE)), running: Mutex::default() }
    }
}

/// As many run as may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Busy;

impl Imports {
    pub fn start(&self, app: &App, upload: Upload) -> Result<(), Busy> {
        let place = Arc::clone(&self.room).try_acquire_owned().map_err(|_| Busy)?;
        let app = Arc::clone(app);
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        while running.try_join_next().is_some() {}
        running.spawn(async move {
            let _place = place;
            let callback = upload.callback.clone();
            let report = read_in(&app.engine, upload).await;
            tell(&app.outgoing, &callback, &report).await;
        });
        Ok(())
    }

    /// Lets those that run end, but not for long.
    pub async fn end(&self) {
        let mut running = std::mem::take(&mut *self.running.lock().unwrap_or_else(PoisonError::into_inner));
        let all = async { while running.join_next().await.is_some() {} };
        if tokio::time::timeout(FOR_THE_REST, all).await.is_err() {
            tracing::warn!("an import was cut off by the end");
        }
    }
}

async fn read_in(engine: &Engine, upload: Upload) -> ImportReport {
    let Upload { by, mut table, user_email, source, .. } = upload;
    let mut report = ImportReport {
        message: "Fixed locations imported.".to_owned(),
        source,
        user_email,
        complete: true,
        ignored_columns: std::mem::take(&mut table.ignored),
        ..ImportReport::default()
    };
    let end = Instant::now() + LONGEST;
    let rows = table.take(usize::try_from(MOST_ROWS).unwrap_or(usize::MAX) + 1).zip(1u64..);
    let tried = rows.map(|(row, number)| async move {
        if number > MOST_ROWS {
            return Tried::Left("the file has more than 10000 rows");
        }
        if Instant::now() >= end {
            return Tried::Left("the file took longer than 60 seconds");
        }
        match row {
            Ok(row) => try_row(engine, by, row).await,
            Err(bad) => Tried::Failed(bad),
        }
    });
    let mut tried = stream::iter(tried).buffered(ROWS_AT_ONCE);
    while let Some(tried) = tried.next().await {
        report.count(tried);
    }
    tracing::info!(
        rows = report.rows_read,
        created = report.created,
        updated = report.updated,
        failed = report.failed,
        "fixed locations imported"
    );
    report
}

/// What became of a row.
enum Tried {
    Created,
    Updated,
    Failed(BadRow),
    /// It was not looked at, for that reason.
    Left(&'static str),
}

async fn try_row(engine: &Engine, source: SourceId, row: Row) -> Tried {
    let Row { line, reference, change } = row;
    let failed = |field, reason: String| {
        Tried::Failed(BadRow { line, reference: Some(reference.clone()), field, reason })
    };
    let command = PlaceCommand::Import { source, change: Box::new(change) };
    match engine.apply(Command::Place(command)).await {
        Ok(Reply::Place { created: true, .. }) => Tried::Created,
        Ok(_) => Tried::Updated,
        Err(Failure::Refused(Refusal::Invalid { field, why })) => failed(Some(field), why.to_owned()),
        Err(Failure::Refused(Refusal::Duplicate { field })) => {
            failed(Some(field), "is already in use".to_owned())
        }
        Err(failure) => failed(None, failure.to_string()),
    }
}

impl ImportReport {
    fn count(&mut self, tried: Tried) {
        self.rows_read += 1;
        match tried {
            Tried::Created => self.created += 1,
            Tried::Updated => self.updated += 1,
            Tried::Failed(bad) => {
                self.failed += 1;
                if self.failures.len() < MOST_LISTED {
                    self.failures.push(ImportFailure {
                        line: bad.line,
                        external_reference_id: bad.reference.filter(|reference| !reference.is_empty()),
                        field: bad.field.map(str::to_owned),
                        reason: bad.reason,
                    });
                }
            }
            Tried::Left(why) => {
                self.rows_read -= 1;
                self.complete = false;
                self.message = format!("Fixed locations imported in part: {why}.");
            }
        }
    }
}

/// Three tries, and no more: the file can be sent again.
async fn tell(outgoing: &Outgoing, callback: &Target, report: &ImportReport) {
    let Ok(body) = serde_json::to_vec(report) else { return };
    let mut pauses = PAUSES.iter();
    loop {
        let outcome: Outcome = outgoing.post_json(callback, &HeaderMap::new(), body.clone()).await;
        if outcome.is_accepted() {
            return;
        }
        let Some(pause) = pauses.next() else {
            tracing::warn!(%outcome, "the report of an import was not taken");
            return;
        };
        tokio::time::sleep(*pause).await;
    }
}
