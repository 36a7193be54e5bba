//! The file that the vendor's own tools read and write, both ways.

use std::fs::{File, OpenOptions};
use std::io::{Seek, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use kallyai_sdk::auth::{FileStore, TokenSet, TokenStore};
use serde_json::Value;
use tempfile::TempDir;

use super::{access, mode, set_mode, tokens};

fn store() -> (FileStore, TempDir) {
    let directory = tempfile::tempdir().unwrap();
    (
        FileStore::at(directory.path().join(".kallyai_token.json")),
        directory,
    )
}

fn write(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    set_mode(path, 0o600);
}

/// How the vendor's Python client reads: a token is good until `expires_at`.
fn python_reads(path: &Path, now: DateTime<Utc>) -> Option<String> {
    let file: Value = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
    let expires_at = file["expires_at"].as_f64()?;
    let current = expires_at > now.timestamp_millis() as f64 / 1000.0;
    current.then(|| file["access_token"].as_str().map(str::to_owned))?
}

/// How the vendor's MCP server reads: strictly, and a token is good until a minute before.
fn mcp_server_reads(path: &Path, now: DateTime<Utc>) -> Result<String, &'static str> {
    if mode(path) != 0o600 {
        return Err("mode");
    }
    let text = std::fs::read_to_string(path).map_err(|_| "unreadable")?;
    let file: Value = serde_json::from_str(&text).map_err(|_| "json")?;
    let token = |name: &str| file[name].as_str().filter(|token| !token.is_empty());
    let access = token("access_token").ok_or("access_token")?;
    token("refresh_token").ok_or("refresh_token")?;
    let expires_at = file["expires_at"].as_i64().ok_or("expires_at")?;
    if now.timestamp() >= expires_at - 60 {
        return Err("expired");
    }
    Ok(access.to_owned())
}

#[test]
fn what_the_vendors_tools_write_is_read() {
    let (store, _directory) = store();
    for (text, refresh, expires_at) in [
        // The Python client: a fraction, indented or not.
        (
            r#"{"access_token": "a", "refresh_token": "r", "expires_at": 1800000000.123456}"#,
            Some("r"),
            Some(1_800_000_000),
        ),
        (
            "{\n  \"access_token\": \"a\",\n  \"refresh_token\": null,\n  \"expires_at\": 1.8e9\n}",
            None,
            Some(1_800_000_000),
        ),
        // The MCP server: a whole number, and an empty text for what is missing.
        (
            r#"{"access_token":"a","refresh_token":"r","expires_at":1800000000}"#,
            Some("r"),
            Some(1_800_000_000),
        ),
        (
            "{\"access_token\":\"a\",\"refresh_token\":\"\",\"expires_at\":1800000000}\n",
            None,
            Some(1_800_000_000),
        ),
        // By hand.
        (r#"{"access_token": "a"}"#, None, None),
    ] {
        write(store.path(), text);
        let stored = store.load().unwrap().unwrap();
        assert_eq!(access(&stored), "a", "{text}");
        let read = stored.refresh_token.as_ref().map(|token| token.expose());
        assert_eq!(read, refresh, "{text}");
        let read = stored.expires_at.map(|time| time.timestamp());
        assert_eq!(read, expires_at, "{text}");
    }
}

#[test]
fn what_is_written_the_vendors_tools_read() {
    let (store, _directory) = store();
    let now = Utc::now();
    let life = |seconds| now + TimeDelta::seconds(seconds);
    let check = |real_end: DateTime<Utc>| {
        let access = "access-1".to_owned();
        let just_before = real_end - TimeDelta::seconds(125);
        assert_eq!(
            python_reads(store.path(), just_before),
            Some(access.clone())
        );
        assert_eq!(mcp_server_reads(store.path(), just_before), Ok(access));
        // Neither sends what has expired, nor what is about to.
        let too_late = real_end - TimeDelta::seconds(59);
        assert_eq!(python_reads(store.path(), too_late), None);
        assert_eq!(mcp_server_reads(store.path(), too_late), Err("expired"));
    };
    store.save(&tokens("1").expires_at(life(3600))).unwrap();
    check(life(3600));
    // With a part of a second.
    let odd = life(3600) + TimeDelta::milliseconds(999);
    store.save(&tokens("1").expires_at(odd)).unwrap();
    check(life(3600));
    // By a refresh, over what each of the tools has written.
    for expires_at in ["1800000000.5", "1800000000"] {
        let old = r#"{"access_token": "a", "refresh_token": "r", "expires_at": "#;
        write(store.path(), &format!("{old}{expires_at}}}"));
        let mut held = store.lock().unwrap();
        let old = held.load().unwrap().unwrap();
        held.replace(&old, &tokens("1").expires_at(life(7200)))
            .unwrap();
        drop(held);
        check(life(7200));
    }
}

#[test]
fn a_missing_refresh_token_is_null() {
    let (store, _directory) = store();
    for none in [TokenSet::new("a"), TokenSet::new("a").refresh_token("")] {
        store.save(&none).unwrap();
        let file: Value = serde_json::from_slice(&std::fs::read(store.path()).unwrap()).unwrap();
        assert_eq!(file["refresh_token"], Value::Null);
        assert!(file.as_object().unwrap().contains_key("refresh_token"));
    }
}

/// Writes as the vendor's clients do: in place, and private at the end only. Says how long it took.
fn write_in_place(path: &Path, text: &str) -> Duration {
    let begun = Instant::now();
    let mut file: File = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o644)
        .open(path)
        .unwrap();
    file.set_permissions(PermissionsExt::from_mode(0o644))
        .unwrap();
    let (one, other) = text.split_at(text.len() / 2);
    file.write_all(one.as_bytes()).unwrap();
    thread::sleep(Duration::from_micros(300));
    file.write_all(other.as_bytes()).unwrap();
    file.rewind().unwrap();
    thread::sleep(Duration::from_micros(300));
    file.set_permissions(PermissionsExt::from_mode(0o600))
        .unwrap();
    begun.elapsed()
}

