//! What all streams of this library are made of.
//!
//! What a stream waits for stays in it: a `next()` that is dropped in a `select!` has lost nothing. All that
//! it holds goes with it.

use std::pin::Pin;

use futures_core::Stream;
use futures_util::StreamExt;
use futures_util::stream::unfold;

use crate::error::Error;

pub(crate) type Inner<T> = Pin<Box<dyn Stream<Item = Result<T, Error>> + Send>>;

/// Something that is asked again and again.
pub(crate) trait Source: Send + 'static {
    type Item;

    /// The next one; after `None` it is not asked again.
    fn next(&mut self) -> impl Future<Output = Option<Result<Self::Item, Error>>> + Send;
}

pub(crate) fn stream<S: Source>(source: S) -> Inner<S::Item> {
    let stream = unfold(source, |mut source| async move {
        let next = source.next().await?;
        Some((next, source))
    });
    Box::pin(stream.fuse())
}

/// Gives a stream its ways to be read without the futures crate.
macro_rules! read_as_stream {
    ($name:ident $(<$of:ident>)?, $item:ty) => {
        impl $(<$of>)? $name $(<$of>)? {
            /// The next one, or `None` at the end. Dropped before it is ready, it loses nothing.
            pub async fn next(&mut self) -> Option<Result<$item, Error>> {
                std::future::poll_fn(|context| {
                    futures_core::Stream::poll_next(std::pin::Pin::new(&mut *self), context)
                })
                .await
            }

            /// The next one, or `None` at the end, for `while let Some(..) = stream.try_next().await?`.
            /// Dropped before it is ready, it loses nothing.
            ///
            /// # Errors
            ///
            /// What the request failed with.
            pub async fn try_next(&mut self) -> Result<Option<$item>, Error> {
                self.next().await.transpose()
            }
        }

        impl $(<$of>)? std::fmt::Debug for $name $(<$of>)? {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    };
}

pub(crate) use read_as_stream;
