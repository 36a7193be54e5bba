//! Each class of operation under each fault: what the error says, how often it was sent, how long it took.
//!
//! The table is the promise: a change of it is a change of behaviour. `README.md` shows it.

use std::fmt::{self, Write};
use std::time::{Duration, Instant};

use kallyai_sdk::auth::{Credentials, MemoryStore, TokenSet};
use kallyai_sdk::types::{CallRequest, CallerIdRequest, QuickSearchRequest};
use kallyai_sdk::{Client, ClientBuilder, Error, ErrorKind, WasSent};

use super::all_pass;
use super::server::{Fault, Server};

/// How long one attempt may take here.
const ATTEMPT: Duration = Duration::from_secs(1);
/// The same with three attempts to renew a token in it.
const RENEWAL: Duration = Duration::from_secs(5);
/// How long any of it may take: three attempts and the longest waits between them, twice, because a call
/// is also looked for.
const LONGEST: Duration = Duration::from_secs(12);
/// How long a stream is looked at that tells nothing: it connects again for minutes before it does. Long
/// enough for a second attempt in any case.
const LOOKED_AT: Duration = Duration::from_millis(3500);

/// The classes of operations; the operation that stands for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// `calls_get`
    Read,
    /// `phone_set_caller_id`
    Put,
    /// `calls_create`, and the service is trusted to keep keys.
    TrustedCall,
    /// `calls_create`
    Call,
    /// `search_quick`
    Post,
    /// `phone_release`
    Delete,
    /// `auth_refresh_token`, for a read whose token has expired.
    SignIn,
    /// `inbound_events` as a stream, up to its first item.
    Stream,
}

use Class::{Call, Delete, Post, Put, Read, SignIn, Stream, TrustedCall};

impl Class {
    const ALL: [Self; 8] = [Read, Put, TrustedCall, Call, Post, Delete, SignIn, Stream];

    /// How a request of it begins.
    fn beginning(self) -> &'static str {
        match self {
            Read => "GET /v1/calls/c1 ",
            Put => "PUT /v1/phone-numbers/n1/caller-id ",
            TrustedCall | Call => "POST /v1/calls ",
            Post => "POST /v1/search/quick ",
            Delete => "DELETE /v1/phone-numbers/n1 ",
            SignIn => "POST /v1/auth/refresh ",
            Stream => "GET /v1/inbound/events ",
        }
    }

    async fn send(self, client: &Client) -> Result<(), Error> {
        match self {
            Read | SignIn => client.calls().get("c1").await.map(drop),
            Put => {
                let name = CallerIdRequest::new("Bistro");
                client.phone().set_caller_id("n1", name).await.map(drop)
            }
            TrustedCall | Call => {
                let number = "+12025550199".parse().unwrap();
                let request = CallRequest::general(number, "Ask when they open");
                client.calls().create(request).await.map(drop)
            }
            Post => {
                let request = QuickSearchRequest::new("a dentist");
                client.search().quick(request).await.map(drop)
            }
            Delete => client.phone().release("n1").await.map(drop),
            Stream => {
                let mut events = client.inbound().events().stream();
                let item = events.next().await.expect("it does not end");
                match &item {
                    Ok(event) => assert_eq!(event.id(), Some("e1")),
                    Err(_) => assert!(events.next().await.is_none(), "it goes on"),
                }
                item.map(drop)
            }
        }
    }
}

/// What comes of it.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Fine,
    Error(ErrorKind, WasSent),
    /// Nothing is told, and it goes on trying.
    Pending,
}

use ErrorKind::{Api, Decode, RateLimit, Timeout, Transport};
use Outcome::{Error as Fails, Fine, Pending};
use WasSent::{Maybe, No, Yes};

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fine => f.write_str("fine"),
            Fails(kind, sent) => {
                let sent = format!("{sent:?}").to_lowercase();
                write!(f, "{kind:?}, {sent}")
            }
            Pending => f.write_str("pending"),
        }
    }
}

