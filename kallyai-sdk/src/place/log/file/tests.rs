use std::collections::HashSet;
use std::io::Write;
use std::sync::Arc;
use std::thread;

use chrono::Utc;
use tempfile::TempDir;

use super::*;
use crate::types::CallRequest;

fn placement(key: &str, task: &str) -> Placement {
    let request = CallRequest::general("+12025550199".parse().unwrap(), task);
    let fingerprint = super::super::super::Fingerprint::of_request(&request);
    Placement::of(key.to_owned(), fingerprint, Utc::now())
}

fn begin(log: &FilePlaceLog, key: &str) -> Begun {
    log.begin(&placement(key, "Ask when they open")).unwrap()
}

/// Settles what is there, if it is.
fn settle(log: &dyn PlaceLog, key: &str, settled: &Settled) {
    let entries = log.entries().unwrap();
    let entry = entries.into_iter().find(|e| e.placement.key() == key);
    let placement = entry.map_or_else(|| placement(key, "Ask"), |entry| entry.placement);
    log.settle(&placement, settled).unwrap();
}

fn dialled(id: &str) -> Settled {
    Settled::Dialled(id.to_owned())
}

/// A log, and another one of the same file: another process has no more in common.
fn two() -> (TempDir, FilePlaceLog, FilePlaceLog) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("calls.log");
    let (one, other) = (FilePlaceLog::at(&path), FilePlaceLog::at(&path));
    (directory, one, other)
}

fn add(log: &FilePlaceLog, text: &[u8]) {
    let mut file = File::options().append(true).open(log.path()).unwrap();
    file.write_all(text).unwrap();
}

fn keys(log: &FilePlaceLog) -> Vec<String> {
    let entries = log.entries().unwrap();
    let keys = entries.iter().map(|entry| entry.placement.key().to_owned());
    keys.collect()
}

#[test]
fn what_is_begun_is_there_for_others() {
    let (_directory, one, other) = two();
    assert_eq!(begin(&one, "a"), Begun::New);
    let Begun::Existing(entry) = begin(&other, "a") else {
        panic!("it is there");
    };
    assert_eq!(entry.settled, None);
    assert_eq!(other.unsettled().unwrap(), [entry.placement]);

    settle(&other, "a", &dialled("call-1"));
    let Begun::Existing(entry) = begin(&one, "a") else {
        panic!("it is there");
    };
    assert_eq!(entry.settled, Some(dialled("call-1")));
    assert!(one.unsettled().unwrap().is_empty());
}

#[test]
fn what_was_not_dialled_gives_way_to_the_same_call() {
    let (_directory, one, other) = two();
    begin(&one, "a");
    settle(&one, "a", &Settled::NotDialled);
    let another = placement("a", "Ask when they close");
    assert!(matches!(other.begin(&another), Ok(Begun::Existing(_))));
    assert_eq!(begin(&other, "a"), Begun::New);
    assert_eq!(one.unsettled().unwrap().len(), 1);
}

