//! What a token file may hold: the first byte says whose file it is, the others are its content.

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use chrono::{DateTime, Utc};
use kallyai_sdk::auth::{FileStore, TokenSet, TokenStore};
use kallyai_sdk::fuzzing::auth::{read, write};

/// 2026-01-01, so that runs can be repeated.
const NOW: i64 = 1_767_225_600;

/// Panics where something is wrong.
pub fn run(input: &[u8]) {
    let Some((first, content)) = input.split_first() else {
        return;
    };
    let shared = first % 2 == 1;
    let now = DateTime::from_timestamp(NOW, 0).expect("a time");
    if let Ok(tokens) = serde_json::from_slice::<TokenSet>(content) {
        hidden(&tokens);
        let text = serde_json::to_string(&tokens).expect("tokens are JSON");
        let again: TokenSet = serde_json::from_str(&text).expect("tokens come back");
        same(&tokens, &again);
        assert_eq!(tokens.expires_at, again.expires_at);
    }
    let Some((tokens, rest)) = read(content) else {
        return;
    };
    hidden(&tokens);
    let written = write(&tokens, rest.clone(), shared, now);
    let (again, rest_again) = read(&written).expect("what was written can be read");
    same(&tokens, &again);
    later(&tokens, &again, now);
    let ours = [
        "expires_at",
        "access_token",
        "refresh_token",
        "origin",
        "client_id",
        "scope",
    ];
    for (name, value) in rest {
        if !ours.contains(&name.as_str()) {
            assert_eq!(
                rest_again.get(&name),
                Some(&value),
                "a field of others is lost"
            );
        }
    }
    if first & 2 == 2 && written.len() < 60_000 {
        through_a_file(&written, &again);
    }
}

fn same(one: &TokenSet, other: &TokenSet) {
    assert_eq!(one.access_token.expose(), other.access_token.expose());
    let refresh = |tokens: &TokenSet| {
        let token = tokens.refresh_token.as_ref();
        token.map(|token| token.expose().to_owned())
    };
    assert_eq!(refresh(one), refresh(other));
    assert_eq!(one.scope, other.scope);
    assert_eq!(one.origin, other.origin);
    assert_eq!(one.client_id, other.client_id);
}

/// A token is never taken to live longer for having been written.
fn later(tokens: &TokenSet, again: &TokenSet, now: DateTime<Utc>) {
    if let Some(time) = tokens.expires_at {
        let written = again.expires_at.expect("a time stays a time");
        assert!(written <= time.max(now), "{written} {time}");
    }
}

fn hidden(tokens: &TokenSet) {
    let mut others = tokens.clone();
    others.access_token = "".into();
    others.refresh_token = others.refresh_token.map(|_| "".into());
    let without = format!("{others:?} {others:#?}");
    let shown = format!("{tokens:?} {tokens:#?}");
    for token in std::iter::once(&tokens.access_token).chain(&tokens.refresh_token) {
        let token = token.expose();
        assert!(!shown.contains(token) || without.contains(token), "{shown}");
    }
}

fn through_a_file(content: &[u8], expected: &TokenSet) {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    let path = PATH.get_or_init(|| {
        let name = format!("kallyai-fuzz-token-{}", std::process::id());
        std::env::temp_dir().join(name)
    });
    fs::write(path, content).expect("a file can be written");
    close(path);
    let store = FileStore::at(path);
    let loaded = store.load().expect("it can be read");
    same(&loaded.expect("there are tokens"), expected);
}

#[cfg(unix)]
fn close(path: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("it is ours");
}

#[cfg(not(unix))]
fn close(_: &std::path::Path) {}
