//! What reaches the socket of a sign-in: the first byte says what is waited for, the others are connections,
//! separated by a line of three equals signs. A line that begins with `paste ` is pasted instead.

use kallyai_sdk::fuzzing::auth::SignIn;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

use crate::runtime::block_on;

/// The state that the dictionary has.
const STATE: &str = "fuzzstate";
/// One that no input has; it is of no use to say it here, since it is never in what is compared byte by byte.
const OTHER: &str = "s3cr3t-Kq7vXh2LmW9tRb4YnZc8Jd5Pf0";

/// Panics where something is wrong.
pub fn run(input: &[u8]) {
    let Some((first, rest)) = input.split_first() else {
        return;
    };
    let port = if first & 2 == 2 { 80 } else { 8740 };
    let ours = SignIn::new(STATE, port, first & 1 == 1);
    let foreign = SignIn::new(OTHER, port, first & 1 == 1);
    for connection in split(rest, b"\n===\n") {
        if let Some(text) = connection.strip_prefix(b"paste ") {
            let text = String::from_utf8_lossy(text);
            let before = ours.granted();
            let taken = ours.paste(&text);
            assert!(before.is_none() || taken.is_err(), "a sign-in ends once");
            assert_eq!(taken.is_ok(), before.is_none() && ours.granted().is_some());
            if let Err(error) = taken {
                let shown = format!("{error} {error:?}");
                assert!(text.len() < 40 || !shown.contains(&*text), "{shown}");
            }
            let _ = foreign.paste(&text);
        } else {
            let before = ours.granted();
            let (ended, answer) = ask(&ours, connection);
            assert_eq!(ended, before.is_none() && ours.granted().is_some());
            assert!(!before.is_some_and(|before| ours.granted() != Some(before)));
            plain(&answer, STATE);
            let (_, answer) = ask(&foreign, connection);
            plain(&answer, OTHER);
        }
        assert!(foreign.granted().is_none(), "ended without its state");
    }
}

/// An answer is a page that says nothing of the sign-in.
fn plain(answer: &[u8], state: &str) {
    if answer.is_empty() {
        return;
    }
    let text = std::str::from_utf8(answer).expect("pages are text");
    assert!(text.starts_with("HTTP/1."), "{text}");
    assert_eq!(
        text.matches("HTTP/1.").count(),
        1,
        "one answer a connection"
    );
    assert!(!text.contains(state), "{text}");
}

fn ask(sign_in: &SignIn, request: &[u8]) -> (bool, Vec<u8>) {
    block_on(async {
        let (mut browser, socket) = duplex(256 * 1024);
        let asking = async {
            // It may hang up in the middle.
            let _ = browser.write_all(request).await;
            let _ = browser.shutdown().await;
            let mut answer = Vec::new();
            let _ = browser.read_to_end(&mut answer).await;
            answer
        };
        tokio::join!(sign_in.serve(socket), asking)
    })
}

/// The parts between separators.
pub(crate) fn split<'a>(mut input: &'a [u8], separator: &[u8]) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    while let Some(at) = input
        .windows(separator.len())
        .position(|window| window == separator)
    {
        let (part, after) = input.split_at(at);
        parts.push(part);
        input = &after[separator.len()..];
    }
    parts.push(input);
    parts
}