#[test]
fn what_was_dialled_or_sent_by_others_is_never_settled_as_not_dialled() {
    let (_directory, one, other) = two();
    let memory = super::super::MemoryPlaceLog::new();
    let logs: [(&dyn PlaceLog, &dyn PlaceLog); 2] = [(&one, &other), (&memory, &memory)];
    for (one, other) in logs {
        let settled = |key: &str| {
            let mut entries = one.entries().unwrap().into_iter();
            entries.find(|e| e.placement.key() == key).unwrap().settled
        };
        // Another process has dialled.
        let dialled_there = placement("dialled", "Ask");
        one.begin(&dialled_there).unwrap();
        other.settle(&dialled_there, &dialled("call-1")).unwrap();
        one.settle(&dialled_there, &Settled::NotDialled).unwrap();
        assert_eq!(settled("dialled"), Some(dialled("call-1")));
        assert!(!other.send_again(&dialled_there).unwrap());

        // Another process is about to.
        let sent_there = placement("sent", "Ask");
        one.begin(&sent_there).unwrap();
        assert!(other.send_again(&sent_there).unwrap());
        assert!(other.send_again(&sent_there).unwrap());
        one.settle(&sent_there, &Settled::NotDialled).unwrap();
        assert_eq!(settled("sent"), None);
        assert!(matches!(one.begin(&sent_there), Ok(Begun::Existing(entry)) if entry.sent_again));
        other.settle(&sent_there, &dialled("call-2")).unwrap();
        assert_eq!(settled("sent"), Some(dialled("call-2")));

        // Another process has begun it anew.
        let before = placement("anew", "Ask");
        let anew = Placement::of("anew".to_owned(), before.fingerprint(), Utc::now());
        assert_ne!(before, anew);
        one.begin(&before).unwrap();
        one.forget("anew").unwrap();
        other.begin(&anew).unwrap();
        one.settle(&before, &Settled::NotDialled).unwrap();
        assert_eq!(settled("anew"), None);
        assert!(!one.send_again(&before).unwrap());
        other.settle(&anew, &Settled::NotDialled).unwrap();
        assert_eq!(settled("anew"), Some(Settled::NotDialled));
        assert!(!one.send_again(&anew).unwrap());
        // What was never there is not sent.
        assert!(!one.send_again(&placement("never", "Ask")).unwrap());
    }
}

#[test]
fn what_is_forgotten_is_gone() {
    let (_directory, one, other) = two();
    begin(&one, "a");
    begin(&one, "b");
    other.forget("a").unwrap();
    other.forget("never").unwrap();
    settle(&one, "a", &dialled("call-1"));
    assert_eq!(keys(&one), ["b"]);
    assert_eq!(begin(&one, "a"), Begun::New);
}

#[test]
fn one_of_many_begins() {
    let directory = tempfile::tempdir().unwrap();
    let path = Arc::new(directory.path().join("calls.log"));
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let path = Arc::clone(&path);
            thread::spawn(move || {
                let log = FilePlaceLog::at(&*path);
                let new = (0..20).filter(|key| begin(&log, &key.to_string()) == Begun::New);
                new.count()
            })
        })
        .collect();
    let begun: usize = threads.into_iter().map(|t| t.join().unwrap()).sum();
    assert_eq!(begun, 20);
}

#[test]
fn a_torn_last_line_is_cut() {
    let (_directory, one, other) = two();
    for torn in [&b"{\"state\":\"unset"[..], b"\0\0\0\0", b"{"] {
        begin(&one, "a");
        add(&one, torn);
        assert_eq!(keys(&other), ["a"]);
        assert_eq!(begin(&other, "b"), Begun::New);
        assert_eq!(keys(&one).len(), 2);
        assert_eq!(keys(&FilePlaceLog::at(one.path())).len(), 2);
        one.forget("b").unwrap();
    }
}

#[test]
fn every_torn_file_is_read_without_its_last_line() {
    let (directory, one, _) = two();
    begin(&one, "a");
    begin(&one, "b");
    let whole = std::fs::read(one.path()).unwrap();
    let ends: Vec<usize> = (0..whole.len()).filter(|at| whole[*at] == b'\n').collect();
    for length in 0..whole.len() {
        let path = directory.path().join(format!("{length}.log"));
        std::fs::write(&path, &whole[..length]).unwrap();
        let log = FilePlaceLog::at(path);
        let lines = ends.iter().filter(|end| **end < length).count();
        assert_eq!(keys(&log).len(), lines.saturating_sub(1), "{length}");
        assert_eq!(begin(&log, "c"), Begun::New);
        assert!(keys(&log).contains(&"c".to_owned()));
    }
}

#[test]
fn a_damaged_line_stops_everything_and_is_not_shown() {
    let (_directory, one, other) = two();
    begin(&one, "a");
    add(&one, b"hunter2\n");
    for log in [&one, &other, &FilePlaceLog::at(one.path())] {
        for _ in 0..2 {
            let error = log.begin(&placement("b", "Ask")).unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(shown.contains("line 3 of"), "{shown}");
            assert!(!shown.contains("hunter2"), "{shown}");
            assert!(
                log.entries().is_err()
                    && log.settle(&placement("a", "Ask"), &dialled("x")).is_err()
            );
        }
    }
}

