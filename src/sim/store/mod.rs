//! The state with its log: every change is an event, and no change is acknowledged before its event
//! is on disk.
//!
//! # Why memory may run ahead of the disk, and why nobody sees it
//!
//! A change is *applied, then logged, then answered*. It is applied under the state's write lock, and
//! its events enter the writer's queue under the same lock, so that the order in the log is the order
//! of application. The lock is free again before the disk is asked: while one transaction is synced,
//! any number of changes queue up behind it and share the next one (group commit).
//!
//! Between the two the memory is ahead. That must not show, so
//! - a write is answered after the commit of its own events,
//! - a read is answered after the commit of everything that it could have seen. Without writes under
//!   way that costs one look at a number.
//!
//! If a commit fails (disk full), every change in it and in the queue behind it is answered with a
//! failure, and the state is rebuilt from the file, still under the write lock: what was never logged
//! has never happened. Writes are refused from then on, each after one try whether the disk takes
//! writes again; reads go on. Should the file be unreadable too, reads show the last state in memory.
//!
//! The alternative, to log before applying, needs a world that decides without changing; with several
//! changes in one transaction each must see those before it, that is: a second world.
//!
//! Without a file the state is kept in memory and all of this is one lock.

mod file;
mod wal;
mod writer;

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use thiserror::Error;

pub use file::SCHEMA;
use writer::{Job, Writer};

/// A state that its events can rebuild.
pub trait Logged: Sized + Send + Sync + 'static {
    type Event: Serialize + DeserializeOwned + Send + 'static;

    fn replay(&mut self, event: &Self::Event);

    /// The whole state as bytes, so that not every start must replay the whole log.
    fn to_snapshot(&self) -> serde_json::Result<Vec<u8>>;

    /// `None` when the bytes come from a version whose state was made differently.
    fn from_snapshot(bytes: &[u8]) -> Option<Self>;
}

/// Why a state file is not used. None of these changes the file.
#[derive(Debug, Error)]
pub enum StoreError {
    #[error("state file {}: not a state file of panic-console, or its header is damaged; left as it is", path.display())]
    Foreign { path: PathBuf },
    #[error(
        "state file {}: written by a newer version (format {found}; this version reads up to {SCHEMA}); left as it is",
        path.display()
    )]
    Newer { path: PathBuf, found: i32 },
    #[error("state file {}: damaged ({what}); left as it is", path.display())]
    Damaged { path: PathBuf, what: String },
    #[error("state file {}: in use by another process", path.display())]
    Locked { path: PathBuf },
    // Not called `source`: whoever prints the chain of causes would say it twice.
    #[error("state file {}: {why}", path.display())]
    Io { path: PathBuf, why: std::io::Error },
    #[error("state file {}: {why}", path.display())]
    Sqlite { path: PathBuf, why: rusqlite::Error },
}

impl StoreError {
    fn io(path: &Path, why: std::io::Error) -> Self {
        Self::Io { path: path.to_owned(), why }
    }

    fn damaged(path: &Path, what: String) -> Self {
        Self::Damaged { path: path.to_owned(), what }
    }

    fn sqlite(path: &Path, why: rusqlite::Error) -> Self {
        let path = path.to_owned();
        if file::is_locked(&why) {
            return Self::Locked { path };
        }
        if file::is_damaged(&why) {
            return Self::Damaged { path, what: why.to_string() };
        }
        Self::Sqlite { path, why }
    }
}

/// A write did not reach the disk. Nothing of it has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("The change could not be stored. Nothing was changed.")]
pub struct NotStored;

/// The state as the lock holds it.
struct Held<S> {
    state: S,
    /// Tickets given out: one for each change that was applied.
    applied: u64,
    /// Counts the times when changes were undone.
    undone: u64,
    condition: Condition,
}

/// How far the state was when somebody looked at it.
#[derive(Clone, Copy, Debug)]
struct Seen {
    applied: u64,
    undone: u64,
}

/// Whether changes may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Condition {
    Sound,
    /// A commit failed. Memory and file agree; the disk takes nothing.
    Refusing,
    /// Memory may hold what the file does not: it must be rebuilt before the next change.
    Astray,
}

/// How a state file does, in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileStats {
    /// With its write-ahead log.
    pub bytes: u64,
    /// Transactions that were synced, and the events in them.
    pub commits: u64,
    pub events: u64,
    pub failures: u64,
    /// Whether the last change got through.
    pub writable: bool,
}

/// The state, its log and the rule between them. See the module's text.
pub struct Store<S: Logged> {
    held: Arc<RwLock<Held<S>>>,
    /// Up to which ticket everything is decided: on disk, or undone.
    settled: Arc<AtomicU64>,
    writer: Option<Writer<S>>,
}

/// Shows nothing of the state, which is about people.
impl<S: Logged> fmt::Debug for Store<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("on_file", &self.writer.is_some()).finish_non_exhaustive()
    }
}

/// A file that was opened, and what the simulator must know of it before it starts.
#[derive(Debug)]
pub struct Opened<S: Logged> {
    pub store: Store<S>,
    pub newest: Option<Timestamp>,
    /// Events that were replayed one by one.
    pub replayed: u64,
}

/// What a change came to: the new state is in place, and the events say how it came about.
pub type Change<R, E> = (R, Vec<E>);

