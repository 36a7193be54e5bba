//! A write is there whole or not at all, whenever the process is killed.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::os::unix::process::ExitStatusExt;
use std::thread;
use std::time::{Duration, Instant};

use kallyai_sdk::auth::{FileStore, TokenSet, TokenStore};

use super::child::Executable;
use super::{access, mode};
use crate::program::{say, started};

const KILLS: u64 = 300;

/// Tokens that say themselves how long they are: of every length up to some KiB.
fn numbered(number: u64) -> TokenSet {
    let length = usize::try_from(number * 7919 % 6000).unwrap();
    let body = char::from(b'a' + u8::try_from(number % 26).unwrap()).to_string();
    let text = |kind: &str| format!("{kind}-{number}-{}", body.repeat(length));
    TokenSet::new(text("access")).refresh_token(text("refresh"))
}

fn number(tokens: &TokenSet) -> u64 {
    access(tokens).split('-').nth(1).unwrap().parse().unwrap()
}

fn is_whole(tokens: &TokenSet) -> bool {
    let expected = numbered(number(tokens));
    let refresh = |tokens: &TokenSet| {
        let token = tokens.refresh_token.as_ref();
        token.map(|token| token.expose().to_owned())
    };
    access(tokens) == access(&expected) && refresh(tokens) == refresh(&expected)
}

/// The child's part: sign-ins and refreshes in turn.
pub(super) fn write_for_ever(store: &FileStore) {
    let mut current = store.load().unwrap().unwrap();
    let mut at = number(&current);
    say("writing");
    loop {
        at += 1;
        store.save(&numbered(at)).unwrap();
        at += 1;
        let mut held = store.lock().unwrap();
        current = held.load().unwrap().unwrap();
        held.replace(&current, &numbered(at)).unwrap();
    }
}

#[test]
fn row_01_a_file_survives_300_kills() {
    let directory = tempfile::tempdir().unwrap();
    let store = FileStore::at(directory.path().join("t.json"));
    let left_over = directory.path().join("t.json.tmp");
    let executable = Executable::own();
    store.save(&numbered(0)).unwrap();

    let seed = RandomState::new().build_hasher().finish();
    let mut random = seed | 1;
    let (mut in_a_write, mut written) = (0, 0);
    for kill in 0..KILLS {
        // Xorshift: good enough to be anywhere.
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let mut child = started(&mut executable.role("write for ever", store.path()));
        thread::sleep(Duration::from_micros(random % 12_000));
        child.kill().unwrap();
        let ended = child.wait().unwrap();
        let about = format!("kill {kill}, seed {seed}");
        assert_eq!(
            ended.signal(),
            Some(9),
            "the child failed by itself: {about}"
        );

        in_a_write += u64::from(left_over.exists());
        assert_eq!(mode(store.path()), 0o600, "{about}");
        let stored = store.load().unwrap().unwrap();
        assert!(is_whole(&stored), "{about}: {}", number(&stored));
        written = number(&stored);
        let begun = Instant::now();
        let mut held = store.lock().unwrap();
        assert!(begun.elapsed() < Duration::from_secs(5), "{about}");
        assert!(is_whole(&held.load().unwrap().unwrap()), "{about}");
    }
    println!("{KILLS} kills, {in_a_write} of them in a write, {written} writes, seed {seed}");
    assert!(in_a_write > 0, "no kill has hit a write; seed {seed}");
    assert!(!left_over.exists());
}