/// What must come of it, and how often the server must have heard of it: at least, while it is pending.
#[rustfmt::skip]
fn expected(fault: Fault, class: Class) -> (Outcome, usize) {
    if class == Stream {
        return match fault {
            // Nothing arrives that could be counted.
            Fault::Refused     => (Pending, 0),
            // What can pass is not told before the eleventh time in a row.
            Fault::ResetBefore | Fault::ResetAfter | Fault::HalfRequest | Fault::CutBody
            | Fault::SlowHeaders | Fault::Stalled | Fault::TooMany | Fault::ClockJump
            | Fault::Failure | Fault::Page | Fault::GzipBomb
                               => (Pending, 2),
            Fault::Burst       => (Fine, 3),
            // An open stream has no limit of time.
            Fault::SlowBody    => (Fine, 1),
            // An event is given whatever its data are.
            Fault::BrokenJson  => (Fine, 1),
            // These do not pass.
            Fault::Certificate => (Fails(Transport, No), 0),
            Fault::Redirect    => (Fails(Api, Yes), 1),
        };
    }
    // May be sent again when nobody knows whether it was done.
    let again = matches!(class, Read | Put | TrustedCall | SignIn);
    let often = |again: bool| if again { 3 } else { 1 };
    // A token that cannot be had keeps the request from being sent.
    let sent = |was| if class == SignIn { No } else { was };
    // The service has answered, and a call may ring: it was looked for, and is not in the list.
    let begun = if matches!(class, Call | TrustedCall) { Maybe } else { sent(Yes) };
    match fault {
        Fault::Refused     => (Fails(Transport, No), 0),
        Fault::Certificate => (Fails(Transport, No), 0),
        Fault::ResetBefore | Fault::ResetAfter | Fault::HalfRequest
                           => (Fails(Transport, sent(Maybe)), often(again)),
        Fault::CutBody     => (Fails(Transport, begun), often(again)),
        // A refresh that is slow is not repeated: a strict service would see the token twice.
        Fault::SlowHeaders | Fault::Stalled if class == SignIn
                           => (Fails(Timeout, No), 1),
        Fault::SlowHeaders | Fault::Stalled
                           => (Fails(Timeout, Maybe), often(again)),
        Fault::SlowBody if class == SignIn
                           => (Fails(Timeout, No), 1),
        Fault::SlowBody    => (Fails(Timeout, begun), often(again)),
        Fault::TooMany | Fault::ClockJump
                           => (Fails(RateLimit, sent(Yes)), 3),
        Fault::Burst if again
                           => (Fine, 3),
        Fault::Burst       => (Fails(Api, Maybe), 1),
        Fault::Failure     => (Fails(Api, sent(Maybe)), often(again)),
        Fault::BrokenJson | Fault::Page | Fault::GzipBomb
                           => (Fails(Decode, begun), 1),
        Fault::Redirect    => (Fails(Api, begun), 1),
    }
}

fn client(class: Class, server: &Server) -> ClientBuilder {
    let builder = Client::builder()
        .base_url(&server.base_url)
        .attempt_timeout(if class == SignIn { RENEWAL } else { ATTEMPT })
        .timeout(LONGEST)
        .trust_idempotency_key(class == TrustedCall);
    if class == SignIn {
        let expired = TokenSet::new("old")
            .refresh_token("first")
            .expires_at(chrono::Utc::now() - Duration::from_secs(60));
        builder.credentials(Credentials::from_store(MemoryStore::with(expired)))
    } else {
        builder.access_token("token")
    }
}

async fn one(fault: Fault, class: Class) {
    let elsewhere = Server::start(Fault::Burst, "").await;
    let server = Server::start(fault, &elsewhere.base_url).await;
    let client = client(class, &server).build().unwrap();

    let (expected, heard) = expected(fault, class);
    let limit = if expected == Pending {
        LOOKED_AT
    } else {
        LONGEST
    };
    let started = Instant::now();
    let outcome = tokio::time::timeout(limit, class.send(&client)).await.ok();
    let took = started.elapsed();

    let seen = match &outcome {
        None => Pending,
        Some(Ok(())) => Fine,
        Some(Err(error)) => Fails(error.kind(), error.was_sent()),
    };
    let what = format!("{class:?} under {fault:?}: {outcome:?}");
    assert_eq!(seen, expected, "{what}");
    let asked = server.asked(class.beginning());
    if expected == Pending && heard > 0 {
        // It waits a second first, then two: there is no time for a fourth.
        assert!((heard..=heard + 1).contains(&asked), "{what}: {asked}");
    } else {
        assert_eq!(asked, heard, "{what}");
    }
    assert!(
        expected == Pending || took < LONGEST,
        "{what} took {took:?}"
    );
    assert_eq!(elsewhere.heard(), 0, "{what} went to another host");
    if let Some(Err(error)) = outcome {
        // An error says what happened, and what can be done about it.
        assert!(!error.to_string().is_empty());
        let attempts = error.attempts() as usize;
        match fault {
            Fault::Refused if class != SignIn => assert_eq!(attempts, 3, "{what}"),
            _ if class != SignIn => assert_eq!(attempts, heard.max(1), "{what}"),
            _ => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_class_under_every_fault() {
    let mut all = Vec::new();
    for fault in Fault::ALL {
        all.extend(Class::ALL.map(|class| one(fault, class)));
    }
    all_pass(all).await;
}

/// The table as `README.md` shows it.
fn table() -> String {
    let mut table = String::from("| fault |");
    for class in Class::ALL {
        write!(table, " {class:?} |").unwrap();
    }
    table.push_str("\n|---|");
    table.push_str(&"---|".repeat(Class::ALL.len()));
    for fault in Fault::ALL {
        write!(table, "\n| `{fault:?}`: {} |", fault.words()).unwrap();
        for class in Class::ALL {
            let (outcome, heard) = expected(fault, class);
            let more = if outcome == Pending && heard > 0 {
                " or more"
            } else {
                ""
            };
            write!(table, " {outcome}, {heard}{more} |").unwrap();
        }
    }
    table
}

#[test]
fn the_readme_shows_the_table() {
    let readme = include_str!("README.md");
    let shown: Vec<&str> = readme.lines().filter(|l| l.starts_with('|')).collect();
    let table = table();
    assert!(
        shown.join("\n") == table,
        "the table of tests/faults/README.md must be:\n{table}"
    );
}
