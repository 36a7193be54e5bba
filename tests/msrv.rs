//! The MSRV that is written down is what the dependencies need: no more, no less.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

type Version = Vec<u64>;

fn version(text: &str) -> Version {
    let mut parts: Version = text.split('.').map(|part| part.parse().unwrap()).collect();
    parts.resize(3, 0);
    parts
}

#[test]
fn the_msrv_is_that_of_the_dependencies() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .args(["--filter-platform", "x86_64-unknown-linux-gnu"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages: BTreeMap<&str, &Value> = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| (package["id"].as_str().unwrap(), package))
        .collect();
    let members: BTreeSet<&str> = metadata["workspace_members"]
        .as_array()
        .unwrap()
        .iter()
        .map(|id| id.as_str().unwrap())
        .collect();
    let needed = packages
        .iter()
        .filter(|(id, _)| !members.contains(*id))
        .filter_map(|(_, package)| {
            let text = package["rust_version"].as_str()?;
            Some((version(text), package["name"].as_str().unwrap()))
        })
        .max()
        .unwrap();
    for id in members {
        let stated = version(packages[id]["rust_version"].as_str().unwrap());
        assert_eq!(
            stated, needed.0,
            "{id} states {stated:?}, {} needs {:?}",
            needed.1, needed.0
        );
    }
}
