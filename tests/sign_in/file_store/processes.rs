//! Row 4, the store's part: nothing is spent before it is sure that it can be stored. And the lock across
//! processes.

use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::Command;

use kallyai_sdk::auth::{FileStore, TokenStore};
use tempfile::TempDir;

use super::child::{Executable, NOBODY, is_root, nobody};
use super::{access, names, set_mode, tokens};
use crate::program::{said, started};

/// A directory of the user who owns nothing, with tokens in it.
fn home_of_nobody() -> (PathBuf, TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("t.json");
    FileStore::at(&file).save(&tokens("1")).unwrap();
    std::fs::remove_file(directory.path().join("t.json.lock")).unwrap();
    give_to_nobody(directory.path());
    give_to_nobody(&file);
    (file, directory)
}

fn give_to_nobody(path: &Path) {
    if is_root() {
        chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    }
}

fn as_nobody(role: &str, file: &Path) -> String {
    said(nobody(&mut Executable::for_nobody().role(role, file))).join(" ")
}

#[test]
fn row_04_what_can_be_written_is_locked() {
    let (file, _directory) = home_of_nobody();
    assert_eq!(as_nobody("lock", &file), "ok");
    assert_eq!(as_nobody("load", &file), "access-1");
    assert_eq!(as_nobody("save", &file), "ok");
    assert_eq!(as_nobody("load", &file), "access-child");
}

#[test]
fn row_04_a_read_only_directory_is_found_out_first() {
    let (file, directory) = home_of_nobody();
    let before = std::fs::read(&file).unwrap();
    set_mode(directory.path(), 0o555);
    for role in ["lock", "save", "clear"] {
        let error = as_nobody(role, &file);
        let remedy = format!("chmod u+rwx {}", directory.path().display());
        assert!(error.contains(&remedy), "{role}: {error}");
    }
    assert_eq!(as_nobody("load", &file), "access-1");

    // The lock file was made before the directory was closed.
    set_mode(directory.path(), 0o755);
    let lock = directory.path().join("t.json.lock");
    std::fs::write(&lock, "").unwrap();
    set_mode(&lock, 0o600);
    give_to_nobody(&lock);
    set_mode(directory.path(), 0o555);
    for role in ["lock", "save", "clear"] {
        let error = as_nobody(role, &file);
        assert!(error.contains("chmod u+rwx"), "{role}: {error}");
    }
    assert_eq!(std::fs::read(&file).unwrap(), before);
    set_mode(directory.path(), 0o755);
}

#[test]
fn row_04_a_directory_of_somebody_else_is_found_out_first() {
    let (file, directory) = home_of_nobody();
    if is_root() {
        chown(directory.path(), Some(0), Some(0)).unwrap();
        set_mode(directory.path(), 0o755);
        let error = as_nobody("lock", &file);
        assert!(error.contains("KALLYAI_TOKEN_FILE"), "{error}");
        assert_eq!(names(directory.path()), ["t.json"]);
    } else {
        let error = as_nobody("lock", Path::new("/etc/kallyai.json"));
        assert!(error.contains("KALLYAI_TOKEN_FILE"), "{error}");
    }
}

#[test]
fn row_04_a_read_only_file_in_a_writable_directory_is_found_out_first() {
    let (file, directory) = home_of_nobody();
    set_mode(&file, 0o400);
    for role in ["lock", "save"] {
        let error = as_nobody(role, &file);
        assert!(
            error.contains(&format!("chmod 600 {}", file.display())),
            "{role}: {error}"
        );
    }
    assert_eq!(as_nobody("load", &file), "access-1");
    assert_eq!(names(directory.path()), ["t.json", "t.json.lock"]);
    set_mode(&file, 0o000);
    let error = as_nobody("load", &file);
    assert!(
        error.contains(&format!("chmod 600 {}", file.display())),
        "{error}"
    );
    // Somebody can log out all the same.
    assert_eq!(as_nobody("clear", &file), "ok");
    assert_eq!(names(directory.path()), ["t.json.lock"]);
}

#[test]
fn row_04_a_directory_that_is_not_there_is_found_out_first() {
    let directory = tempfile::tempdir().unwrap();
    let missing = directory.path().join("not here");
    let store = FileStore::at(missing.join("t.json"));
    assert!(store.load().unwrap().is_none());
    store.clear().unwrap();
    let error = store.lock().err().unwrap().to_string();
    assert!(
        error.contains(&format!("mkdir -p '{}'", missing.display())),
        "{error}"
    );
}

#[test]
fn row_01_the_lock_holds_across_processes_and_ends_with_its_holder() {
    let directory = tempfile::tempdir().unwrap();
    let store = FileStore::at(directory.path().join("t.json"));
    store.save(&tokens("1")).unwrap();
    let mut child = started(&mut Executable::own().role("hold", store.path()));
    let lock = std::fs::File::open(directory.path().join("t.json.lock")).unwrap();
    assert!(lock.try_lock().is_err(), "the child holds it");
    // Reading needs no lock.
    assert_eq!(access(&store.load().unwrap().unwrap()), "access-1");
    child.kill().unwrap();
    child.wait().unwrap();
    drop(lock);
    store.lock().unwrap();
}

#[test]
fn row_01_a_lock_file_that_somebody_removed_locks_nobody_out_of_step() {
    let directory = tempfile::tempdir().unwrap();
    let store = FileStore::at(directory.path().join("t.json"));
    let lock = directory.path().join("t.json.lock");
    store.save(&tokens("1")).unwrap();
    let held = store.lock().unwrap();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let held = store.lock().unwrap();
            // What it holds is what the next one comes upon.
            let file = std::fs::File::open(&lock).unwrap();
            assert!(file.try_lock().is_err());
            drop(held);
        });
        std::thread::sleep(std::time::Duration::from_millis(20));
        std::fs::remove_file(&lock).unwrap();
        drop(held);
        waiting.join().unwrap();
    });
}

#[test]
fn row_22_the_default_file_is_in_the_home_directory_and_for_one_service() {
    let home = tempfile::tempdir().unwrap();
    let run = |home: &Path| {
        let mut command: Command = Executable::own().role("default", Path::new("unused"));
        said(command.env("HOME", home))
    };
    let words = run(home.path());
    let file = home.path().join(".kallyai_token.json");
    assert_eq!(words[0], file.to_str().unwrap());
    assert_eq!(words[1], "https://api.kallyai.com");
    assert!(words[2].contains("KALLYAI_TOKEN_FILE"), "{}", words[2]);
    assert_eq!(
        names(home.path()),
        [".kallyai_token.json", ".kallyai_token.json.lock"]
    );

    let words = run(Path::new("somewhere"));
    assert!(words[0].contains("no home directory"), "{}", words[0]);
    assert!(words[0].contains("KALLYAI_TOKEN_FILE"), "{}", words[0]);
}
