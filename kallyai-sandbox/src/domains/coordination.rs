//! Messages to the assistant, conversations, and the goals that come out of them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Context, Fidelity, Handler, Reply};
use crate::numbers::{self, Fate};
use crate::request::Request;
use crate::wire::Answer;
use crate::world::conversations::{Saying, Speaker};
use crate::world::credits::Credits;
use crate::world::goals::{End, Gate, Goal, Goals, Wish, plan};

use Fidelity::{Assumed, Documented};

pub(super) const HANDLERS: &[Handler] = &[
    Handler::new("coordination_send_message", Documented, send_message),
    Handler::new("coordination_history", Assumed, history),
    Handler::new(
        "coordination_list_conversations",
        Documented,
        list_conversations,
    ),
    Handler::new(
        "coordination_create_conversation",
        Documented,
        create_conversation,
    ),
    Handler::new("coordination_list_goals", Documented, list_goals),
    Handler::new("coordination_get_goal", Documented, get_goal),
    Handler::new("coordination_goal_tree", Assumed, goal_tree),
    Handler::new("coordination_cancel_goal", Assumed, cancel),
    Handler::new("coordination_cascade_cancel_goal", Assumed, cascade_cancel),
    Handler::new("coordination_escalate_goal", Assumed, escalate),
    Handler::new("coordination_approve_step", Assumed, approve_step),
    Handler::new("coordination_accept_outcome", Assumed, accept_outcome),
    Handler::new(
        "coordination_continue_negotiating",
        Assumed,
        continue_negotiating,
    ),
    Handler::new("coordination_archive_goal", Assumed, archive),
    Handler::new("coordination_batch_archive_goals", Assumed, batch_archive),
    Handler::new("coordination_goal_budget", Documented, goal_budget),
];

/// As many goals or messages as a page holds when nobody says how many.
const PAGE: usize = 50;

/// What the assistant does with a message.
struct Taken<'a> {
    response: String,
    goal: Option<uuid::Uuid>,
    intent: &'a str,
    actions: &'a [&'a str],
    suggestion: &'a str,
}

fn send_message(context: &mut Context<'_>, request: &Request) -> Reply {
    let message = request.field("message").unwrap_or_default();
    let wish = Wish::read(message);
    if let Some(code) = refusal(request, &wish) {
        return context.error(code).with_reason("message").into();
    }
    let conversation = match request.field("conversation_id") {
        None => None,
        Some(id) => match context.world.conversations.find(id) {
            Some(known) => Some(known),
            None => return unknown_conversation(),
        },
    };
    let now = context.now;
    let answered = conversation.and_then(|conversation| {
        let goal = context.world.goals.asking(conversation)?;
        goal.open(Gate::Attention, now);
        goal.open(Gate::Input, now);
        Some(goal.id)
    });
    let chat = answered.is_none() && wish.has("no goal");
    let life = context.settings.call_life;
    let mut planned = Vec::new();
    let conversation = conversation.unwrap_or_else(|| context.world.ids.uuid());
    if answered.is_none() && !chat {
        planned = plan(&wish, conversation, life, now, &mut context.world.ids);
        let cost = planned
            .iter()
            .fold(Credits::default(), |sum, goal| sum.plus(goal.outstanding()));
        if !wish.has("over budget") && context.world.free() < cost {
            return context.error("quota_exceeded").into();
        }
    }
    let taken = if let Some(goal) = answered {
        Taken {
            response: "Thank you, I go on.".to_owned(),
            goal: Some(goal),
            intent: "answer",
            actions: &["went on with the goal"],
            suggestion: "How far are you?",
        }
    } else if let Some(goal) = planned.first() {
        Taken {
            response: format!("I will see to it: {}", goal.title),
            goal: Some(goal.id),
            intent: "start_goal",
            actions: &["started a goal"],
            suggestion: "How far are you?",
        }
    } else {
        Taken {
            response: "I am at your service.".to_owned(),
            goal: None,
            intent: "chat",
            actions: &[],
            suggestion: "Book a table for two",
        }
    };
    let known = context.world.conversations.find(&conversation.to_string());
    if known.is_none() {
        context.world.conversations.begin(conversation, now);
    }
    context.world.goals.add(planned);
    context.world.go_on();
    reply(context, conversation, message, &wish, &taken)
}

