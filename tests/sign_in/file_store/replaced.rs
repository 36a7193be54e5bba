//! Rows 5 and 6: what a refresh writes takes the place of what it read, and of nothing else.

use std::sync::mpsc;
use std::thread;

use kallyai_sdk::auth::{FileStore, Replaced, TokenSet, TokenStore};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{access, names, tokens};

fn store() -> (FileStore, TempDir) {
    let directory = tempfile::tempdir().unwrap();
    (FileStore::at(directory.path().join("t.json")), directory)
}

fn json_in(store: &FileStore) -> Value {
    serde_json::from_slice(&std::fs::read(store.path()).unwrap()).unwrap()
}

/// Writes as somebody does who takes no lock.
fn write_unlocked(store: &FileStore, text: impl AsRef<[u8]>) {
    std::fs::write(store.path(), text).unwrap();
    #[cfg(unix)]
    super::set_mode(store.path(), 0o600);
}

#[test]
fn what_is_stored_is_loaded_and_forgotten() {
    let (store, directory) = store();
    assert!(store.load().unwrap().is_none());
    store.clear().unwrap();
    assert_eq!(names(directory.path()), [""; 0]);
    store.save(&tokens("1")).unwrap();
    let stored = store.load().unwrap().unwrap();
    assert_eq!(access(&stored), "access-1");
    assert_eq!(stored.refresh_token.unwrap().expose(), "refresh-1");
    assert_eq!(stored.expires_at.unwrap().timestamp(), 4_000_000_000 - 60);
    store.clear().unwrap();
    assert!(store.load().unwrap().is_none());
    assert_eq!(names(directory.path()), ["t.json.lock"]);
}

#[test]
fn row_05_tokens_that_are_still_there_are_replaced() {
    let (store, directory) = store();
    store.save(&tokens("1")).unwrap();
    let mut held = store.lock().unwrap();
    let old = held.load().unwrap().unwrap();
    let replaced = held.replace(&old, &tokens("2")).unwrap();
    assert!(matches!(replaced, Replaced::Stored));
    // And once more under the same lock.
    let replaced = held.replace(&tokens("2"), &tokens("3")).unwrap();
    assert!(matches!(replaced, Replaced::Stored));
    drop(held);
    assert_eq!(access(&store.load().unwrap().unwrap()), "access-3");
    assert_eq!(names(directory.path()), ["t.json", "t.json.lock"]);
}

#[test]
fn row_05_a_lock_that_changes_nothing_leaves_everything() {
    let (store, directory) = store();
    store.save(&tokens("1")).unwrap();
    let before = std::fs::read(store.path()).unwrap();
    drop(store.lock().unwrap());
    assert_eq!(std::fs::read(store.path()).unwrap(), before);
    assert_eq!(names(directory.path()), ["t.json", "t.json.lock"]);
}

#[test]
fn row_05_a_new_sign_in_stays() {
    let (store, _directory) = store();
    store.save(&tokens("1")).unwrap();
    let mut held = store.lock().unwrap();
    let old = held.load().unwrap().unwrap();
    write_unlocked(
        &store,
        r#"{"access_token": "new", "refresh_token": "newer"}"#,
    );
    let replaced = held.replace(&old, &tokens("2")).unwrap();
    assert!(matches!(replaced, Replaced::SignedInAnew(now) if access(&now) == "new"));
    drop(held);
    assert_eq!(
        json_in(&store),
        json!({"access_token": "new", "refresh_token": "newer"})
    );
}

#[test]
fn row_06_a_logout_stays() {
    let (store, directory) = store();
    store.save(&tokens("1")).unwrap();
    let mut held = store.lock().unwrap();
    let old = held.load().unwrap().unwrap();
    std::fs::remove_file(store.path()).unwrap();
    let replaced = held.replace(&old, &tokens("2")).unwrap();
    assert!(matches!(replaced, Replaced::LoggedOut));
    drop(held);
    assert_eq!(names(directory.path()), ["t.json.lock"]);
}

