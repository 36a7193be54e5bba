//! The index names every example.

#[test]
fn every_example_is_in_the_index() {
    let manifest = include_str!("Cargo.toml");
    let index = include_str!("README.md");
    let examples: Vec<&str> = manifest
        .split("[[example]]")
        .skip(1)
        .filter_map(|entry| entry.split('"').nth(1))
        .collect();
    assert!(examples.len() > 5, "{examples:?}");
    for example in examples {
        assert!(index.contains(&format!("[`{example}`](")), "{example}");
    }
}