#[test]
fn a_write_in_place_is_never_half_read() {
    let (store, _directory) = store();
    let text = |number: u32| {
        let token = char::from(if number.is_multiple_of(2) { b'x' } else { b'y' }).to_string();
        let token = token.repeat(if number.is_multiple_of(2) { 40 } else { 4000 });
        format!(r#"{{"access_token": "{token}", "refresh_token": "{token}", "expires_at": 1.8e9}}"#)
    };
    write_in_place(store.path(), &text(0));
    let done = AtomicBool::new(false);
    let (longest, loads) = thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut longest = Duration::ZERO;
            for number in 0.. {
                longest = longest.max(write_in_place(store.path(), &text(number)));
                if done.load(Ordering::Relaxed) {
                    break;
                }
                // Rarer than that in truth; often enough to be met.
                thread::sleep(Duration::from_millis(10 + u64::from(number % 5)));
            }
            longest
        });
        let begun = Instant::now();
        let mut loads = Vec::new();
        while begun.elapsed() < Duration::from_secs(2) {
            let asked = Instant::now();
            loads.push((store.load(), asked.elapsed()));
        }
        done.store(true, Ordering::Relaxed);
        (writer.join().unwrap(), loads)
    });

    let (mut short, mut long, mut again) = (0, 0, 0);
    for (loaded, took) in loads {
        let found = match loaded {
            Ok(Some(found)) => found,
            // Nobody waits for a machine so busy that a write is half done for so long.
            _ if longest > Duration::from_millis(100) => continue,
            odd => panic!("{odd:?} although no write took longer than {longest:?}"),
        };
        let token = access(&found);
        if token == "x".repeat(40) {
            short += 1;
        } else {
            assert_eq!(token, "y".repeat(4000));
            long += 1;
        }
        assert!(
            found
                .refresh_token
                .as_ref()
                .is_some_and(|other| other.expose() == token)
        );
        again += u32::from(took >= Duration::from_millis(5));
    }
    assert!(short > 0 && long > 0 && again > 0, "{short} {long} {again}");
}
