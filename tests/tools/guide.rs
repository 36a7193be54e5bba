//! The page about letting agents phone names tests that there are.

use std::fs;
use std::path::{Path, PathBuf};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn every_threat_has_its_tests() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = vec![root.join("examples/agents_run.rs")];
    sources(&root.join("tests/tools"), &mut files);
    sources(&root.join("kallyai-sdk/src/tools"), &mut files);
    let code: String = files
        .iter()
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    let page = fs::read_to_string(root.join("kallyai-sdk/src/guide/agents.md")).unwrap();
    let threats: Vec<&str> = page
        .lines()
        .filter(|line| line.starts_with("| **"))
        .collect();
    assert!(threats.len() > 10);
    for threat in threats {
        let tests = threat.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        for test in tests.split(", ") {
            let name = test.trim_matches('`');
            let found = ["#[test]", "#[tokio::test]"].iter().any(|attribute| {
                code.contains(&format!("{attribute}\nasync fn {name}()"))
                    || code.contains(&format!("{attribute}\nfn {name}()"))
                    || code.contains(&format!("{attribute}\n    fn {name}()"))
            });
            assert!(found, "{name}: {threat}");
        }
    }
}
