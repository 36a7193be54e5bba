//! Lists, a page at a time.

use std::collections::HashSet;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::vec;

use futures_core::Stream;
use serde::Serialize;

use crate::error::Error;
use crate::mark::Marker;
use crate::request::{Call, Request};
use crate::retry;
use crate::streams::{self, Inner, Source, read_as_stream};

/// How many entries are asked for where neither the caller nor the spec says how many.
const USUAL: u32 = 50;

/// A request for a list that comes in pages; see [`Request::stream`].
///
/// Generated for every operation of the spec that has a `limit`.
pub trait Paged: Call + 'static {
    /// An entry of the list.
    type Item: Serialize + Send + 'static;

    /// How many entries a page has, by the spec, when no limit is sent.
    #[doc(hidden)]
    const USUAL: Option<u32>;

    /// The largest limit, by the spec.
    #[doc(hidden)]
    const LARGEST: Option<u32>;

    /// The limit and offset that the caller asked for.
    #[doc(hidden)]
    fn asked(&self) -> (Option<u32>, Option<u32>);

    /// Asks for another page.
    #[doc(hidden)]
    fn turn_to(&mut self, limit: u32, offset: u32);

    /// The entries of an answer, under whichever published name they came.
    fn items(answer: &Self::Answer) -> &[Self::Item];

    /// The entries, taken out.
    fn into_items(answer: Self::Answer) -> Vec<Self::Item>;

    /// What names an entry.
    #[doc(hidden)]
    fn id(item: &Self::Item) -> Option<&str>;

    /// How many entries there are in all, and whether there are more, as far as the answer says.
    #[doc(hidden)]
    fn told(answer: &Self::Answer) -> (Option<u64>, Option<bool>);
}

/// # Lists
///
/// For every list that has a `limit`. Those that have an `offset` too are read to their end, with one page in
/// memory at a time and nothing read ahead; of the others one page is all that the service gives.
///
/// `limit` is the size of a page; without it, it is the one that the spec names, or 50. `offset` is where
/// reading begins. For the first so many entries take `StreamExt::take` of the futures crate, or stop reading.
///
/// The end is a page that is empty, that has nothing but what the page before had, or that is shorter than a
/// page. Where no source says how large a page can be, short is what is shorter than an earlier page. `total`
/// and `has_more` are heeded where they arrive.
///
/// Each page is a request like any other: with the retries and the time limits that this one was given. After
/// an error that can pass (a broken connection, a timeout, too many requests, a failure of the service) the
/// stream can be read on, and begins with the page that failed; any other error is its last item. Dropped, it
/// closes what it has open.
impl<O: Paged> Request<O> {
    /// The entries, one after the other, with as many requests as that takes.
    ///
    /// An entry that is seen again because the list grew in the meantime is left out if it was on the page
    /// before. [Lists](Self#lists) says the rest.
    ///
    /// ```no_run
    /// # async fn example(kally: kallyai_sdk::Client) -> Result<(), kallyai_sdk::Error> {
    /// use kallyai_sdk::types::GoalStatus;
    ///
    /// let mut goals = kally.coordination().list_goals().status(GoalStatus::Active).stream();
    /// while let Some(goal) = goals.try_next().await? {
    ///     println!("{}: {}", goal.id, goal.status);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn stream(self) -> ItemStream<O::Item> {
        let items = Items::<O> {
            pages: Turner::new(self),
            rest: Vec::new().into_iter(),
        };
        ItemStream {
            inner: streams::stream(items),
        }
    }

    /// The answers as they come, a page each; what two of them have in common is in both.
    /// [Lists](Self#lists) says the rest.
    ///
    /// ```no_run
    /// # async fn example(kally: kallyai_sdk::Client) -> Result<(), kallyai_sdk::Error> {
    /// let mut pages = kally.calls().list().limit(100).pages();
    /// while let Some(page) = pages.try_next().await? {
    ///     println!("{} calls", page.calls().len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn pages(self) -> PageStream<O::Answer> {
        PageStream {
            inner: streams::stream(Answers(Turner::new(self))),
        }
    }
}

/// The entries of a list: [`Request::stream`].
#[must_use = "nothing is read before it is asked"]
pub struct ItemStream<T> {
    inner: Inner<T>,
}

/// The pages of a list: [`Request::pages`].
#[must_use = "nothing is read before it is asked"]
pub struct PageStream<T> {
    inner: Inner<T>,
}

impl<T> Stream for ItemStream<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.inner.as_mut().poll_next(context)
    }
}

read_as_stream!(ItemStream<T>, T);
impl<T> Stream for PageStream<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.inner.as_mut().poll_next(context)
    }
}

read_as_stream!(PageStream<T>, T);

