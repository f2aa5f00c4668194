//! Signals, as actions. Without SIGHUP a closed window would leave the process spinning on the end
//! of its input.

use crate::app::action::Exit;
use std::io;
#[cfg(unix)]
use std::sync::atomic::{AtomicBool, Ordering};
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

/// A console hears the signals itself.
#[cfg(unix)]
static HEARD: AtomicBool = AtomicBool::new(false);

/// As long as no console hears them, a signal ends the program after `give_back`: a question at the
/// terminal has changed it, and a killed process changes nothing back. Asked for once; the thread that
/// waits for signals stays, since a signal that somebody listened to once kills nobody any more.
#[cfg(unix)]
pub fn end_after(give_back: fn()) -> io::Result<()> {
    static WAITS: AtomicBool = AtomicBool::new(false);
    if WAITS.swap(true, Ordering::SeqCst) {
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut signals = {
        let _inside = runtime.enter();
        Signals::of_process()?
    };
    std::thread::spawn(move || {
        loop {
            let Exit::Signal(number) = runtime.block_on(signals.next()) else { continue };
            if !HEARD.load(Ordering::SeqCst) {
                give_back();
                std::process::exit(128 + number);
            }
        }
    });
    Ok(())
}

#[cfg(not(unix))]
pub fn end_after(_give_back: fn()) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
impl Signals {
    pub fn listen() -> io::Result<Self> {
        let signals = Self::of_process()?;
        HEARD.store(true, Ordering::SeqCst);
        Ok(signals)
    }

    fn of_process() -> io::Result<Self> {
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
