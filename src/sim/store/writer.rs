//! The one thread that writes to the state file. Whatever waits in its queue goes into one
//! transaction.

use super::file::{LogFile, Row};
use super::{Condition, Held, Logged, NotStored, Seen, StoreError, lock, wal};
use jiff::Timestamp;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::{oneshot, watch};

/// Answers a write.
pub type Outcome = oneshot::Receiver<Result<(), NotStored>>;

/// Events in one transaction at most, so that the first of them need not wait for ever.
const BATCH: usize = 4_096;

/// Events after which a snapshot is taken while running. Serialising the state holds up writers, so
/// this is rare; a start replays this many events in about a second.
const SNAPSHOT_EVERY: u64 = 250_000;

/// Events after which the end of the program takes a snapshot. Fewer are replayed sooner than read.
const SNAPSHOT_AT_END: u64 = 1_000;

pub enum Job<E> {
    Append {
        ticket: u64,
        at: Timestamp,
        events: Vec<E>,
        done: oneshot::Sender<Result<(), NotStored>>,
    },
    /// Try whether writes get through again after one did not.
    Recover(oneshot::Sender<Result<(), NotStored>>),
    Meta {
        key: &'static str,
        value: Vec<u8>,
        /// Whether it goes over what is there.
        replace: bool,
        done: oneshot::Sender<Result<Vec<u8>, StoreError>>,
    },
    Close(oneshot::Sender<Result<(), NotStored>>),
}

/// How far the log has come, for those who wait to show what they read.
#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    settled: u64,
    undone: u64,
}

pub struct Writer<S: Logged> {
    jobs: Sender<Job<S::Event>>,
    progress: watch::Receiver<Progress>,
    path: PathBuf,
    counts: Arc<Counts>,
}

/// What the thread has done.
#[derive(Debug, Default)]
pub struct Counts {
    pub commits: AtomicU64,
    pub events: AtomicU64,
    pub failures: AtomicU64,
}

impl<S: Logged> Writer<S> {
    pub fn start(
        file: LogFile,
        held: Arc<RwLock<Held<S>>>,
        settled: Arc<AtomicU64>,
        initial: Box<dyn Fn() -> S + Send>,
    ) -> Self {
        let (jobs, queue) = channel();
        let (progress, watching) = watch::channel(Progress::default());
        let (path, counts) = (file.path().to_owned(), Arc::<Counts>::default());
        let theirs = Arc::clone(&counts);
        let scribe = Scribe { file, held, settled, initial, queue, progress, counts: theirs, closing: None };
        std::thread::spawn(move || scribe.run());
        Self { jobs, progress: watching, path, counts }
    }

    /// Queues the events of one change. Called under the state's write lock.
    pub fn append(&self, ticket: u64, at: Timestamp, events: Vec<S::Event>) -> Outcome {
        let (done, outcome) = oneshot::channel();
        self.send(Job::Append { ticket, at, events, done });
        outcome
    }

    pub fn ask(&self, job: impl FnOnce(oneshot::Sender<Result<(), NotStored>>) -> Job<S::Event>) -> Outcome {
        let (done, outcome) = oneshot::channel();
        self.send(job(done));
        outcome
    }

    pub async fn meta(
        &self,
        key: &'static str,
        value: Vec<u8>,
        replace: bool,
    ) -> Result<Vec<u8>, StoreError> {
        let (done, outcome) = oneshot::channel();
        let unchanged = value.clone();
        self.send(Job::Meta { key, value, replace, done });
        outcome.await.unwrap_or(Ok(unchanged))
    }

    /// Waits until all that was seen is decided, and tells whether it was undone.
    pub async fn was_undone(&self, seen: Seen) -> bool {
        let mut progress = self.progress.clone();
        let settled = progress.wait_for(|progress| progress.settled >= seen.applied).await;
        settled.is_ok_and(|progress| progress.undone != seen.undone)
    }

    /// Bytes on the disk, and what was done for them.
    pub fn stats(&self) -> (u64, &Counts) {
        let size = |path: &Path| std::fs::metadata(path).map_or(0, |metadata| metadata.len());
        (size(&self.path) + size(&wal::beside(&self.path)), &self.counts)
    }

    pub async fn close(&self) {
        // The thread answers by ending; if it has ended before, that is as good.
        drop(self.ask(Job::Close).await);
    }

    /// After the end of the thread nobody answers: the receiver's error says so to whoever waits.
    fn send(&self, job: Job<S::Event>) {
        if self.jobs.send(job).is_err() {
            tracing::debug!("the state file is closed");
        }
    }
}

/// A batch that waits for its commit.
struct Batch {
    rows: Vec<Row>,
    waiting: Vec<oneshot::Sender<Result<(), NotStored>>>,
    last_ticket: u64,
    /// One of the events is not on `rows`, so none of them may be logged.
    incomplete: bool,
}

struct Scribe<S: Logged> {
    file: LogFile,
    held: Arc<RwLock<Held<S>>>,
    settled: Arc<AtomicU64>,
    initial: Box<dyn Fn() -> S + Send>,
    queue: Receiver<Job<S::Event>>,
    progress: watch::Sender<Progress>,
    counts: Arc<Counts>,
    /// Who waits for the end of the thread. It is told by the drop of this, after the file was closed.
    closing: Option<oneshot::Sender<Result<(), NotStored>>>,
}

impl<S: Logged> Scribe<S> {
    fn run(mut self) {
        while self.closing.is_none()
            && let Ok(job) = self.queue.recv()
        {
            let (batch, other) = self.collect(job);
            self.commit(batch);
            if let Some(job) = other {
                self.serve(job);
            }
        }
        let Self { file, closing, .. } = self;
        drop(file);
        drop(closing);
    }

