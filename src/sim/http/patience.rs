//! How long a connection may keep us waiting. hyper's own header timeout also runs while a kept-alive
//! connection is idle; at ten seconds it would cut off a client that polls every fifteen, and now and
//! then in the middle of its next request. So the waits are told apart here. hyper has no limit at all
//! for a peer that asks and never reads: its reply would be kept for ever.
//!
//! A fault (see [`super::edge`]) breaks a connection off here too, below hyper, since no HTTP library
//! can be asked for bytes that are no HTTP.

use super::limits::Limits;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

const HEADERS: u8 = 0;
const IDLE: u8 = 1;
const ANSWERING: u8 = 2;

/// How a connection is broken off in place of a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Break {
    /// These bytes, or none, and then the end.
    Bytes(Vec<u8>),
    /// RST instead of FIN.
    Reset,
}

/// What the connection is doing; shared between the stream and the service that answers on it.
#[derive(Clone, Debug, Default)]
pub struct Stage(Arc<Doing>);

#[derive(Debug, Default)]
struct Doing {
    wait: AtomicU8,
    broken: OnceLock<Break>,
}

impl Stage {
    /// A request is being answered. The request's own timeout counts then.
    pub fn answering(&self) {
        self.0.wait.store(ANSWERING, Ordering::Release);
    }

    pub fn idle(&self) {
        self.0.wait.store(IDLE, Ordering::Release);
    }

    /// From now on nothing that hyper writes is sent.
    pub fn break_off(&self, how: Break) {
        // A connection breaks once; a second way to break it comes too late.
        let _broken_already = self.0.broken.set(how);
    }

    fn wait(&self) -> u8 {
        self.0.wait.load(Ordering::Acquire)
    }

    /// The first bytes after an idle time begin a request.
    fn received(&self) -> bool {
        self.0.wait.compare_exchange(IDLE, HEADERS, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

/// A stream whose peer can be told that the connection is no more.
pub trait Peer {
    /// Makes the end of the stream a reset.
    fn reset_at_end(&self) -> io::Result<()>;
}

impl Peer for TcpStream {
    fn reset_at_end(&self) -> io::Result<()> {
        self.set_zero_linger()
    }
}

/// A stream that ends with a timeout when its peer is too slow.
#[derive(Debug)]
pub struct Patient<S> {
    stream: S,
    stage: Stage,
    limits: Limits,
    timer: Pin<Box<Sleep>>,
    /// The wait that the timer measures.
    measured: Option<u8>,
    /// Since the peer stopped fetching its reply.
    stuck: Option<Pin<Box<Sleep>>>,
    /// How much of a [`Break::Bytes`] is sent.
    sent: usize,
}

impl<S> Patient<S> {
    pub fn new(stream: S, stage: Stage, limits: Limits) -> Self {
        let timer = Box::pin(sleep_until(Instant::now() + limits.headers));
        Self { stream, stage, limits, timer, measured: None, stuck: None, sent: 0 }
    }

    fn overdue(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let wait = self.stage.wait();
        let limit = match wait {
            HEADERS => self.limits.headers,
            IDLE => self.limits.idle,
            _ => {
                self.measured = None;
                return Poll::Pending;
            }
        };
        if self.measured.replace(wait) != Some(wait) {
            self.timer.as_mut().reset(Instant::now() + limit);
        }
        self.timer.as_mut().poll(cx)
    }

    /// What became of a write: one that waits does so until the reply's time is over. Bytes that trickle
    /// out do not stop that clock, only a reply that was fetched whole.
    fn fetched(&mut self, written: Poll<io::Result<usize>>, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if written.is_ready() && self.stuck.is_none() {
            return written;
        }
        let until = || Box::pin(sleep_until(Instant::now() + self.limits.reply));
        let stuck = self.stuck.get_or_insert_with(until);
        match stuck.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => written,
        }
    }
}

impl<S: AsyncWrite + Peer + Unpin> Patient<S> {
    /// In place of what hyper wants to say.
    fn break_off(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        match self.stage.0.broken.get() {
            Some(Break::Reset) => self.stream.reset_at_end()?,
            Some(Break::Bytes(bytes)) => {
                while self.sent < bytes.len() {
                    let rest = &bytes[self.sent..];
                    self.sent += ready!(Pin::new(&mut self.stream).poll_write(cx, rest))?.max(1);
                }
            }
            None => {}
        }
        // hyper lets go of the stream then, and that is its end.
        Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()))
    }

