//! Row 4 where the system mounts: read-only, full, and files that are mounted by themselves. The mounts
//! are made by child processes in name spaces of their own.

use std::path::Path;

use kallyai_sdk::auth::{FileStore, TokenStore};

use super::child::{Executable, NOBODY, is_root};
use super::{access, names, set_mode, tokens};
use crate::program::said;

#[test]
fn row_04_a_read_only_mount_is_found_out_first() {
    let directory = tempfile::tempdir().unwrap();
    let store = FileStore::at(directory.path().join("t.json"));
    let script = r#"
        directory=$(dirname "$FILE")
        mount --bind "$directory" "$directory"
        mount -o remount,bind,ro "$directory"
        cd "$directory"
        exec "$@""#;
    let run = |role| said(&mut Executable::own().role_after(script, role, store.path())).join(" ");
    // With the lock file, and without.
    for remove_lock in [false, true] {
        store.save(&tokens("1")).unwrap();
        if remove_lock {
            std::fs::remove_file(directory.path().join("t.json.lock")).unwrap();
        }
        for role in ["lock", "save", "clear"] {
            let error = run(role);
            assert!(
                error.contains("the file system is read-only"),
                "{role}: {error}"
            );
            assert!(error.contains("KALLYAI_TOKEN_FILE"), "{role}: {error}");
        }
        assert_eq!(run("load"), "access-1");
    }
}

#[test]
fn row_04_a_full_disk_is_found_out_first() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("t.json");
    // A few KiB are left: enough to make files, too little to keep tokens of any size.
    let script = r#"
        directory=$(dirname "$FILE")
        mount -t tmpfs -o size=64k,mode=0700 tmpfs "$directory"
        head -c 49152 /dev/zero > "$directory/full"
        exec "$@""#;
    for role in ["lock", "save"] {
        let error = said(&mut Executable::own().role_after(script, role, &file)).join(" ");
        assert!(error.contains("no space left"), "{role}: {error}");
        assert!(error.contains("free some space"), "{role}: {error}");
    }
}

/// Mounts the file `outside`, beside the directory, as the token file.
const MOUNT_FILE: &str = r#"
    directory=$(dirname "$FILE")
    mount --bind "$directory/../outside" "$FILE"
"#;

fn mounted_alone(after: &str, close: bool) {
    let directory = tempfile::tempdir().unwrap();
    let home = directory.path().join("home");
    std::fs::create_dir(&home).unwrap();
    let outside = FileStore::at(directory.path().join("outside"));
    let file = home.join("t.json");
    for empty in [outside.path(), &file] {
        std::fs::write(empty, "").unwrap();
        set_mode(empty, 0o600);
    }
    let executable = if close {
        give_to_nobody(outside.path());
        set_mode(directory.path(), 0o755);
        set_mode(&home, 0o555);
        Executable::for_nobody()
    } else {
        Executable::own()
    };
    let script = format!("{MOUNT_FILE}\n{after}");
    let said = said(&mut executable.role_after(&script, "mounted", &file));
    assert_eq!(said, ["ok"]);
    // Written in place: seen on both sides.
    take_back(outside.path());
    assert_eq!(access(&outside.load().unwrap().unwrap()), "access-left");
    assert_eq!(std::fs::read(&file).unwrap(), b"");
    assert_eq!(names(&home), ["t.json"]);
}

fn give_to_nobody(path: &Path) {
    if is_root() {
        std::os::unix::fs::chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    }
}

fn take_back(path: &Path) {
    if is_root() {
        std::os::unix::fs::chown(path, Some(0), Some(0)).unwrap();
    }
}

#[test]
fn row_04_a_file_mounted_by_itself_is_written_in_place() {
    mounted_alone(r#"exec "$@""#, false);
}

#[test]
fn row_04_a_file_mounted_by_itself_where_nothing_else_can_be_written() {
    let become_nobody = if is_root() {
        r#"exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@""#
    } else {
        r#"exec "$@""#
    };
    mounted_alone(become_nobody, true);
}
