//! Row 7: what is no token file of the user's own is refused, with the command that mends it.

use std::os::unix::fs::{chown, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;

use kallyai_sdk::auth::{FileStore, Replaced, TokenStore};
use tempfile::TempDir;

use super::child::{Executable, NOBODY, is_root};
use super::{access, mode, names, set_mode, tokens};
use crate::program::said;

fn store() -> (FileStore, TempDir) {
    let directory = tempfile::tempdir().unwrap();
    (FileStore::at(directory.path().join("t.json")), directory)
}

/// What it says to reading, locking, storing and forgetting. It must not block.
fn refusals(path: &Path) -> [String; 4] {
    let store = FileStore::at(path);
    let (done, result) = mpsc::channel();
    std::thread::spawn(move || {
        let refusals = [
            store.load().err().map(|error| error.to_string()),
            store.lock().err().map(|error| error.to_string()),
            store
                .save(&tokens("new"))
                .err()
                .map(|error| error.to_string()),
            store.clear().err().map(|error| error.to_string()),
        ];
        done.send(refusals.map(Option::unwrap_or_default)).unwrap();
    });
    result
        .recv_timeout(Duration::from_secs(20))
        .expect("it does not block")
}

fn all_refused(path: &Path, remedy: &str) {
    for refusal in refusals(path) {
        assert!(refusal.contains(path.to_str().unwrap()), "{refusal}");
        assert!(refusal.contains(remedy), "{refusal}");
    }
}

#[test]
fn row_07_a_symbolic_link_is_not_followed() {
    let (store, directory) = store();
    let real = directory.path().join("real.json");
    FileStore::at(&real).save(&tokens("real")).unwrap();
    let before = std::fs::read(&real).unwrap();
    symlink(&real, store.path()).unwrap();
    all_refused(store.path(), &format!("rm {}", store.path().display()));
    assert!(store.path().is_symlink());
    assert_eq!(std::fs::read(&real).unwrap(), before);

    // Nor one that leads nowhere.
    std::fs::remove_file(&real).unwrap();
    all_refused(store.path(), "symbolic link");
    assert!(!real.exists());
}

#[test]
fn row_07_links_in_the_place_of_its_companions_are_not_followed() {
    let (store, directory) = store();
    let victim = directory.path().join("victim");
    std::fs::write(&victim, "dear").unwrap();
    let lock = directory.path().join("t.json.lock");
    symlink(&victim, &lock).unwrap();
    let error = store.save(&tokens("1")).unwrap_err().to_string();
    assert!(error.contains("t.json.lock is a symbolic link"), "{error}");
    std::fs::remove_file(&lock).unwrap();

    symlink(&victim, directory.path().join("t.json.tmp")).unwrap();
    store.save(&tokens("1")).unwrap();
    assert_eq!(std::fs::read_to_string(&victim).unwrap(), "dear");
    assert_eq!(names(directory.path()), ["t.json", "t.json.lock", "victim"]);
    assert_eq!(access(&store.load().unwrap().unwrap()), "access-1");
}

#[test]
fn row_07_a_fifo_does_not_block() {
    let (store, _directory) = store();
    let made = Command::new("mkfifo").arg(store.path()).status().unwrap();
    assert!(made.success());
    set_mode(store.path(), 0o600);
    all_refused(store.path(), "not a regular file");
}

#[test]
fn row_07_a_socket_or_a_directory_is_no_file() {
    let (store, _directory) = store();
    let socket = UnixListener::bind(store.path()).unwrap();
    all_refused(store.path(), "not a regular file");
    drop(socket);
    std::fs::remove_file(store.path()).unwrap();
    std::fs::create_dir(store.path()).unwrap();
    all_refused(store.path(), &format!("rmdir {}", store.path().display()));
}

#[test]
fn row_07_a_file_that_others_can_open_is_not_read() {
    let (store, _directory) = store();
    for open in [0o644, 0o640, 0o604, 0o610, 0o602, 0o777] {
        store.save(&tokens("1")).unwrap();
        set_mode(store.path(), open);
        let error = store.load().unwrap_err().to_string();
        let remedy = format!("chmod 600 {}", store.path().display());
        assert!(error.contains(&remedy), "{error}");
        assert!(!error.contains("access-1"));
        // The command does mend it.
        let mended = Command::new("sh").args(["-c", &remedy]).status().unwrap();
        assert!(mended.success());
        assert_eq!(access(&store.load().unwrap().unwrap()), "access-1");
    }
    // A new sign-in mends it as well, and a refresh under way is not lost.
    set_mode(store.path(), 0o644);
    let mut held = store.lock().unwrap();
    assert!(held.load().is_err());
    let replaced = held.replace(&tokens("1"), &tokens("2")).unwrap();
    assert!(matches!(replaced, Replaced::Stored));
    drop(held);
    assert_eq!(mode(store.path()), 0o600);
    set_mode(store.path(), 0o644);
    store.save(&tokens("3")).unwrap();
    assert_eq!(mode(store.path()), 0o600);
    set_mode(store.path(), 0o644);
    store.clear().unwrap();
    assert!(!store.path().exists());
}

#[test]
fn row_07_a_file_of_another_user_is_refused() {
    let (store, _directory) = store();
    let path = if is_root() {
        store.save(&tokens("theirs")).unwrap();
        chown(store.path(), Some(NOBODY), Some(NOBODY)).unwrap();
        store.path()
    } else {
        // Root's, which everybody has.
        Path::new("/etc/passwd")
    };
    let me = rustix::process::geteuid().as_raw();
    let error = FileStore::at(path).load().unwrap_err().to_string();
    assert!(
        error.contains(&format!("chown {me} {}", path.display())),
        "{error}"
    );
    if is_root() {
        all_refused(path, "belongs to another user");
        assert!(store.path().exists());
    }
}

#[test]
fn row_07_more_than_64_kib_is_refused() {
    let (store, _directory) = store();
    store.save(&tokens("1")).unwrap();
    let mut text = std::fs::read(store.path()).unwrap();
    text.resize(64 * 1024, b' ');
    std::fs::write(store.path(), &text).unwrap();
    assert_eq!(access(&store.load().unwrap().unwrap()), "access-1");
    text.push(b' ');
    std::fs::write(store.path(), &text).unwrap();
    let error = store.load().unwrap_err().to_string();
    assert!(error.contains("larger than 65536 bytes"), "{error}");
    assert!(
        error.contains(&format!("rm {}", store.path().display())),
        "{error}"
    );
    // A new sign-in is the way out, without the command too.
    store.save(&tokens("2")).unwrap();
    assert_eq!(access(&store.load().unwrap().unwrap()), "access-2");
}

#[test]
fn row_07_every_file_is_private_from_its_creation_whatever_the_umask() {
    for umask in ["umask 000", "umask 777"] {
        let (store, _directory) = store();
        let said = said(&mut Executable::own().role(umask, store.path()));
        assert_eq!(said, ["ok"], "{umask}");
    }
}

#[test]
fn row_07_commands_are_quoted_for_the_shell() {
    let directory = tempfile::tempdir().unwrap();
    let store = FileStore::at(directory.path().join("it's; touch here"));
    store.save(&tokens("1")).unwrap();
    set_mode(store.path(), 0o644);
    let error = store.load().unwrap_err().to_string();
    let command = error.split_once("; chmod").unwrap().1;
    let mended = Command::new("sh")
        .args(["-c", &format!("chmod{command}")])
        .status();
    assert!(mended.unwrap().success());
    assert_eq!(access(&store.load().unwrap().unwrap()), "access-1");
}
