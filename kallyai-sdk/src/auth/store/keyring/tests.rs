use std::sync::{Arc, Once};

use chrono::{DateTime, Utc};
use keyring_core::mock;

use super::*;

/// A store in memory in the place of the system's.
fn store(name: &str) -> (KeyringStore, tempfile::TempDir) {
    static MOCK: Once = Once::new();
    MOCK.call_once(|| keyring_core::set_default_store(mock::Store::new().unwrap()));
    let directory = tempfile::tempdir().unwrap();
    let store = KeyringStore {
        name: name.to_owned(),
        lock: directory.path().join("keyring.lock"),
    };
    (store, directory)
}

fn tokens(text: &str) -> TokenSet {
    let mut tokens = TokenSet::new(format!("access-{text}"))
        .refresh_token(format!("refresh-{text}"))
        .expires_at(DateTime::<Utc>::from_timestamp(1_800_000_000, 0).unwrap());
    tokens.origin = Some("http://127.0.0.1:8980".to_owned());
    tokens.client_id = Some("client".to_owned());
    tokens
}

fn fail_once(store: &KeyringStore, error: KeyringError) {
    let entry = store.entry().unwrap();
    let mock: &mock::Cred = entry.as_any().downcast_ref().unwrap();
    mock.set_error(error);
}

#[test]
fn keeps_everything_and_forgets_it() {
    let (store, _directory) = store("keeps");
    assert!(store.load().unwrap().is_none());
    store.clear().unwrap();
    store.save(&tokens("1")).unwrap();
    let stored = store.load().unwrap().unwrap();
    assert!(stored.same_tokens(&tokens("1")));
    assert_eq!(stored.expires_at, tokens("1").expires_at);
    assert_eq!(stored.origin, tokens("1").origin);
    assert_eq!(stored.client_id, tokens("1").client_id);
    store.clear().unwrap();
    assert!(store.load().unwrap().is_none());
}

#[test]
fn row_06_a_logout_stays_one_and_so_does_a_new_sign_in() {
    let (store, _directory) = store("replaces");
    store.save(&tokens("1")).unwrap();
    let mut held = store.lock().unwrap();
    let replaced = held.replace(&tokens("1"), &tokens("2")).unwrap();
    assert!(matches!(replaced, Replaced::Stored));
    let replaced = held.replace(&tokens("1"), &tokens("3")).unwrap();
    assert!(matches!(replaced, Replaced::SignedInAnew(now) if now.same_tokens(&tokens("2"))));
    store.entry().unwrap().delete_credential().unwrap();
    let replaced = held.replace(&tokens("2"), &tokens("3")).unwrap();
    assert!(matches!(replaced, Replaced::LoggedOut));
    assert!(held.load().unwrap().is_none());
}

#[test]
fn one_at_a_time() {
    let (store, _directory) = store("locks");
    let store = Arc::new(store);
    store.save(&tokens("1")).unwrap();
    let mut held = store.lock().unwrap();
    let other = Arc::clone(&store);
    let logout = std::thread::spawn(move || other.clear());
    held.replace(&tokens("1"), &tokens("2")).unwrap();
    assert!(held.load().unwrap().is_some());
    drop(held);
    logout.join().unwrap().unwrap();
    assert!(store.load().unwrap().is_none());
}

#[test]
fn row_04_a_keyring_that_cannot_be_written_is_found_out_first() {
    let (store, _directory) = store("locked");
    store.save(&tokens("1")).unwrap();
    fail_once(&store, KeyringError::NoStorageAccess("locked".into()));
    let error = store.lock().err().unwrap();
    assert!(error.to_string().contains("locked"), "{error}");
    assert!(error.to_string().contains("FileStore"), "{error}");
    store.lock().unwrap();
}

#[test]
fn row_09_errors_say_what_to_do_and_nothing_else() {
    let (store, _directory) = store("errors");
    let secret = b"hunter2".to_vec();
    for error in [
        KeyringError::PlatformFailure("hunter2".into()),
        KeyringError::NoStorageAccess("hunter2".into()),
        KeyringError::BadEncoding(secret.clone()),
        KeyringError::BadDataFormat(secret, "hunter2".into()),
        KeyringError::NoDefaultStore,
        KeyringError::TooLong("hunter2".to_owned(), 5),
    ] {
        fail_once(&store, error);
        let error = store.load().unwrap_err();
        assert!(error.to_string().contains("FileStore"), "{error}");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
        assert!(!format!("{error:?}").contains("104, 117"));
    }
}

#[test]
fn a_damaged_entry_is_written_over() {
    let (store, _directory) = store("damaged");
    for damaged in [
        "",
        "{",
        r#"{"access_token": ""}"#,
        r#"{"access_token": "hunter2"#,
    ] {
        let entry = store.entry().unwrap();
        entry.set_secret(damaged.as_bytes()).unwrap();
        let error = store.load().unwrap_err();
        assert!(error.to_string().contains("sign in again"), "{error}");
        assert!(!format!("{error:?}").contains("hunter2"));
        let replaced = store.lock().unwrap().replace(&tokens("1"), &tokens("2"));
        assert!(matches!(replaced, Ok(Replaced::Stored)));
    }
}

#[test]
fn names() {
    assert!(KeyringStore::named("a/b").is_err());
    let store = KeyringStore::new().unwrap();
    assert_eq!(format!("{store:?}"), r#"KeyringStore("default")"#);
    assert!(store.lock.ends_with(".kallyai_keyring.default.lock"));
}

/// Needs a Secret Service, and a home directory to spare: tests/sign_in/keyring.sh gives it both.
#[test]
#[ignore = "speaks to the system's keyring"]
fn a_real_keyring() {
    assert!(keyring_core::get_default_store().is_none(), "run it alone");
    let store = KeyringStore::named("test").unwrap();
    store.clear().unwrap();
    assert!(store.load().unwrap().is_none());
    store.save(&tokens("1")).unwrap();
    let other = KeyringStore::named("test").unwrap();
    let mut held = other.lock().unwrap();
    let replaced = held.replace(&tokens("1"), &tokens("2")).unwrap();
    assert!(matches!(replaced, Replaced::Stored));
    drop(held);
    assert!(store.load().unwrap().unwrap().same_tokens(&tokens("2")));
    store.clear().unwrap();
    assert!(store.load().unwrap().is_none());
}

/// Needs a place without a keyring: tests/sign_in/keyring.sh gives it one.
#[test]
#[ignore = "speaks to the system's keyring"]
fn no_keyring() {
    assert!(keyring_core::get_default_store().is_none(), "run it alone");
    let store = KeyringStore::named("test").unwrap();
    for error in [
        store.load().unwrap_err(),
        store.lock().err().unwrap(),
        store.save(&tokens("1")).unwrap_err(),
        store.clear().unwrap_err(),
    ] {
        assert!(error.to_string().contains("no keyring"), "{error}");
        assert!(error.to_string().contains("FileStore"), "{error}");
    }
}
