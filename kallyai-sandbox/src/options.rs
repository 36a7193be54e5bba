//! What the program is told when it starts.

use crate::clock::Clock;

/// What the sandbox is like: the flags of the program.
#[derive(Debug, Clone, clap::Args)]
// These are switches, not states.
#[allow(clippy::struct_excessive_bools)]
#[non_exhaustive]
pub struct Options {
    /// The port on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    pub port: u16,
    /// Makes ids and tokens the same each time.
    #[arg(long)]
    pub seed: Option<u64>,
    /// How time passes.
    #[arg(long, value_enum, default_value_t = Clock::Real)]
    pub clock: Clock,
    /// How long a phone call takes, by that clock.
    #[arg(long, default_value_t = 0.5)]
    pub call_seconds: f64,
    /// Signs in without asking on a page.
    #[arg(long)]
    pub auto_approve: bool,
    /// A refresh token is good once; its second use revokes its family.
    #[arg(long)]
    pub strict_rotation: bool,
    /// Answers a refresh without a new refresh token; the old one goes on.
    #[arg(long)]
    pub keep_refresh_token: bool,
    /// Forgets idempotency keys.
    #[arg(long)]
    pub ignore_idempotency: bool,
    /// Shows no call that is not over.
    #[arg(long)]
    pub hide_active: bool,
    /// Answers with the log of events, whatever a client accepts.
    #[arg(long)]
    pub no_event_stream: bool,
}
