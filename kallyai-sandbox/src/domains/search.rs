//! Searches, their history and their sources.

use super::{Context, Fidelity, Handler, Reply, charge};
use crate::request::Request;
use crate::wire::Answer;
use crate::world::prices::fixed;
use crate::world::search::{Asked, Kind, sources as all_sources};

pub(super) const HANDLERS: &[Handler] = &[
    Handler::new("search_run", Fidelity::Documented, run),
    Handler::new("search_quick", Fidelity::Assumed, quick),
    Handler::new("search_history", Fidelity::Assumed, history),
    Handler::new("search_sources", Fidelity::Assumed, sources),
];

const ACTION: &str = "search";

fn run(context: &mut Context<'_>, request: &Request) -> Reply {
    search(context, request, Kind::Full)
}

fn quick(context: &mut Context<'_>, request: &Request) -> Reply {
    search(context, request, Kind::Quick)
}

fn search(context: &mut Context<'_>, request: &Request, kind: Kind) -> Reply {
    if let Some(refusal) = charge::uncovered(context, ACTION) {
        return refusal;
    }
    let asked = Asked {
        query: request.field("query").unwrap_or_default(),
        location: request.field("location"),
        kind,
    };
    charge::charge(context, ACTION, format!("A search: {}", asked.query));
    let now = context.now;
    let found = context.world.searches.run(&asked, fixed(ACTION), now);
    Answer::ok(found).into()
}

fn history(context: &mut Context<'_>, _: &Request) -> Reply {
    Answer::ok(context.world.searches.history()).into()
}

fn sources(_: &mut Context<'_>, _: &Request) -> Reply {
    Answer::ok(all_sources()).into()
}