    fn is_broken(&self) -> bool {
        self.stage.0.broken.get().is_some()
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if let Poll::Ready(read) = Pin::new(&mut self.stream).poll_read(cx, buffer) {
            if self.stage.received() {
                self.measured = None;
            }
            return Poll::Ready(read);
        }
        ready!(self.overdue(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncWrite + Peer + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        if self.is_broken() {
            return self.break_off(cx);
        }
        let written = Pin::new(&mut self.stream).poll_write(cx, buffer);
        self.fetched(written, cx)
    }

    /// hyper asks for this once all that it had is written.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stuck = None;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.is_broken() {
            return self.break_off(cx);
        }
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, buffers);
        self.fetched(written, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    impl Peer for DuplexStream {
        fn reset_at_end(&self) -> io::Result<()> {
            Ok(())
        }
    }

    fn patient(stream: DuplexStream, stage: &Stage) -> Patient<DuplexStream> {
        Patient::new(stream, stage.clone(), Limits::default())
    }

    #[tokio::test(start_paused = true)]
    async fn headers_must_come_in_ten_seconds_even_byte_by_byte() {
        let (mut client, server) = duplex(64);
        let mut server = patient(server, &Stage::default());
        let began = Instant::now();
        let trickle = tokio::spawn(async move {
            while client.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
        let mut heard = Vec::new();
        let error = server.read_to_end(&mut heard).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(began.elapsed().as_secs(), 10);
        drop(server);
        trickle.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_connection_may_wait_longer_and_then_has_ten_seconds_again() {
        let (mut client, server) = duplex(64);
        let stage = Stage::default();
        let mut server = patient(server, &stage);
        stage.idle();
        let began = Instant::now();
        let poll = tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(60)).await;
            client.write_all(b"GET").await.unwrap();
            client
        });
        let mut three = [0; 3];
        server.read_exact(&mut three).await.unwrap();
        assert_eq!(began.elapsed().as_secs(), 60);
        let _client = poll.await.unwrap();
        assert!(server.read_exact(&mut three).await.is_err());
        assert_eq!(began.elapsed().as_secs(), 70);
    }

    #[tokio::test(start_paused = true)]
    async fn while_it_is_answered_nothing_runs_out() {
        let (_client, server) = duplex(64);
        let stage = Stage::default();
        let mut server = patient(server, &stage);
        stage.answering();
        let waited = tokio::time::timeout(Duration::from_secs(300), server.read_u8()).await;
        assert!(waited.is_err(), "ended by itself");
    }

    #[tokio::test(start_paused = true)]
    async fn a_reply_must_be_fetched_even_byte_by_byte() {
        for step in [None, Some(1)] {
            let (mut client, server) = duplex(64);
            let mut server = patient(server, &Stage::default());
            let began = Instant::now();
            let reader = tokio::spawn(async move {
                let Some(seconds) = step else { return std::future::pending().await };
                while client.read_u8().await.is_ok() {
                    tokio::time::sleep(Duration::from_secs(seconds)).await;
                }
            });
            let error = server.write_all(&[b'x'; 1_000]).await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::TimedOut);
            assert_eq!(began.elapsed().as_secs(), 30, "{step:?}");
            reader.abort();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_reader_that_fetches_each_piece_is_waited_for() {
        let (mut client, server) = duplex(8);
        let mut server = patient(server, &Stage::default());
        let reader = tokio::spawn(async move {
            let mut piece = [0; 16];
            for _ in 0..5 {
                tokio::time::sleep(Duration::from_secs(20)).await;
                client.read_exact(&mut piece).await.unwrap();
            }
        });
        for _ in 0..5 {
            server.write_all(&[b'x'; 16]).await.unwrap();
            server.flush().await.unwrap();
        }
        reader.await.unwrap();
    }

    #[tokio::test]
    async fn a_broken_connection_says_what_the_fault_says_and_ends() {
        let (mut client, server) = duplex(64);
        let stage = Stage::default();
        let mut server = patient(server, &stage);
        stage.break_off(Break::Bytes(b"lorem".to_vec()));
        stage.break_off(Break::Reset);
        assert!(server.write_all(b"HTTP/1.1 200 OK").await.is_err());
        drop(server);
        let mut heard = Vec::new();
        client.read_to_end(&mut heard).await.unwrap();
        assert_eq!(heard, b"lorem");
    }
}
