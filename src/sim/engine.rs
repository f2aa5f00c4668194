//! What runs behind the HTTP side: the world in its store, on its clock.

use crate::sim::auth::{Auth, Client, Credentials, SigningKey};
use crate::sim::clock::{ClockError, Mark, SimClock};
use crate::sim::news::{Desk, News};
use crate::sim::store::{FileStats, Logged, NotStored, Store, StoreError};
use crate::sim::world::{CalloutId, Command, Event, Refusal, Reply, SourceId, World};
use jiff::{SignedDuration, Timestamp};
use std::path::Path;
use tokio::sync::Mutex;

impl Logged for World {
    type Event = Event;

    fn replay(&mut self, event: &Event) {
        World::replay(self, event);
    }

    fn to_snapshot(&self) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(self)
    }

    fn from_snapshot(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}

/// Why a command did nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    NotStored(#[from] NotStored),
}

/// Why the simulator did not start.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Clock(#[from] ClockError),
    #[error(transparent)]
    NotStored(#[from] NotStored),
}

/// Why the clock was not turned.
#[derive(Debug, thiserror::Error)]
pub enum NotTurned {
    #[error(transparent)]
    Clock(#[from] ClockError),
    #[error(transparent)]
    NotStored(#[from] NotStored),
}

/// Under which the state file keeps the clock's mark.
const CLOCK: &str = "clock";

/// What the engine is made of.
#[derive(Debug)]
pub struct Plan<'a> {
    pub state: Option<&'a Path>,
    pub seed: u64,
    pub speed: f64,
    /// The tenants, the main one first.
    pub clients: Vec<Credentials>,
}

/// The world, its store, its clock and who may ask.
#[derive(Debug)]
pub struct Engine {
    store: Store<World>,
    pub clock: SimClock,
    /// One turn of the clock after the other, so that the last mark written is the last turn's.
    turning: Mutex<()>,
    pub(super) desk: Desk,
    pub auth: Auth,
    /// The main tenant: the one that the control side means when it names none.
    pub source: SourceId,
    /// Signs tracking links, as it signs the tokens.
    pub key: SigningKey,
}

impl Engine {
    pub async fn start(plan: Plan<'_>) -> Result<Self, EngineError> {
        let seed = plan.seed;
        let (store, newest) = match plan.state {
            None => (Store::in_memory(World::new(seed)), None),
            Some(path) => {
                let path = path.to_owned();
                let opened = read_file(path, seed).await?;
                tracing::info!(replayed = opened.replayed, "state file opened");
                (opened.store, opened.newest)
            }
        };
        let known = store.meta(CLOCK, Vec::new).await?;
        let shown = serde_json::from_slice::<Mark>(&known).ok().map(|mark| mark.now());
        let floor = newest.max(shown).unwrap_or(Timestamp::MIN);
        let clock = SimClock::starting_no_earlier_than(floor, plan.speed)?;
        store.put_meta(CLOCK, bytes(clock.mark())).await?;
        let key = store.meta("signing_key", || SigningKey::random().as_bytes().to_vec()).await?;
        let key = SigningKey::from_bytes(&key).unwrap_or_else(SigningKey::random);
        let mut engine = Self {
            store,
            clock,
            turning: Mutex::new(()),
            desk: Desk::default(),
            auth: Auth::new(&key),
            source: SourceId(0),
            key,
        };
        for credentials in plan.clients {
            let source = engine.open_source(credentials.client_id.clone()).await?;
            if engine.source == SourceId(0) {
                engine.source = source;
            }
            engine.auth.admit(Client { credentials, source });
        }
        Ok(engine)
    }

    async fn open_source(&self, client_id: String) -> Result<SourceId, EngineError> {
        if let Some(known) = self.store.peek(|world| world.source(&client_id)) {
            return Ok(known);
        }
        match self.apply(Command::OpenSource { client_id }).await {
            Ok(Reply::Source(source)) => Ok(source),
            Err(Failure::NotStored(error)) => Err(error.into()),
            // The world refuses nobody a source; without one every id is unknown.
            Ok(_) | Err(Failure::Refused(_)) => Ok(SourceId(0)),
        }
    }

    /// Changes the world, and returns once that is stored. What had become due by now happens first,
    /// and is stored also when the command is refused.
    pub async fn apply(&self, command: Command) -> Result<Reply, Failure> {
        let change = |world: &mut World, now| {
            let applied = world.apply(command, now);
            (applied.result, applied.events)
        };
        Ok(self.write(change).await??)
    }

