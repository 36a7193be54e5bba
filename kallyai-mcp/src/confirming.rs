//! Asking the user, in the way that the client has: a result that requires input, a question of the server's,
//! or none.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Instant;

use kallyai_sdk::tools::Confirmation;
use rmcp::RoleServer;
use rmcp::model::{
    ElicitRequest, ElicitRequestParams, ElicitResult, ElicitationAction, ElicitationSchema,
    InputRequest, InputRequiredResult, InputResponses, ProtocolVersion,
};
use rmcp::service::RequestContext;

use crate::agreements::{Agreements, GOOD_FOR};

/// The name of the one question.
const QUESTION: &str = "agreement";

/// What came back with a request that was sent again.
pub(crate) struct Returned {
    pub(crate) state: Option<String>,
    pub(crate) responses: Option<InputResponses>,
}

/// What the user says.
pub(crate) enum Verdict {
    Agreed,
    Declined,
    /// The client is to ask, and to send the request again.
    Ask(InputRequiredResult),
    /// What was handed in as an agreement is none.
    NoAgreement,
    /// The client cannot ask.
    NobodyCanAsk,
}

/// Asks the user.
pub(crate) async fn ask(
    agreements: &Agreements,
    asked: &Confirmation,
    returned: &Returned,
    context: &RequestContext<RoleServer>,
) -> Verdict {
    if !can_ask(context) {
        return Verdict::NobodyCanAsk;
    }
    if has_input_required(context) {
        by_result(agreements, asked, returned)
    } else {
        by_question(asked, context).await
    }
}

/// Whether the client shows forms. One that names no kind of question means forms.
fn can_ask(context: &RequestContext<RoleServer>) -> bool {
    let declared = context
        .client_capabilities()
        .and_then(|capabilities| capabilities.elicitation);
    declared.is_some_and(|elicitation| elicitation.form.is_some() || elicitation.url.is_none())
}

/// Whether the protocol has results that require input; it has no questions of the server's any more.
fn has_input_required(context: &RequestContext<RoleServer>) -> bool {
    let version = context.protocol_version();
    // Versions are dates.
    version.is_some_and(|version| version.as_str() >= ProtocolVersion::V_2026_07_28.as_str())
}

fn by_result(agreements: &Agreements, asked: &Confirmation, returned: &Returned) -> Verdict {
    let Some(state) = &returned.state else {
        return Verdict::Ask(input_required(agreements, asked));
    };
    let redeemed = agreements.redeem(state, &asked.digest(), Instant::now());
    if redeemed.is_err() {
        return Verdict::NoAgreement;
    }
    let responses = returned.responses.as_ref();
    let Some(response) = responses.and_then(|responses| responses.get(QUESTION)) else {
        // Nobody has answered.
        return Verdict::Ask(input_required(agreements, asked));
    };
    let response = serde_json::from_value::<ElicitResult>(response.clone()).ok();
    verdict(response.as_ref().map(|response| &response.action))
}

fn input_required(agreements: &Agreements, asked: &Confirmation) -> InputRequiredResult {
    let question = InputRequest::Elicitation(ElicitRequest::new(question(asked)));
    let questions = BTreeMap::from([(QUESTION.to_owned(), question)]);
    let state = agreements.seal(&asked.digest(), Instant::now());
    InputRequiredResult::new(Some(questions), Some(state))
}

async fn by_question(asked: &Confirmation, context: &RequestContext<RoleServer>) -> Verdict {
    let answered = context
        .peer
        .create_elicitation_with_timeout(question(asked), Some(GOOD_FOR));
    tokio::select! {
        answered = answered => match answered {
            Ok(response) => verdict(Some(&response.action)),
            Err(_) => Verdict::NobodyCanAsk,
        },
        // Whoever does not want it any more does not agree to it.
        () = context.ct.cancelled() => Verdict::Declined,
    }
}

/// Only a yes is one.
fn verdict(action: Option<&ElicitationAction>) -> Verdict {
    match action {
        Some(ElicitationAction::Accept) => Verdict::Agreed,
        _ => Verdict::Declined,
    }
}

/// A form without fields: to accept it is to agree.
fn question(asked: &Confirmation) -> ElicitRequestParams {
    let mut message = format!("{}.\n", asked.summary());
    let arguments = serde_json::to_string_pretty(&asked.arguments).unwrap_or_default();
    // Writing to a string does not fail.
    let _ = write!(message, "Asked for by the agent, with:\n{arguments}");
    ElicitRequestParams::FormElicitationParams {
        meta: None,
        message,
        requested_schema: ElicitationSchema::new(BTreeMap::new()),
    }
}
