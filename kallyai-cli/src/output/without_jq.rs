//! `--jq` in a command that was built without it.

/// An expression that can be run: there is none.
#[derive(Debug)]
pub(super) enum Jq {}

/// One thing that an expression has made.
pub(super) enum Made {
    Text(String),
    Json(String),
}

impl Jq {
    pub(super) fn new(_: &str) -> Result<Self, String> {
        Err("this command was built without it, which is the feature `jq`".to_owned())
    }

    pub(super) fn run(&self, _: &str) -> std::iter::Empty<Result<Made, String>> {
        match *self {}
    }
}
