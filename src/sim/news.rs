//! Who has to be told that something changed: live pages and webhooks. A client that asks needs none
//! of this; the world is brought up to date for it when it does.
//!
//! So that somebody can be told, the world must move on although nobody asks. [`keep_up`] does that
//! while somebody listens, and only then: it sleeps until the next plan is due, and with nobody there
//! it does not even do that.

use crate::sim::engine::Engine;
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// The disk took nothing: it is not asked again at once. Of the wall's clock.
const AFTER_A_FAILURE: Duration = Duration::from_secs(1);

/// Where changes are announced.
#[derive(Debug, Default)]
pub struct Desk {
    writes: watch::Sender<u64>,
    listeners: watch::Sender<usize>,
}

impl Desk {
    /// To be told of every change from now on, those included that happen by themselves.
    pub fn listen(&self) -> News {
        self.listeners.send_modify(|listeners| *listeners += 1);
        News { writes: self.writes.subscribe(), listeners: self.listeners.clone() }
    }

    /// To be told of changes that happen for other reasons: this alone keeps nothing moving.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.writes.subscribe()
    }

    /// Something is to be told once this is dropped, if [`Telling::any`] is set. On being dropped, since
    /// a change also happens when the request that made it is given up while it is on its way to the disk.
    pub fn telling(&self) -> Telling<'_> {
        Telling { desk: self, any: false }
    }
}

#[derive(Debug)]
pub struct Telling<'a> {
    desk: &'a Desk,
    pub any: bool,
}

impl Drop for Telling<'_> {
    fn drop(&mut self) {
        if self.any {
            self.desk.writes.send_modify(|writes| *writes = writes.wrapping_add(1));
        }
    }
}

/// A listener. While there is one, what is due happens without being asked for.
#[derive(Debug)]
pub struct News {
    writes: watch::Receiver<u64>,
    listeners: watch::Sender<usize>,
}

impl News {
    /// Returns after the next change of the world that has not been told yet; several may be told at
    /// once. It says only *that* something changed: look at the world to see what. `false`: there will
    /// be no more, the simulator has ended.
    pub async fn changed(&mut self) -> bool {
        self.writes.changed().await.is_ok()
    }
}

impl Drop for News {
    fn drop(&mut self) {
        self.listeners.send_modify(|listeners| *listeners = listeners.saturating_sub(1));
    }
}

/// Lets happen what is due, while somebody listens, until `stop`.
pub async fn keep_up(engine: &Engine, stop: CancellationToken) {
    let work = async {
        let mut listeners = engine.desk.listeners.subscribe();
        let mut writes = engine.desk.watch();
        while listeners.wait_for(|listeners| *listeners > 0).await.is_ok() {
            writes.mark_unchanged();
            let waited = async {
                match engine.next_due() {
                    Some(due) => engine.clock.sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                // What is due next may be due sooner now, or not at all.
                _ = writes.changed() => {}
                _ = listeners.changed() => {}
                () = waited => {
                    if engine.settle().await.is_err() {
                        tokio::time::sleep(AFTER_A_FAILURE).await;
                    }
                }
            }
        }
    };
    tokio::select! {
        () = work => {}
        () = stop.cancelled() => {}
    }
}

#[cfg(test)]
mod tests;
