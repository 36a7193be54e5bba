//! A stream of events while it is open.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use http::StatusCode;
use http::header::{ACCEPT, CACHE_CONTROL, HeaderMap, HeaderName, HeaderValue};
use sse_stream::{Sse, SseByteStream};

use super::blocks::{Blocks, LARGEST};
use crate::error::{Error, WasSent};
use crate::operations::inbound;
use crate::request::{Heard, Request};
use crate::retry::Surroundings;
use crate::streams::{self, Inner, Source};
use crate::types::InboundEvent;

/// Where events come from.
pub(super) trait Door: Send + 'static {
    /// Asks for the stream of events after that one, or for the log if `log` says so.
    fn open(
        &mut self,
        after: Option<&str>,
        log: bool,
    ) -> impl Future<Output = Result<Opening, Error>> + Send;
}

/// What the service answers with.
pub(super) enum Opening {
    Stream(Inner<Bytes>),
    Log(Vec<InboundEvent>),
    /// There are no more events (204).
    End,
}

impl Door for Request<inbound::Events> {
    async fn open(&mut self, after: Option<&str>, log: bool) -> Result<Opening, Error> {
        let mut headers = HeaderMap::new();
        let accept = if log {
            "application/json"
        } else {
            "text/event-stream"
        };
        headers.insert(ACCEPT, HeaderValue::from_static(accept));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        // An id that cannot be a header is not sent.
        if let Some(id) = after.and_then(|id| HeaderValue::from_bytes(id.as_bytes()).ok()) {
            headers.insert(HeaderName::from_static("last-event-id"), id);
        }
        let response = *self.listen(headers).await?;
        Ok(match response.value {
            Heard::Events(events) => Opening::Stream(streams::stream(Body(events))),
            Heard::Value(_) if response.status == StatusCode::NO_CONTENT => Opening::End,
            Heard::Value(log) => Opening::Log(log.items.unwrap_or_default()),
        })
    }
}

/// The body of an answer.
struct Body(reqwest::Response);

impl Source for Body {
    type Item = Bytes;

    async fn next(&mut self) -> Option<Result<Bytes, Error>> {
        let chunk = self.0.chunk().await.transpose()?;
        Some(chunk.map_err(|error| Error::transport(error, WasSent::Yes)))
    }
}

/// An open stream of events.
pub(super) struct Connection {
    blocks: SseByteStream<Inner<Bytes>>,
    /// Whether the block that ended last was too large.
    cut: Arc<AtomicBool>,
}

/// What comes from one.
pub(super) enum Came {
    Block(Sse),
    /// One that was too large.
    Large,
    /// No more.
    End(Error),
}

impl Connection {
    pub(super) fn new(
        chunks: Inner<Bytes>,
        around: impl Surroundings + 'static,
        idle: Duration,
    ) -> Self {
        let cut = Arc::<AtomicBool>::default();
        let pieces = Pieces {
            chunks,
            around,
            idle,
            blocks: Blocks::new(LARGEST),
            cut: Arc::clone(&cut),
        };
        Self {
            blocks: SseByteStream::new(streams::stream(pieces)),
            cut,
        }
    }

    pub(super) async fn next(&mut self) -> Came {
        let block = self.blocks.next().await;
        // The parser takes one piece at a time, and a piece ends with its block.
        if self.cut.swap(false, Relaxed) {
            return Came::Large;
        }
        match block {
            Some(Ok(block)) => Came::Block(block),
            Some(Err(sse_stream::Error::Body(error))) => Came::End(
                error
                    .downcast::<Error>()
                    .map_or_else(|_| Error::stream_ended(), |error| *error),
            ),
            Some(Err(_)) | None => Came::End(Error::stream_ended()),
        }
    }
}

/// The body in pieces of one block at most; silence is an error.
struct Pieces<S> {
    chunks: Inner<Bytes>,
    around: S,
    idle: Duration,
    blocks: Blocks,
    cut: Arc<AtomicBool>,
}

impl<S: Surroundings + 'static> Source for Pieces<S> {
    type Item = Bytes;

    async fn next(&mut self) -> Option<Result<Bytes, Error>> {
        loop {
            if let Some(piece) = self.blocks.pop() {
                if piece.cut {
                    self.cut.store(true, Relaxed);
                }
                return Some(Ok(piece.bytes));
            }
            let chunk = tokio::select! {
                biased;
                chunk = self.chunks.next() => chunk?,
                () = self.around.sleep(self.idle) => Err(Error::stream_silent()),
            };
            match chunk {
                Ok(chunk) => self.blocks.push(&chunk),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}