    /// Takes everything that is queued; the first job that is no append ends the batch.
    fn collect(&self, first: Job<S::Event>) -> (Batch, Option<Job<S::Event>>) {
        let mut batch = Batch { rows: Vec::new(), waiting: Vec::new(), last_ticket: 0, incomplete: false };
        let mut next = Some(first);
        while let Some(job) = next.take().or_else(|| self.queue.try_recv().ok()) {
            let Job::Append { ticket, at, events, done } = job else { return (batch, Some(job)) };
            for event in &events {
                match serde_json::to_vec(event) {
                    Ok(body) => batch.rows.push(Row { at, body }),
                    Err(error) => {
                        tracing::error!(%error, "an event cannot be written");
                        batch.incomplete = true;
                    }
                }
            }
            batch.waiting.push(done);
            batch.last_ticket = ticket;
            if batch.rows.len() >= BATCH {
                break;
            }
        }
        (batch, None)
    }

    fn commit(&mut self, batch: Batch) {
        if batch.waiting.is_empty() {
            return;
        }
        let stored = !batch.incomplete
            && self
                .file
                .append(&batch.rows)
                .inspect_err(|error| tracing::error!(%error, "writing the state failed; changes are refused"))
                .is_ok();
        if stored {
            self.counts.commits.fetch_add(1, Ordering::Relaxed);
            self.counts.events.fetch_add(batch.rows.len() as u64, Ordering::Relaxed);
            self.settle(batch.last_ticket);
            answer(batch.waiting, Ok(()));
            self.snapshot_if(SNAPSHOT_EVERY);
        } else {
            self.counts.failures.fetch_add(1, Ordering::Relaxed);
            self.undo();
            answer(batch.waiting, Err(NotStored));
        }
    }

    /// Nothing that is not on disk has happened: all that is queued fails, and the state is read back.
    fn undo(&mut self) {
        let held = Arc::clone(&self.held);
        let mut held = lock(&held);
        held.condition = Condition::Astray;
        // Under the lock nothing new comes in.
        for job in self.queue.try_iter().collect::<Vec<_>>() {
            match job {
                Job::Append { done, .. } | Job::Recover(done) => answer(vec![done], Err(NotStored)),
                Job::Meta { key, value, replace, done } => drop(done.send(self.meta(key, value, replace))),
                Job::Close(done) => self.closing = Some(done),
            }
        }
        self.rebuild(&mut held);
        held.undone += 1;
        self.progress.send_modify(|progress| progress.undone = held.undone);
        self.settle(held.applied);
    }

    fn rebuild(&mut self, held: &mut Held<S>) {
        match self.file.recover(&*self.initial) {
            Ok(recovered) => {
                held.state = recovered.state;
                held.condition = Condition::Refusing;
            }
            Err(error) => tracing::error!(%error, "the state cannot be read back"),
        }
    }

    fn recover(&mut self) -> Result<(), NotStored> {
        let held = Arc::clone(&self.held);
        let mut held = lock(&held);
        if held.condition == Condition::Astray {
            self.rebuild(&mut held);
        }
        if held.condition == Condition::Refusing && self.file.probe().is_ok() {
            tracing::info!("the state file takes changes again");
            held.condition = Condition::Sound;
        }
        if held.condition == Condition::Sound { Ok(()) } else { Err(NotStored) }
    }

    fn serve(&mut self, job: Job<S::Event>) {
        match job {
            // `collect` takes all of these.
            Job::Append { done, .. } => answer(vec![done], Err(NotStored)),
            Job::Recover(done) => {
                let outcome = self.recover();
                answer(vec![done], outcome);
            }
            Job::Meta { key, value, replace, done } => drop(done.send(self.meta(key, value, replace))),
            Job::Close(done) => {
                self.snapshot_if(SNAPSHOT_AT_END);
                self.closing = Some(done);
            }
        }
    }

    fn meta(&self, key: &str, value: Vec<u8>, replace: bool) -> Result<Vec<u8>, StoreError> {
        if !replace && let Some(known) = self.file.meta(key)? {
            return Ok(known);
        }
        self.file.put_meta(key, &value)?;
        Ok(value)
    }

    /// The read lock keeps changes out while what is queued is committed; then memory and file are
    /// at the same event.
    fn snapshot_if(&mut self, due: u64) {
        if self.file.since_snapshot() < due {
            return;
        }
        let held = Arc::clone(&self.held);
        let body = {
            let held = held.read().unwrap_or_else(PoisonError::into_inner);
            if held.condition != Condition::Sound || held.applied != self.settled.load(Ordering::Acquire) {
                // Changes are under way: after the next batch is as good.
                return;
            }
            held.state.to_snapshot()
        };
        let stored = body
            .map_err(|error| error.to_string())
            .and_then(|body| self.file.put_snapshot(&body).map_err(|error| error.to_string()));
        if let Err(error) = stored {
            tracing::warn!(error, "no snapshot of the state; the log is complete without it");
        }
    }

    fn settle(&self, ticket: u64) {
        self.settled.store(ticket, Ordering::Release);
        self.progress.send_modify(|progress| progress.settled = ticket);
    }
}

/// Whoever waited may have gone away; the change stands all the same.
fn answer(waiting: Vec<oneshot::Sender<Result<(), NotStored>>>, outcome: Result<(), NotStored>) {
    for done in waiting {
        let _gone = done.send(outcome);
    }
}