/// Turns the pages of a list.
struct Turner<O: Paged> {
    request: Request<O>,
    size: u32,
    offset: u32,
    /// The longest page so far.
    longest: usize,
    marker: Marker,
    /// What was on the page before.
    before: HashSet<u64>,
    over: bool,
}

struct Page<O: Paged> {
    answer: O::Answer,
    /// Which of its entries have an id and were on the page before.
    again: Vec<bool>,
}

impl<O: Paged> Turner<O> {
    fn new(request: Request<O>) -> Self {
        let (limit, offset) = request.operation.asked();
        Self {
            size: limit.or(O::USUAL).unwrap_or(USUAL),
            offset: offset.unwrap_or(0),
            request,
            longest: 0,
            marker: Marker::default(),
            before: HashSet::new(),
            over: false,
        }
    }

    async fn next(&mut self) -> Option<Result<Page<O>, Error>> {
        if self.over {
            return None;
        }
        if O::info().pages.is_some_and(|pages| pages.offset) {
            self.request.operation.turn_to(self.size, self.offset);
        }
        match self.request.send().await {
            Ok(response) => self.turned(response.value, response.mended).map(Ok),
            Err(error) => {
                self.over = !retry::can_pass(&error);
                Some(Err(error))
            }
        }
    }

    /// The page, unless the list had ended before it.
    fn turned(&mut self, answer: O::Answer, mended: bool) -> Option<Page<O>> {
        let items = O::items(&answer);
        let marks: Vec<u64> = items.iter().map(|item| self.mark(item)).collect();
        if marks.iter().all(|mark| self.before.contains(mark)) {
            self.over = true;
            return None;
        }
        let again = items
            .iter()
            .zip(&marks)
            .map(|(item, mark)| O::id(item).is_some() && self.before.contains(mark))
            .collect();
        self.over = !self.go_on(items.len(), O::told(&answer), mended);
        self.before = marks.into_iter().collect();
        Some(Page { answer, again })
    }

    fn mark(&self, item: &O::Item) -> u64 {
        match O::id(item) {
            Some(id) => self.marker.of_text(id),
            None => self.marker.of_value(item),
        }
    }

    /// Goes on to the next page, if there can be one.
    fn go_on(
        &mut self,
        count: usize,
        (total, has_more): (Option<u64>, Option<bool>),
        mended: bool,
    ) -> bool {
        if !O::info().pages.is_some_and(|pages| pages.offset) || has_more == Some(false) {
            return false;
        }
        let Some(next) = u32::try_from(count)
            .ok()
            .and_then(|count| self.offset.checked_add(count))
        else {
            return false;
        };
        // A total that is no more than this page may be that of the page.
        let total = total.filter(|total| u64::try_from(count).is_ok_and(|count| *total > count));
        if total.is_some_and(|total| total <= u64::from(next)) {
            return false;
        }
        // A service that gives no more than so many at once cuts what is asked for.
        let whole = match O::LARGEST {
            Some(largest) => usize::try_from(self.size.min(largest)).unwrap_or(usize::MAX),
            None => self.longest,
        };
        let more = total.is_some() || has_more == Some(true);
        // Entries that could not be read are missing from the count.
        if count < whole && !more && !mended {
            return false;
        }
        self.longest = self.longest.max(count);
        self.offset = next;
        true
    }
}

struct Items<O: Paged> {
    pages: Turner<O>,
    rest: vec::IntoIter<O::Item>,
}

impl<O: Paged> Source for Items<O> {
    type Item = O::Item;

    async fn next(&mut self) -> Option<Result<O::Item, Error>> {
        loop {
            if let Some(item) = self.rest.next() {
                return Some(Ok(item));
            }
            let page = match self.pages.next().await? {
                Ok(page) => page,
                Err(error) => return Some(Err(error)),
            };
            let mut again = page.again.into_iter();
            let mut items = O::into_items(page.answer);
            items.retain(|_| !again.next().unwrap_or(false));
            self.rest = items.into_iter();
        }
    }
}

struct Answers<O: Paged>(Turner<O>);

impl<O: Paged> Source for Answers<O> {
    type Item = O::Answer;

    async fn next(&mut self) -> Option<Result<O::Answer, Error>> {
        let page = self.0.next().await?;
        Some(page.map(|page| page.answer))
    }
}

mod lists {
    //! Which lists there are.
    use super::Paged;
    use crate::types::{self, Decimal};

    /// The first that is not empty.
    fn either<L: Default + AsRef<[T]>, T, const N: usize>(lists: [L; N]) -> L {
        let mut lists = lists.into_iter();
        lists
            .find(|list| !list.as_ref().is_empty())
            .unwrap_or_default()
    }

    include!(concat!(env!("OUT_DIR"), "/pages.rs"));
}