#[test]
fn row_06_a_logout_waits_for_a_refresh_and_wins() {
    let (store, directory) = store();
    store.save(&tokens("1")).unwrap();
    // Another store of the same process.
    let other = FileStore::at(store.path());
    let mut held = store.lock().unwrap();
    let (done, is_done) = mpsc::channel();
    let logout = thread::spawn(move || {
        other.clear().unwrap();
        done.send(()).unwrap();
    });
    let replaced = held.replace(&tokens("1"), &tokens("2")).unwrap();
    assert!(matches!(replaced, Replaced::Stored));
    assert!(is_done.try_recv().is_err());
    assert!(store.path().exists());
    drop(held);
    logout.join().unwrap();
    assert_eq!(names(directory.path()), ["t.json.lock"]);
}

#[test]
fn row_05_new_tokens_are_written_over_what_nobody_can_use() {
    for damaged in ["", "{", r#"{"access_token": ""}"#, "\u{0}\u{0}\u{0}"] {
        let (store, _directory) = store();
        store.save(&tokens("1")).unwrap();
        let mut held = store.lock().unwrap();
        write_unlocked(&store, damaged);
        let replaced = held.replace(&tokens("1"), &tokens("2")).unwrap();
        assert!(matches!(replaced, Replaced::Stored), "{damaged}");
        drop(held);
        assert_eq!(access(&store.load().unwrap().unwrap()), "access-2");

        write_unlocked(&store, damaged);
        match store.load() {
            Ok(found) => assert!(damaged.is_empty() && found.is_none(), "{damaged}"),
            Err(error) => assert!(error.to_string().contains("sign in again"), "{error}"),
        }
        store.save(&tokens("3")).unwrap();
        assert_eq!(access(&store.load().unwrap().unwrap()), "access-3");
    }
}

#[test]
fn row_05_fields_that_nobody_knows_are_kept() {
    let (store, _directory) = store();
    write_unlocked(
        &store,
        r#"{"user": {"id": 7}, "access_token": "a", "refresh_token": "", "expires_at": 1.5, "note": null}"#,
    );
    let mut held = store.lock().unwrap();
    let old = held.load().unwrap().unwrap();
    assert!(old.refresh_token.is_none());
    let mut new = tokens("2");
    new.origin = Some("https://api.kallyai.com".to_owned());
    new.scope = Some("calls:read".to_owned());
    held.replace(&old, &new).unwrap();
    assert_eq!(
        json_in(&store),
        json!({
            "user": {"id": 7},
            "note": null,
            "access_token": "access-2",
            "refresh_token": "refresh-2",
            "expires_at": 3_999_999_940_u64,
            "origin": "https://api.kallyai.com",
            "scope": "calls:read",
        })
    );
}

#[test]
fn row_22_a_file_of_ones_own_says_whose_the_tokens_are() {
    let (store, _directory) = store();
    let mut mine: TokenSet = tokens("1");
    mine.origin = Some("http://127.0.0.1:8980".to_owned());
    mine.client_id = Some("client".to_owned());
    mine.scope = Some("calls:read calls:write".to_owned());
    store.save(&mine).unwrap();
    let stored = store.load().unwrap().unwrap();
    assert_eq!(stored.origin, mine.origin);
    assert_eq!(stored.client_id, mine.client_id);
    assert_eq!(stored.scope, mine.scope);
}

#[test]
fn what_a_process_left_that_was_killed_is_removed() {
    let (store, directory) = store();
    let left = directory.path().join("t.json.tmp");
    store.save(&tokens("1")).unwrap();
    std::fs::write(&left, "half a tok").unwrap();
    store.save(&tokens("2")).unwrap();
    assert!(!left.exists());
    std::fs::write(&left, "half a tok").unwrap();
    store.clear().unwrap();
    assert_eq!(names(directory.path()), ["t.json.lock"]);
    // Even if nothing else is left.
    std::fs::write(&left, "half a tok").unwrap();
    store.clear().unwrap();
    assert!(!left.exists());
}
