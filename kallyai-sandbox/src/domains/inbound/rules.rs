//! Routing rules.

use super::super::{Context, Fidelity, Handler, Reply};
use super::super::{changed, deleted};
use crate::request::Request;
use crate::wire::Answer;

pub(crate) const HANDLERS: &[Handler] = &[
    Handler::new("inbound_list_rules", Fidelity::Assumed, list),
    Handler::new("inbound_create_rule", Fidelity::Assumed, create),
    Handler::new("inbound_update_rule", Fidelity::Assumed, update),
    Handler::new("inbound_delete_rule", Fidelity::Assumed, delete),
];

fn list(context: &mut Context<'_>, _: &Request) -> Reply {
    Answer::ok(context.world.inbound.rules.view()).into()
}

fn create(context: &mut Context<'_>, request: &Request) -> Reply {
    let id = context.world.ids.uuid();
    Answer::ok(context.world.inbound.rules.add(id, &request.body)).into()
}

fn update(context: &mut Context<'_>, request: &Request) -> Reply {
    let rules = &mut context.world.inbound.rules;
    changed(rules.change(request.path("rule_id"), &request.body), "rule")
}

fn delete(context: &mut Context<'_>, request: &Request) -> Reply {
    let gone = context.world.inbound.rules.remove(request.path("rule_id"));
    deleted(gone, "rule", request)
}
