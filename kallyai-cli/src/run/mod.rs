//! Does what a command line asks for.

mod api;
mod call;
mod chat;
mod check_numbers;
mod config;
mod consent;
mod contacts;
mod dry_run;
mod failure;
mod goal;
mod inbound;
mod interrupt;
mod portal;
mod request;
mod scripts;
mod servers;
mod session;
mod sign_in;
mod stdin;
mod watch;

use crate::output::Exit;
use crate::surface::{Asked, Invocation};

pub(crate) use failure::Failure;
pub(crate) use session::Session;

/// Does it, and says how it ended.
pub(crate) async fn run(invocation: Invocation, session: &Session) -> Result<Exit, Failure> {
    match invocation.asked {
        Asked::Operation(wanted) => request::run(session, &wanted).await,
        Asked::Call { wanted, wait, key } => call::run(session, &wanted, wait, key).await,
        Asked::Credentials(wanted) => request::with_credentials(session, wanted).await,
        Asked::Portal(wanted) => portal::run(session, &wanted).await,
        Asked::Login(login) => sign_in::login(session, &login).await,
        Asked::Logout => sign_in::logout(session),
        Asked::AuthStatus => sign_in::status(session).await,
        Asked::Api(api) => api::run(session, api).await,
        Asked::CheckNumbers(check) => check_numbers::run(session, check),
        Asked::Config(wanted) => config::run(session, &wanted),
        Asked::Completions(wanted) => scripts::complete(&wanted),
        Asked::Man(wanted) => scripts::man(&wanted),
        Asked::Sandbox(options) => servers::sandbox(options).await,
        Asked::Mcp(options) => servers::mcp(session, *options).await,
        Asked::Chat(wanted) => chat::run(session, wanted).await,
        Asked::WatchCall(wanted) => watch::run(session, &wanted).await,
        Asked::WatchInbound => inbound::watch(session).await,
        Asked::WatchGoal(wanted) => goal::watch(session, &wanted).await,
        Asked::ImportContacts(path) => contacts::run(session, &path).await,
    }
}
