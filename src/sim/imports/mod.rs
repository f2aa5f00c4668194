//! Bulk uploads of fixed locations (reference §8.1): the file is answered for at once, read in beside
//! what else runs, and reported to the address that came with it.
//!
//! Each row is a command of its own: done in full or not at all, and stored before it is counted. The
//! file itself is kept until its report was taken or given up, so an import that is cut off by the end of
//! the process begins anew with the next one. That does no harm, since rows are known by their reference:
//! what the first start had created is counted as created again.

mod table;

pub use table::{BadRow, Row, Table};

use crate::api::model::place::{ImportFailure, ImportReport};
use crate::sim::engine::{Engine, Failure};
use crate::sim::http::App;
use crate::sim::outgoing::{Outcome, Outgoing, Target};
use crate::sim::world::{
    Accepted, Command, PlaceCommand, PlaceId, Refusal, Reply, SourceId, Upload, UploadCommand, UploadId,
};
use axum::http::HeaderMap;
use futures_util::stream::{self, StreamExt};
use jiff::Timestamp;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
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

/// Why an import did not start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotStarted {
    /// As many run as may.
    Busy,
    Failed(Failure),
}

impl Imports {
    /// Returns once the file is kept.
    pub async fn start(&self, app: &App, upload: Upload) -> Result<(), NotStarted> {
        let place = Arc::clone(&self.room).try_acquire_owned().map_err(|_| NotStarted::Busy)?;
        let accept = Command::Upload(UploadCommand::Accept(Box::new(upload)));
        let reply = app.engine.apply(accept).await.map_err(NotStarted::Failed)?;
        if let Reply::Upload(id) = reply {
            self.spawn(see_through(Arc::clone(app), id, Start::First, place));
        }
        Ok(())
    }

    /// Takes up again what the process before this one left.
    pub async fn resume(&self, app: &App) {
        let left = app.engine.survey(|world, _| world.open_uploads().map(|(id, _)| id).collect::<Vec<_>>());
        for id in left.await {
            let (app, room) = (Arc::clone(app), Arc::clone(&self.room));
            self.spawn(async move {
                if let Ok(place) = room.acquire_owned().await {
                    see_through(app, id, Start::Again, place).await;
                }
            });
        }
    }

    fn spawn(&self, import: impl Future<Output = ()> + Send + 'static) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        while running.try_join_next().is_some() {}
        running.spawn(import);
    }

    /// Lets those that run end, but not for long.
    pub async fn end(&self) {
        let mut running = std::mem::take(&mut *self.running.lock().unwrap_or_else(PoisonError::into_inner));
        let all = async { while running.join_next().await.is_some() {} };
        if tokio::time::timeout(FOR_THE_REST, all).await.is_err() {
            tracing::warn!("an import was cut off by the end: the next start takes it up again");
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    First,
    Again,
}

/// From the first row to the report. Only then is the file forgotten.
async fn see_through(app: App, id: UploadId, start: Start, place: OwnedSemaphorePermit) {
    let Some(accepted) = app.engine.survey(|world, _| world.open_upload(id).cloned()).await else { return };
    let report = read_in(&app.engine, &accepted, start).await;
    match app.outgoing.check("callbackUrl", &accepted.upload.callback.0) {
        Ok(callback) => tell(&app.outgoing, &callback, &report).await,
        // It was accepted by a process that might send there.
        Err(unfit) => tracing::warn!(%unfit, "the report of an import was not sent"),
    }
    if let Err(failure) = app.engine.apply(Command::Upload(UploadCommand::End(id))).await {
        tracing::warn!(%failure, "after a restart an import will run again");
    }
    drop(place);
}

async fn read_in(engine: &Engine, accepted: &Accepted, start: Start) -> ImportReport {
    let Accepted { upload, at } = accepted;
    let mut report = ImportReport {
        message: "Fixed locations imported.".to_owned(),
        source: upload.origin.clone(),
        user_email: upload.user_email.clone(),
        complete: true,
        ..ImportReport::default()
    };
    let (by, before) = (upload.source, (start == Start::Again).then_some(*at));
    // It was opened before it was accepted.
    let Ok(mut table) = Table::open(&upload.file.0, upload.delimiter) else { return report };
    report.ignored_columns = std::mem::take(&mut table.ignored);
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
            Ok(row) => try_row(engine, (by, before), row).await,
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

async fn try_row(engine: &Engine, (source, before): (SourceId, Option<Timestamp>), row: Row) -> Tried {
    let Row { line, reference, change } = row;
    let failed = |field, reason: String| {
        Tried::Failed(BadRow { line, reference: Some(reference.clone()), field, reason })
    };
    let command = PlaceCommand::Import { source, change: Box::new(change) };
    match engine.apply(Command::Place(command)).await {
        Ok(Reply::Place { created: true, .. }) => Tried::Created,
        // By this import, before it was cut off: no reference stands in a file twice.
        Ok(Reply::Place { place, .. }) if created_since(engine, (source, before), place).await => {
            Tried::Created
        }
        Ok(_) => Tried::Updated,
        Err(Failure::Refused(Refusal::Invalid { field, why })) => failed(Some(field), why.to_owned()),
        Err(Failure::Refused(Refusal::Duplicate { field })) => {
            failed(Some(field), "is already in use".to_owned())
        }
        Err(failure) => failed(None, failure.to_string()),
    }
}

async fn created_since(
    engine: &Engine,
    (source, before): (SourceId, Option<Timestamp>),
    place: PlaceId,
) -> bool {
    let Some(since) = before else { return false };
    let created = engine.survey(|world, _| Some(world.place(source, place)?.created_at));
    created.await.is_some_and(|created| created >= since)
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
