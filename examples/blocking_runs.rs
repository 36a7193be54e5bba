//! The example without async runs and ends.

#![allow(clippy::unwrap_used)]

use std::process::Command;

#[test]
fn blocking_runs() {
    let output = Command::new(kallyai_examples::built("blocking").unwrap())
        .env_clear()
        .output()
        .unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    let complaints = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{shown}{complaints}");
    for expected in ["Call        success (", "Calls       1\n", "Balance     "] {
        assert!(shown.contains(expected), "{expected} is missing in {shown}");
    }
}
