//! How long a connection may keep us waiting. hyper's own header timeout also runs while a kept-alive
//! connection is idle; at ten seconds it would cut off a client that polls every fifteen, and now and
//! then in the middle of its next request. So the two waits are told apart here.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// From the first byte of a request, or from the connection, to the end of its headers.
pub const FOR_HEADERS: Duration = Duration::from_secs(10);

/// Between two requests. Longer than the slowest poll of any client that the API allows.
pub const WHEN_IDLE: Duration = Duration::from_secs(75);

const HEADERS: u8 = 0;
const IDLE: u8 = 1;
const ANSWERING: u8 = 2;

/// What the connection is doing; shared between the stream and the service that answers on it.
#[derive(Clone, Debug, Default)]
pub struct Stage(Arc<AtomicU8>);

impl Stage {
    /// A request is being answered. The request's own timeout counts then.
    pub fn answering(&self) {
        self.0.store(ANSWERING, Ordering::Release);
    }

    pub fn idle(&self) {
        self.0.store(IDLE, Ordering::Release);
    }

    fn limit(&self) -> Option<(u8, Duration)> {
        match self.0.load(Ordering::Acquire) {
            HEADERS => Some((HEADERS, FOR_HEADERS)),
            IDLE => Some((IDLE, WHEN_IDLE)),
            _ => None,
        }
    }

    /// The first bytes after an idle time begin a request.
    fn received(&self) -> bool {
        self.0.compare_exchange(IDLE, HEADERS, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

/// A stream that ends with a timeout when its peer is too slow.
#[derive(Debug)]
pub struct Patient<S> {
    stream: S,
    stage: Stage,
    timer: Pin<Box<Sleep>>,
    /// The wait that the timer measures.
    measured: Option<u8>,
}

impl<S> Patient<S> {
    pub fn new(stream: S, stage: Stage) -> Self {
        let timer = Box::pin(sleep_until(Instant::now() + FOR_HEADERS));
        Self { stream, stage, timer, measured: None }
    }

    fn overdue(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some((wait, limit)) = self.stage.limit() else {
            self.measured = None;
            return Poll::Pending;
        };
        if self.measured.replace(wait) != Some(wait) {
            self.timer.as_mut().reset(Instant::now() + limit);
        }
        self.timer.as_mut().poll(cx)
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

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buffer)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
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
        Pin::new(&mut self.stream).poll_write_vectored(cx, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    #[tokio::test(start_paused = true)]
    async fn headers_must_come_in_ten_seconds_even_byte_by_byte() {
        let (mut client, server) = duplex(64);
        let mut server = Patient::new(server, Stage::default());
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
        let mut server = Patient::new(server, stage.clone());
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
        let mut server = Patient::new(server, stage.clone());
        stage.answering();
        let waited = tokio::time::timeout(Duration::from_secs(300), server.read_u8()).await;
        assert!(waited.is_err(), "ended by itself");
    }
}