impl<S: Logged> Store<S> {
    /// A state that ends with the process.
    pub fn in_memory(state: S) -> Self {
        let held = Held { state, applied: 0, undone: 0, condition: Condition::Sound };
        Self { held: Arc::new(RwLock::new(held)), settled: Arc::default(), writer: None }
    }

    /// The state of a file, which is made when it is not there. Blocks while it is read.
    pub fn open(path: &Path, initial: impl Fn() -> S + Send + 'static) -> Result<Opened<S>, StoreError> {
        let (file, recovered) = file::LogFile::open(path, &initial)?;
        let (newest, replayed) = (recovered.newest, recovered.replayed);
        Ok(Opened { store: Self::on_file(file, recovered.state, initial), newest, replayed })
    }

    fn on_file(file: file::LogFile, state: S, initial: impl Fn() -> S + Send + 'static) -> Self {
        let mut store = Self::in_memory(state);
        let (held, settled) = (Arc::clone(&store.held), Arc::clone(&store.settled));
        store.writer = Some(Writer::start(file, held, settled, Box::new(initial)));
        store
    }

    /// Makes a change and returns once it is on disk. `at` is asked for under the lock, so that the
    /// times in the log never run backwards.
    pub async fn write<R>(
        &self,
        at: impl Fn() -> Timestamp,
        change: impl FnOnce(&mut S, Timestamp) -> Change<R, S::Event>,
    ) -> Result<R, NotStored> {
        if let Some(writer) = &self.writer
            && (self.held.is_poisoned() || self.shared().condition != Condition::Sound)
        {
            writer.ask(Job::Recover).await.unwrap_or(Err(NotStored))?;
        }
        let (reply, stored) = {
            let mut held = self.lock();
            if self.writer.is_some() && held.condition != Condition::Sound {
                return Err(NotStored);
            }
            let now = at();
            let (reply, events) = change(&mut held.state, now);
            (reply, self.log(&mut held, now, events))
        };
        if let Some(stored) = stored {
            stored.await.unwrap_or(Err(NotStored))?;
        }
        Ok(reply)
    }

    /// Looks at the state. The answer holds nothing that could still be lost.
    pub async fn read<R>(&self, look: impl Fn(&S) -> R) -> R {
        let (answer, seen) = self.look(&look);
        match (seen, &self.writer) {
            (Some(seen), Some(writer)) if writer.was_undone(seen).await => self.look(&look).0,
            _ => answer,
        }
    }

    /// Looks at the state without waiting for the disk: for questions whose answer is not shown.
    pub fn peek<R>(&self, look: impl FnOnce(&S) -> R) -> R {
        look(&self.shared().state)
    }

    /// A fact beside the log, made on first use.
    pub async fn meta(&self, key: &'static str, make: impl Fn() -> Vec<u8>) -> Result<Vec<u8>, StoreError> {
        match &self.writer {
            Some(writer) => writer.meta(key, make(), false).await,
            None => Ok(make()),
        }
    }

    /// Writes a fact beside the log, over the one that was there, and returns once it is on disk.
    pub async fn put_meta(&self, key: &'static str, value: Vec<u8>) -> Result<(), StoreError> {
        match &self.writer {
            Some(writer) => writer.meta(key, value, true).await.map(drop),
            None => Ok(()),
        }
    }

    /// `None` without a file.
    pub fn stats(&self) -> Option<FileStats> {
        let (bytes, counts) = self.writer.as_ref()?.stats();
        let load = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Some(FileStats {
            bytes,
            commits: load(&counts.commits),
            events: load(&counts.events),
            failures: load(&counts.failures),
            writable: self.shared().condition == Condition::Sound,
        })
    }

    /// Writes what is queued, takes a snapshot and closes the file.
    pub async fn close(&self) {
        if let Some(writer) = &self.writer {
            writer.close().await;
        }
    }

    /// The answer, and what of it still waits for the disk. Asked under the lock: changes cannot be
    /// undone before it is free again.
    fn look<R>(&self, look: &impl Fn(&S) -> R) -> (R, Option<Seen>) {
        let held = self.shared();
        let seen = Seen { applied: held.applied, undone: held.undone };
        let waits = self.settled.load(Ordering::Acquire) < seen.applied;
        (look(&held.state), waits.then_some(seen))
    }

    fn log(&self, held: &mut Held<S>, at: Timestamp, events: Vec<S::Event>) -> Option<writer::Outcome> {
        let writer = self.writer.as_ref()?;
        if events.is_empty() {
            return None;
        }
        held.applied += 1;
        Some(writer.append(held.applied, at, events))
    }

    fn shared(&self) -> RwLockReadGuard<'_, Held<S>> {
        self.held.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> RwLockWriteGuard<'_, Held<S>> {
        lock(&self.held)
    }
}

/// The write lock. A change that panicked may have left half of itself behind: with a file the state
/// is then rebuilt before the next change.
fn lock<S>(held: &RwLock<Held<S>>) -> RwLockWriteGuard<'_, Held<S>> {
    held.write().unwrap_or_else(|poisoned| {
        tracing::error!("a change of the state panicked");
        held.clear_poison();
        let mut held = poisoned.into_inner();
        held.condition = Condition::Astray;
        held
    })
}

#[cfg(test)]
mod tests;