    /// Every change goes this way, so that none stays untold.
    async fn write<R>(
        &self,
        change: impl FnOnce(&mut World, Timestamp) -> (R, Vec<Event>),
    ) -> Result<R, NotStored> {
        let mut telling = self.desk.telling();
        let change = |world: &mut World, now| {
            let (reply, events) = change(world, now);
            telling.any = !events.is_empty();
            (reply, events)
        };
        self.store.write(|| self.clock.now(), change).await
    }

    /// To be told when something has changed. While somebody listens, what is due happens by itself.
    pub fn news(&self) -> News {
        self.desk.listen()
    }

    /// When the next thing happens by itself. Not shown to anyone, so the disk is not waited for.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.peek(World::next_due)
    }

    /// Looks at the world as it is in memory: nothing is brought up to date, and the disk may be behind.
    pub(super) fn peek<R>(&self, look: impl FnOnce(&World) -> R) -> R {
        self.store.peek(look)
    }

    /// Lets happen what has become due.
    pub async fn settle(&self) -> Result<(), NotStored> {
        self.write(|world, now| ((), world.settle_all(now))).await
    }

    /// Moves the clock, sets its speed, or both; where there is a file that outlives a kill. Before the
    /// turn the file is told the most that the clock may show, so a turn that fails was none and one
    /// that was seen is never taken back.
    pub async fn turn_clock(
        &self,
        step: Option<SignedDuration>,
        speed: Option<f64>,
    ) -> Result<(), NotTurned> {
        SimClock::check(step, speed)?;
        let _one_by_one = self.turning.lock().await;
        self.keep_clock(self.clock.mark().at_most(step, speed)).await?;
        step.map_or(Ok(()), |step| self.clock.advance(step))?;
        speed.map_or(Ok(()), |speed| self.clock.set_speed(speed))?;
        if self.keep_clock(self.clock.mark()).await.is_err() {
            tracing::warn!("after a restart the clock may be ahead of what it shows now");
        }
        Ok(())
    }

    async fn keep_clock(&self, mark: Mark) -> Result<(), NotStored> {
        self.store.put_meta(CLOCK, bytes(mark)).await.map_err(|error| {
            tracing::error!(%error, "the clock's state was not written");
            NotStored
        })
    }

    /// Looks at one callout. It is brought up to date first if something of it has become due; usually
    /// nothing has, and this takes no more than the read lock.
    pub async fn look<R>(&self, callout: CalloutId, look: impl Fn(&World, Timestamp) -> R) -> R {
        self.look_when(|world, now| world.is_due(callout, now), look).await
    }

    /// Looks at many, after everything that has become due.
    pub async fn survey<R>(&self, look: impl Fn(&World, Timestamp) -> R) -> R {
        self.look_when(|world, now| world.next_due().is_some_and(|due| due <= now), look).await
    }

    async fn look_when<R>(
        &self,
        is_due: impl Fn(&World, Timestamp) -> bool,
        look: impl Fn(&World, Timestamp) -> R,
    ) -> R {
        let answer = self.store.read(|world| {
            let now = self.clock.now();
            (!is_due(world, now)).then(|| look(world, now))
        });
        if let Some(answer) = answer.await {
            return answer;
        }
        if self.settle().await.is_err() {
            tracing::warn!("the world stands still: its state cannot be stored");
        }
        // On a fast clock something may have become due meanwhile. That is for the next reader.
        self.store.read(|world| look(world, self.clock.now())).await
    }

    /// Looks at what is on the disk, with nothing brought up to date for it.
    pub(super) async fn read<R>(&self, look: impl Fn(&World) -> R) -> R {
        self.store.read(look).await
    }

    /// How the state file does; `None` without one.
    pub fn state_file(&self) -> Option<FileStats> {
        self.store.stats()
    }

    /// Stores what is under way and closes the file.
    pub async fn close(&self) {
        if self.keep_clock(self.clock.mark().at_rest()).await.is_err() {
            tracing::warn!("after a restart the clock may be ahead");
        }
        self.store.close().await;
    }
}

/// A mark always has bytes; if it had none, the newest event alone would bound the clock.
fn bytes(mark: Mark) -> Vec<u8> {
    serde_json::to_vec(&mark).unwrap_or_default()
}

/// Off the runtime's threads: a large file takes seconds.
async fn read_file(
    path: std::path::PathBuf,
    seed: u64,
) -> Result<crate::sim::store::Opened<World>, StoreError> {
    let reading = tokio::task::spawn_blocking(move || Store::open(&path, move || World::new(seed)));
    match reading.await {
        Ok(opened) => opened,
        Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
    }
}
