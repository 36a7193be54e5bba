//! What `bundle` prints.

#![allow(clippy::unwrap_used)]

use kallyai_openapi::{Spec, to_yaml};

#[test]
fn the_yaml_says_what_the_json_says() {
    let spec = Spec::load().unwrap();
    let yaml = to_yaml(spec.document());
    let again = Spec::merge(&[("bundle.yaml", &yaml)]).unwrap();
    assert_eq!(again.document(), spec.document());
}

#[test]
fn nothing_in_the_yaml_is_read_as_a_date() {
    let spec = Spec::load().unwrap();
    let dates = to_yaml(spec.document())
        .lines()
        .filter_map(|line| line.split_once(": ").map(|(_, value)| value.to_owned()))
        .filter(|value| value.starts_with("20") && value.contains('-'))
        .count();
    assert_eq!(dates, 0, "dates stand in quotes");
}