#[test]
fn another_file_is_not_touched() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("letter.txt");
    let token = "{\"access_token\":\"example\"}";
    for text in [
        "Dear Sir,\n",
        "{\"kallyai_place_log\":2,\"id\":\"x\"}\n",
        "Dear Sir,",
        token,
    ] {
        std::fs::write(&path, text).unwrap();
        let error = FilePlaceLog::at(&path).begin(&placement("a", "Ask"));
        assert!(error.unwrap_err().to_string().contains("newer version"));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }
}

#[test]
fn it_is_written_anew_when_most_lines_are_old() {
    let (_directory, one, other) = two();
    begin(&one, "kept");
    begin(&one, "gone");
    one.forget("gone").unwrap();
    begin(&other, "a");
    for round in 0..600 {
        settle(&one, "a", &dialled(&format!("call-{round}")));
        settle(&one, "a", &dialled("call"));
    }
    let lines = std::fs::read_to_string(one.path()).unwrap().lines().count();
    assert!(lines < 400, "{lines}");
    // Whoever knew the old file reads the new one.
    assert_eq!(keys(&other), ["kept", "a"]);
    settle(&other, "kept", &dialled("call-kept"));
    assert!(one.unsettled().unwrap().is_empty());
    assert_eq!(keys(&FilePlaceLog::at(one.path())), ["kept", "a"]);
}

#[test]
fn it_holds_no_number_and_no_task() {
    let (_directory, one, _) = two();
    begin(&one, "a");
    settle(&one, "a", &dialled("call-1"));
    let text = std::fs::read_to_string(one.path()).unwrap();
    assert!(
        !text.contains("2025550199") && !text.contains("open"),
        "{text}"
    );
    let shown = format!("{one:?} {:?} {:?}", one.entries(), placement("a", "Ask"));
    assert!(
        !shown.contains("2025550199") && !shown.contains("Ask"),
        "{shown}"
    );
}

#[cfg(unix)]
#[test]
fn only_its_owner_can_open_it() {
    use std::os::unix::fs::PermissionsExt;

    let (directory, one, other) = two();
    begin(&one, "a");
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(one.path()), 0o600);
    std::fs::set_permissions(one.path(), PermissionsExt::from_mode(0o644)).unwrap();
    begin(&other, "b");
    assert_eq!(mode(one.path()), 0o600);
    assert_eq!(mode(&directory.path().join("calls.log.lock")), 0o600);
    let link = directory.path().join("link.log");
    std::os::unix::fs::symlink(one.path(), &link).unwrap();
    assert!(
        FilePlaceLog::at(link)
            .begin(&placement("c", "Ask"))
            .is_err()
    );
}

#[test]
fn where_nothing_can_be_written_nothing_begins() {
    let directory = tempfile::tempdir().unwrap();
    let log = FilePlaceLog::at(directory.path().join("none/calls.log"));
    let error = log.begin(&placement("a", "Ask")).unwrap_err();
    assert!(error.to_string().contains("make its directory"), "{error}");
    let log = FilePlaceLog::at(directory.path());
    assert!(log.begin(&placement("a", "Ask")).is_err());
}

#[test]
fn both_logs_say_the_same() {
    let (_directory, file, _) = two();
    let memory = super::super::MemoryPlaceLog::new();
    let logs: [&dyn PlaceLog; 2] = [&file, &memory];
    let mut said = HashSet::new();
    for log in logs {
        let mut words = Vec::new();
        for key in ["a", "b", "a"] {
            words.push(matches!(log.begin(&placement(key, "Ask")), Ok(Begun::New)));
        }
        settle(log, "a", &Settled::NotDialled);
        words.push(matches!(log.begin(&placement("a", "Ask")), Ok(Begun::New)));
        words.push(matches!(log.begin(&placement("a", "Tell")), Ok(Begun::New)));
        settle(log, "b", &dialled("call-1"));
        log.forget("a").unwrap();
        settle(log, "a", &dialled("call-2"));
        let entries = log.entries().unwrap();
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0].settled, Some(dialled("call-1")));
        said.insert(words);
    }
    assert_eq!(said, [vec![true, true, false, true, false]].into());
}