/// Notes what was said, and answers in the one published shape; the other lies beside it.
fn reply(
    context: &mut Context<'_>,
    conversation: uuid::Uuid,
    message: &str,
    wish: &Wish,
    taken: &Taken<'_>,
) -> Reply {
    let now = context.now;
    let title = wish.title();
    let mut say = |speaker, text| {
        let saying = Saying {
            speaker,
            text,
            goal: taken.goal,
        };
        context
            .world
            .conversations
            .say(conversation, &title, &saying, now)
    };
    say(Speaker::User, message);
    let message_id = say(Speaker::Assistant, &taken.response);
    let mut first = json!({
        "response": taken.response,
        "conversation_id": conversation,
        "actions_taken": taken.actions,
    });
    if let (Some(goal), Value::Object(first)) = (taken.goal, &mut first) {
        first.insert("goal_id".to_owned(), json!(goal));
    }
    let goal = taken
        .goal
        .and_then(|goal| context.world.goals.get(&goal.to_string()));
    let used = goal.map_or(Credits::default(), |goal| goal.used(&context.world.ledger));
    let second = json!({
        "message": taken.response,
        "intent": taken.intent,
        "triggered_actions": taken.actions,
        "suggestions": [taken.suggestion],
        "credits_used": used.json().to_string(),
        "conversation_id": conversation,
        "message_id": message_id,
        "goal_completed": goal.is_some_and(|goal| goal.end() == Some(End::Completed)),
    });
    Answer::ok(first).with_alternate(second).into()
}

/// A code in brackets that the operation can answer with, or the one of the number.
fn refusal<'a>(request: &'a Request, wish: &Wish) -> Option<&'a str> {
    let codes = request.operation.definition.get("x-errors")?.as_array()?;
    let asked = codes
        .iter()
        .filter_map(Value::as_str)
        .find(|code| wish.has(code));
    let by_number = || match numbers::fate(wish.number.as_deref()?) {
        Fate::Refused(code) => Some(code),
        Fate::Ends(_) => None,
    };
    asked.or_else(by_number)
}

fn unknown_conversation() -> Reply {
    Answer::error(404, "conversation_not_found", "No such conversation.").into()
}

fn history(context: &mut Context<'_>, request: &Request) -> Reply {
    let conversations = &context.world.conversations;
    let conversation = match request.query("conversation_id") {
        None => None,
        Some(id) => match conversations.find(id) {
            Some(known) => Some(known),
            None => return unknown_conversation(),
        },
    };
    Answer::ok(conversations.history(conversation, request.count("limit", PAGE))).into()
}

fn list_conversations(context: &mut Context<'_>, _: &Request) -> Reply {
    Answer::ok(context.world.conversations.view()).into()
}

fn create_conversation(context: &mut Context<'_>, _: &Request) -> Reply {
    let id = context.world.ids.uuid();
    context.world.conversations.begin(id, context.now);
    Answer::ok(json!({ "conversation_id": id })).into()
}

fn list_goals(context: &mut Context<'_>, request: &Request) -> Reply {
    let world = &context.world;
    let wanted = request.query("status");
    let goals: Vec<Value> = world
        .goals
        .roots()
        .filter(|goal| wanted.is_none_or(|status| status == goal.status()))
        .skip(request.count("offset", 0))
        .take(request.count("limit", PAGE))
        .map(|goal| world.goals.summary(goal, &world.ledger))
        .collect();
    Answer::ok(json!({ "goals": goals })).into()
}

/// Finds the goal of a request and says something of it.
pub(super) fn look(
    context: &Context<'_>,
    request: &Request,
    say: impl FnOnce(&Goal) -> Answer,
) -> Reply {
    match context.world.goals.get(request.path("goal_id")) {
        Some(goal) => say(goal).into(),
        None => context.error("goal_not_found").into(),
    }
}

fn get_goal(context: &mut Context<'_>, request: &Request) -> Reply {
    look(context, request, |goal| {
        Answer::ok(Value::Object(Goals::view(goal, &context.world.ledger)))
    })
}

fn goal_tree(context: &mut Context<'_>, request: &Request) -> Reply {
    let world = &context.world;
    look(context, request, |goal| {
        Answer::ok(world.goals.tree(goal, &world.ledger))
    })
}

fn goal_budget(context: &mut Context<'_>, request: &Request) -> Reply {
    look(context, request, |goal| {
        let mut by_action: BTreeMap<&str, Credits> = BTreeMap::new();
        for (action, credits, _) in context.world.ledger.of_goal(goal.id) {
            let sum = by_action.entry(action).or_default();
            *sum = sum.plus(credits);
        }
        let breakdown: Vec<Value> = by_action
            .into_iter()
            .map(|(action, credits)| json!({ "action": action, "credits": credits.json() }))
            .collect();
        let used = goal.used(&context.world.ledger);
        let remaining = goal.estimated().minus(used).max(Credits::default());
        Answer::ok(json!({
            "goal_id": goal.id,
            "credits_estimated": goal.estimated().json(),
            "credits_used": used.json(),
            "credits_remaining": remaining.json(),
            "breakdown": breakdown,
        }))
    })
}

