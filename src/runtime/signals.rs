//! Signals, as actions. Without SIGHUP a closed window would leave the process spinning on the end
//! of its input.

use crate::app::action::Exit;
use std::io;
#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

pub const SIGHUP: i32 = 1;
const SIGINT: i32 = 2;
const SIGTERM: i32 = 15;

#[cfg(unix)]
#[derive(Debug)]
pub struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

#[cfg(unix)]
impl Signals {
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    pub async fn next(&mut self) -> Exit {
        tokio::select! {
            _ = self.hangup.recv() => Exit::Signal(SIGHUP),
            _ = self.terminate.recv() => Exit::Signal(SIGTERM),
            _ = self.interrupt.recv() => Exit::Signal(SIGINT),
        }
    }
}

#[cfg(not(unix))]
#[derive(Debug)]
pub struct Signals;

#[cfg(not(unix))]
impl Signals {
    pub fn listen() -> io::Result<Self> {
        Ok(Self)
    }

    pub async fn next(&mut self) -> Exit {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        Exit::Signal(SIGINT)
    }
}
