//! The flags that every command takes.

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;

/// What every command takes: ours, in full spelling only, and `--human`, which the published command has too.
#[derive(Debug, Clone, Default, clap::Args)]
// These are switches, not states.
#[allow(clippy::struct_excessive_bools)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Options {
    /// Answers for people, also where the output is no terminal.
    #[arg(long, global = true, conflicts_with_all = ["json", "plain"])]
    pub(crate) human: bool,
    /// Answers in JSON, also on a terminal.
    #[arg(long, global = true, conflicts_with = "plain")]
    pub(crate) json: bool,
    /// Answers as lines of fields separated by tabs, without headings, borders and colours.
    #[arg(long, global = true)]
    pub(crate) plain: bool,
    /// Passes the answer through this jq filter.
    #[arg(long, global = true, value_name = "FILTER", conflicts_with_all = ["human", "plain"])]
    pub(crate) jq: Option<String>,
    /// Asks nothing before what dials, spends or cannot be taken back.
    #[arg(long, global = true)]
    pub(crate) yes: bool,
    /// Prints the request, and sends nothing.
    #[arg(long, global = true)]
    pub(crate) dry_run: bool,
    /// The profile of the configuration file.
    #[arg(long, global = true, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) profile: Option<String>,
    /// Where the API is.
    #[arg(long, global = true, value_name = "URL", value_hint = clap::ValueHint::Url, value_parser = NonEmptyStringValueParser::new())]
    pub(crate) base_url: Option<String>,
    /// The file with the tokens.
    #[arg(long, global = true, value_name = "PATH", value_hint = clap::ValueHint::FilePath)]
    pub(crate) token_file: Option<PathBuf>,
    /// How many seconds the service has for its answer.
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) timeout: Option<u64>,
}

fn seconds(text: &str) -> Result<u64, &'static str> {
    match text.parse() {
        Ok(seconds @ 1..) => Ok(seconds),
        _ => Err("write whole seconds, 1 or more"),
    }
}

/// The flags of every command, and whether a value follows them.
pub(super) const GLOBAL: &[(&str, bool)] = &[
    ("human", false),
    ("json", false),
    ("plain", false),
    ("jq", true),
    ("yes", false),
    ("dry-run", false),
    ("profile", true),
    ("base-url", true),
    ("token-file", true),
    ("timeout", true),
];
