//! Referrals: the code, what came of it, and the public checks with their limits.

use serde_json::json;

use super::Fidelity::Documented;
use super::{Context, Handler, Reply};
use crate::request::Request;
use crate::wire::Answer;

pub(super) const HANDLERS: &[Handler] = &[
    Handler::new("referrals_code", Documented, code),
    Handler::new("referrals_stats", Documented, stats),
    Handler::new("referrals_history", Documented, history),
    Handler::new("referrals_validate", Documented, validate),
    Handler::new("referrals_track", Documented, track),
];

fn code(context: &mut Context<'_>, _: &Request) -> Reply {
    let world = &mut *context.world;
    Answer::ok(world.referrals.code(&mut world.ids, context.now)).into()
}

fn stats(context: &mut Context<'_>, _: &Request) -> Reply {
    Answer::ok(context.world.referrals.stats()).into()
}

fn history(context: &mut Context<'_>, _: &Request) -> Reply {
    Answer::ok(context.world.referrals.history()).into()
}

fn validate(context: &mut Context<'_>, request: &Request) -> Reply {
    let code = request.path("code");
    match context.world.referrals.validate(code, context.now) {
        Some(valid) => Answer::ok(json!({ "valid": valid, "code": code })).into(),
        None => context.error("rate_limited").into(),
    }
}

fn track(context: &mut Context<'_>, request: &Request) -> Reply {
    let field = |name| request.field(name).unwrap_or_default();
    let life = context.settings.call_life;
    let referrals = &mut context.world.referrals;
    match referrals.track(field("code"), field("email"), life, context.now) {
        Some(tracked) => {
            let message = if tracked {
                "The referral is recorded."
            } else {
                "The code is not known, or the address was recorded before."
            };
            Answer::json(201, json!({ "tracked": tracked, "message": message })).into()
        }
        None => context.error("rate_limited").into(),
    }
}