/// Changes a goal that is not over, lets it go on, and says how it stands; or why not.
pub(super) fn steer(
    context: &mut Context<'_>,
    request: &Request,
    change: impl FnOnce(&mut Context<'_>, &str) -> Option<Answer>,
) -> Reply {
    let id = request.path("goal_id");
    let refused = match context.world.goals.get(id).map(Goal::end) {
        None => Some("goal_not_found"),
        Some(Some(End::Completed)) => Some("goal_already_completed"),
        Some(Some(End::Cancelled)) => Some("goal_already_cancelled"),
        Some(None) => None,
    };
    if let Some(code) = refused {
        return context.error(code).into();
    }
    if let Some(refusal) = change(context, id) {
        return refusal.into();
    }
    context.world.go_on();
    acknowledge(context, id)
}

fn acknowledge(context: &Context<'_>, id: &str) -> Reply {
    let status = context.world.goals.get(id).map(Goal::status);
    Answer::ok(json!({ "id": id, "status": status, "success": true })).into()
}

/// It is not what the goal waits for.
pub(super) fn out_of_turn(goal: Option<&Goal>) -> Answer {
    let gate = goal.and_then(Goal::waits_for).map_or("nothing", Gate::name);
    Answer::error(409, "invalid_state", "The goal does not wait for this.")
        .with_reason(format!("it waits for {gate}"))
}

fn cancel(context: &mut Context<'_>, request: &Request) -> Reply {
    cancel_with(context, request, |_, id| [id].into())
}

fn cascade_cancel(context: &mut Context<'_>, request: &Request) -> Reply {
    cancel_with(context, request, Goals::family)
}

fn cancel_with(
    context: &mut Context<'_>,
    request: &Request,
    which: impl FnOnce(&Goals, uuid::Uuid) -> std::collections::BTreeSet<uuid::Uuid>,
) -> Reply {
    steer(context, request, |context, id| {
        let world = &mut *context.world;
        let id = world.goals.get(id)?.id;
        let ids = which(&world.goals, id);
        world
            .goals
            .cancel(&ids, context.now, &mut world.calls, &mut world.ledger);
        None
    })
}

fn escalate(context: &mut Context<'_>, request: &Request) -> Reply {
    steer(context, request, |context, id| {
        let now = context.now;
        context.world.goals.get_mut(id)?.escalate(now);
        None
    })
}

/// What keeps a goal from spending.
fn over_budget(context: &Context<'_>, id: &str) -> Option<Answer> {
    let goal = context.world.goals.get(id)?;
    match goal.waits_for() {
        Some(Gate::Budget) => Some(context.error("budget_approval_required")),
        Some(Gate::SoftCap) => Some(context.error("soft_cap_reached")),
        _ => None,
    }
}

fn approve_step(context: &mut Context<'_>, request: &Request) -> Reply {
    steer(context, request, |context, id| {
        if let Some(refusal) = over_budget(context, id) {
            return Some(refusal);
        }
        let now = context.now;
        let goal = context.world.goals.get_mut(id)?;
        let opened = goal.open(Gate::Attention, now) || goal.open(Gate::Approval, now);
        (!opened).then(|| out_of_turn(Some(goal)))
    })
}

fn accept_outcome(context: &mut Context<'_>, request: &Request) -> Reply {
    steer(context, request, |context, id| {
        if let Some(refusal) = over_budget(context, id) {
            return Some(refusal);
        }
        let now = context.now;
        let goal = context.world.goals.get_mut(id)?;
        if goal.waits_for() != Some(Gate::Outcome) {
            return Some(out_of_turn(Some(goal)));
        }
        goal.open(Gate::Outcome, now);
        None
    })
}

fn continue_negotiating(context: &mut Context<'_>, request: &Request) -> Reply {
    steer(context, request, |context, id| {
        if let Some(refusal) = over_budget(context, id) {
            return Some(refusal);
        }
        let goal = context.world.goals.get(id)?;
        if goal.waits_for() != Some(Gate::Outcome) {
            return Some(out_of_turn(Some(goal)));
        }
        if context.world.free() < goal.cost_of_negotiating() {
            return Some(context.error("quota_exceeded"));
        }
        let now = context.now;
        context.world.goals.get_mut(id)?.negotiate(now);
        None
    })
}

fn not_archivable(goal: &Goal) -> Answer {
    Answer::error(
        409,
        "invalid_state",
        "Only a completed or cancelled goal can be archived.",
    )
    .with_reason(format!("the status is {}", goal.status()))
}

fn archive(context: &mut Context<'_>, request: &Request) -> Reply {
    let id = request.path("goal_id");
    let now = context.now;
    let Some(goal) = context.world.goals.get_mut(id) else {
        return context.error("goal_not_found").into();
    };
    if !goal.archive(now) {
        return not_archivable(goal).into();
    }
    acknowledge(context, id)
}

/// All of them, or none.
fn batch_archive(context: &mut Context<'_>, request: &Request) -> Reply {
    let ids = request.texts("goal_ids");
    for id in &ids {
        match context.world.goals.get(id) {
            None => return context.error("goal_not_found").into(),
            Some(goal) if !goal.is_archivable() => return not_archivable(goal).into(),
            Some(_) => {}
        }
    }
    for id in &ids {
        if let Some(goal) = context.world.goals.get_mut(id) {
            goal.archive(context.now);
        }
    }
    Answer::ok(json!({ "status": "archived", "success": true })).into()
}
