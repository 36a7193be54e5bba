//! The door: every call of a tool goes through here.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::time::Duration;

use chrono::Utc;
use serde_json::Value;

use super::answer::{self, ToolAnswer};
use super::arguments::Arguments;
use super::calling::{self, ATTEMPT, CALLS_CREATE, WAIT};
use super::custom::Custom;
use super::definition::{self, Tool};
use super::error::ToolError;
use super::policy::{Confirmation, Policy, Reservation, Session, Subject};
use super::price::{Cost, Prices};
use crate::call_task::CallTask;
use crate::client::Client;
use crate::error::Error;
use crate::index::{Dials, Spend};
use crate::types::{CallRequest, Decimal};

/// Tools that can be called by name, of whatever origin: programs hold a `dyn Toolbox`.
pub trait Toolbox: Send + Sync {
    /// What a model is told.
    fn definitions(&self) -> &[Tool];

    /// Calls a tool with arguments as a model has written them.
    fn call<'a>(
        &'a self,
        name: &'a str,
        arguments: Value,
        context: &'a Context,
    ) -> Pin<Box<dyn Future<Output = Result<ToolAnswer, ToolError>> + Send + 'a>>;
}

/// What goes with one call of a tool, and is not the model's to say.
#[derive(Debug, Clone)]
#[must_use]
pub struct Context {
    pub(super) wait: Duration,
    timeout: Duration,
    agreed: Option<[u8; 32]>,
    dry_run: bool,
}

impl Default for Context {
    fn default() -> Self {
        Self::new()
    }
}

impl Context {
    /// Waits for calls until they are over, or 330 s.
    pub fn new() -> Self {
        Self {
            wait: WAIT,
            timeout: WAIT,
            agreed: None,
            dry_run: false,
        }
    }

    /// How long the answer for a placed call is waited for: then there is a handle in its place. Zero does not
    /// wait at all. The call goes on whatever happens.
    pub fn wait(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }

    /// How long everything else may take.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The user has agreed to what has this [digest](Confirmation::digest). It is good for the same tool with
    /// the same arguments, and for nothing else.
    pub fn agreed(mut self, digest: [u8; 32]) -> Self {
        self.agreed = Some(digest);
        self
    }

    /// Checks arguments and policy, sends nothing, and answers with what would be sent.
    pub fn dry_run(mut self) -> Self {
        self.dry_run = true;
        self
    }
}

/// The tools of one client, with one policy and one session.
pub struct Tools {
    client: Client,
    offered: Vec<Tool>,
    custom: Vec<Custom>,
    policy: Policy,
    session: Session,
    prices: Prices,
}

impl std::fmt::Debug for Tools {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tools")
            .field("tools", &self.offered.len())
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

/// Chooses tools; see [`Tools::builder`].
#[derive(Debug)]
#[must_use]
pub struct ToolsBuilder {
    client: Client,
    policy: Policy,
    domains: BTreeSet<String>,
    named: BTreeSet<String>,
    excluded: BTreeSet<String>,
    all: bool,
    custom: Vec<Custom>,
}

impl ToolsBuilder {
    /// What an agent may do; a new [`Policy`] otherwise.
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// All tools of these domains, in place of the dozen that is there by default.
    pub fn domains<S: Into<String>>(mut self, domains: impl IntoIterator<Item = S>) -> Self {
        self.domains.extend(domains.into_iter().map(Into::into));
        self
    }

    /// These tools, in place of the dozen that is there by default.
    pub fn tools<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.named.extend(names.into_iter().map(Into::into));
        self
    }

    /// All operations but those that sign in: their answers are tokens, and are there only by name.
    pub fn all(mut self) -> Self {
        self.all = true;
        self
    }

    /// Leaves these tools out, whatever else was chosen.
    pub fn without<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.excluded.extend(names.into_iter().map(Into::into));
        self
    }

    /// A tool of the program's own, which places the call that a struct describes: its arguments are the
    /// fields of the struct.
    pub fn call_task<T>(mut self, name: impl Into<String>) -> Self
    where
        T: CallTask + serde::de::DeserializeOwned + 'static,
    {
        self.custom.extend(Custom::of::<T>(&name.into()));
        self
    }

    /// The tools.
    ///
    /// # Errors
    ///
    /// A domain or a tool that there is not, and a name that is none: letters, digits and underscores, a letter
    /// first, 64 at most.
    pub fn build(self) -> Result<Tools, Error> {
        let known = definition::all();
        let unknown =
            |field, name: &str| Error::invalid_input(field, format!("there is no {name}"));
        for domain in &self.domains {
            if !known.iter().any(|tool| tool.domain() == domain) {
                return Err(unknown("domains", domain));
            }
        }
        for name in self.named.iter().chain(&self.excluded) {
            if !known.iter().any(|tool| tool.name() == name) && name != "calls_wait" {
                return Err(unknown("tools", name));
            }
        }
        let chosen = |tool: &Tool| {
            let sign_in = tool.domain() == "auth";
            self.named.contains(tool.name())
                || self.domains.contains(tool.domain())
                || (self.all && !sign_in)
        };
        let some = self.all || !self.domains.is_empty() || !self.named.is_empty();
        let mut tools: Vec<Tool> = known
            .iter()
            .filter(|tool| {
                if some {
                    chosen(tool)
                } else {
                    tool.hints().by_default
                }
            })
            .filter(|tool| !self.excluded.contains(tool.name()))
            // Whoever may only read is not told of more.
            .filter(|tool| !self.policy.read_only || tool.hints().read_only)
            .cloned()
            .collect();
        let places =
            tools.iter().any(|tool| tool.name() == CALLS_CREATE) || !self.custom.is_empty();
        let like = known.iter().find(|tool| tool.name() == CALLS_CREATE);
        if let Some(like) = like.filter(|_| places && !self.excluded.contains("calls_wait")) {
            tools.push(calling::wait_tool(like));
        }
        for custom in &self.custom {
            if !is_name(custom.tool.name())
                || tools.iter().any(|tool| tool.name() == custom.tool.name())
            {
                return Err(Error::invalid_input(
                    "name",
                    "it is no name of a tool, or one is called so",
                ));
            }
            if !self.policy.read_only {
                tools.push(custom.tool.clone());
            }
        }
        Ok(Tools {
            client: self.client,
            session: Session::new(self.policy.file.clone()),
            offered: tools,
            custom: self.custom,
            policy: self.policy,
            prices: Prices::default(),
        })
    }
}

fn is_name(name: &str) -> bool {
    name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// What a tool is about to do.
enum Work {
    /// Dials.
    Place(Box<CallRequest>, u64),
    /// Waits for what was dialled.
    Wait,
    Request,
}

impl Tools {
    /// Chooses tools for a client: a dozen by default.
    pub fn builder(client: Client) -> ToolsBuilder {
        ToolsBuilder {
            client,
            policy: Policy::new(),
            domains: BTreeSet::new(),
            named: BTreeSet::new(),
            excluded: BTreeSet::new(),
            all: false,
            custom: Vec::new(),
        }
    }

    /// What the session has spent, and what is set aside for what is under way, in credits.
    ///
    /// # Errors
    ///
    /// When the file of the session cannot be read.
    pub fn spent(&self) -> Result<(Decimal, Decimal), ToolError> {
        self.session.spent()
    }

    async fn run(
        &self,
        name: &str,
        arguments: Value,
        context: &Context,
    ) -> Result<ToolAnswer, ToolError> {
        let Some(tool) = self.offered.iter().find(|tool| tool.name() == name) else {
            let known: Vec<&str> = self.offered.iter().map(Tool::name).collect();
            return Err(ToolError::unknown(&known));
        };
        let mut arguments = Arguments::read(tool, arguments)?;
        let shown = arguments.shown();
        let canonical = arguments.canonical();
        let (work, arguments) = self.work(tool, &mut arguments)?;
        self.policy.permits(tool, &arguments.texts())?;
        let cost = self
            .prices
            .of(&self.client, &tool.plan, self.policy.call_minutes)
            .await;
        let cost = self.bounded(tool, cost)?;
        self.agree(tool, &canonical, &shown, cost.as_ref(), context)
            .await?;
        if context.dry_run {
            return Ok(ToolAnswer::new(dry(tool, &shown, cost.as_ref()), false));
        }
        let is_call = !matches!(work, Work::Request);
        let value = self.perform(tool, work, &arguments, cost, context).await?;
        let handle = calling::handle(&value).filter(|_| is_call);
        let answer = ToolAnswer::new(answer::object(value), tool.hints().untrusted);
        Ok(match handle {
            Some(key) => answer.with_handle(key),
            None => answer,
        })
    }

    /// Finds out what is to be done, and checks that as every request is checked.
    fn work(&self, tool: &Tool, arguments: &mut Arguments) -> Result<(Work, Arguments), ToolError> {
        if tool.name() == "calls_wait" {
            return Ok((Work::Wait, arguments.clone()));
        }
        let custom = self
            .custom
            .iter()
            .find(|custom| custom.tool.name() == tool.name());
        if custom.is_none() && tool.name() != CALLS_CREATE {
            self.client
                .prepare(tool.plan.operation, arguments)?
                .check()?;
            return Ok((Work::Request, arguments.clone()));
        }
        let attempt = arguments
            .take(ATTEMPT)
            .and_then(|attempt| attempt.as_u64())
            .unwrap_or(1);
        let request: CallRequest = match custom {
            Some(custom) => custom.request(arguments)?,
            None => arguments.body()?,
        };
        let body = serde_json::to_value(&request)
            .map_err(|_| ToolError::bug("the call cannot be written as JSON"))?;
        let whole = Arguments::of_body(body);
        self.client.prepare(tool.plan.operation, &whole)?.check()?;
        Ok((Work::Place(Box::new(request), attempt), whole))
    }

    /// What it may cost, if that can be said or need not be.
    fn bounded(
        &self,
        tool: &Tool,
        cost: Result<Cost, ToolError>,
    ) -> Result<Option<Decimal>, ToolError> {
        if tool.hints().read_only {
            return Ok(None);
        }
        let budget = self.policy.limits.credits.is_some();
        match cost {
            Ok(Cost::AtMost(most)) => Ok(Some(most)),
            Ok(Cost::Unknown) => {
                let spend = tool.operation().effects.spend;
                self.policy.permits_unknown_cost(spend)?;
                Ok(None)
            }
            // Without a price list there is no budget.
            Err(error) if budget => Err(error),
            Ok(Cost::Nothing) | Err(_) => Ok(None),
        }
    }

    async fn agree(
        &self,
        tool: &Tool,
        canonical: &str,
        arguments: &Value,
        cost: Option<&Decimal>,
        context: &Context,
    ) -> Result<(), ToolError> {
        if !self.policy.asks_before(tool) || context.dry_run {
            return Ok(());
        }
        let consequences = consequences(tool, cost);
        let asked = Confirmation::new(tool, canonical, arguments.clone(), consequences);
        if context.agreed == Some(asked.digest()) {
            return Ok(());
        }
        match &self.policy.confirm {
            None => Err(ToolError::unconfirmed(asked)),
            Some(confirm) => {
                if confirm.ask(&asked).await {
                    Ok(())
                } else {
                    Err(ToolError::declined())
                }
            }
        }
    }

    async fn perform(
        &self,
        tool: &Tool,
        work: Work,
        arguments: &Arguments,
        cost: Option<Decimal>,
        context: &Context,
    ) -> Result<Value, ToolError> {
        match work {
            Work::Wait => {
                let (key, answered) = calling::wait(&self.client, arguments, context).await?;
                if !calling::goes_on(&answered) {
                    written(self.session.settle(&key, used(&answered)));
                }
                Ok(answered)
            }
            Work::Place(request, attempt) => {
                let key = calling::key(&self.session.id()?, &request, attempt);
                let call = Subject::Call {
                    key: &key,
                    details: arguments.digest(),
                };
                let reserved = self.reserve(cost, call)?;
                let placed = match reserved.elsewhere {
                    // Without the log of the other process it is looked for, and not sent again.
                    Some(at) if !self.is_logged(&key)? => {
                        calling::find(&self.client, &request, key, at, context).await
                    }
                    _ => calling::place(&self.client, *request, key, context).await,
                };
                self.settle(&reserved, &placed);
                placed
            }
            Work::Request => {
                let request = self.client.prepare(tool.plan.operation, arguments)?;
                let dials = tool.operation().effects.dials != Dials::None;
                let counts = dials && !tool.hints().read_only;
                let reserved = match (&cost, counts) {
                    (None, false) => None,
                    (_, true) => Some(self.reserve(cost, Subject::Dialling)?),
                    (_, false) => Some(self.reserve(cost, Subject::Request)?),
                };
                let answered = request.timeout(context.timeout).value().await;
                let answered = answered.map_err(ToolError::from);
                if let Some(reserved) = reserved {
                    self.settle(&reserved, &answered);
                }
                answered
            }
        }
    }

    fn is_logged(&self, key: &str) -> Result<bool, ToolError> {
        let entries = self.client.places().log.entries().map_err(Error::from)?;
        Ok(entries.iter().any(|entry| entry.placement.key() == key))
    }

    fn reserve(
        &self,
        cost: Option<Decimal>,
        subject: Subject<'_>,
    ) -> Result<Reservation, ToolError> {
        let amount = cost.unwrap_or_else(|| Decimal::from(0));
        let limits = &self.policy.limits;
        self.session.reserve(limits, amount, subject, Utc::now())
    }

    /// What was set aside becomes what it has cost; of what was certainly not done, nothing.
    fn settle(&self, reserved: &Reservation, answered: &Result<Value, ToolError>) {
        written(match answered {
            Ok(answer) if calling::goes_on(answer) => self.session.leave(reserved),
            Ok(answer) => self.session.settle(reserved.id(), used(answer)),
            Err(error) if error.is_undone() => self.session.give_back(reserved),
            Err(_) => self.session.settle(reserved.id(), None),
        });
    }
}

/// What an answer says that it has cost.
fn used(answer: &Value) -> Option<Decimal> {
    let used = answer.get("credits_used").cloned()?;
    let used: Decimal = serde_json::from_value(used).ok()?;
    (used >= Decimal::from(0)).then_some(used)
}

/// What cannot be written down stays set aside, and the next that costs is refused: what was done is done, and
/// its answer matters more.
fn written(written: Result<(), ToolError>) {
    if let Err(error) = written {
        tracing::warn!(%error, "what a tool has cost could not be written down");
    }
}

impl Toolbox for Tools {
    fn definitions(&self) -> &[Tool] {
        &self.offered
    }

    fn call<'a>(
        &'a self,
        name: &'a str,
        arguments: Value,
        context: &'a Context,
    ) -> Pin<Box<dyn Future<Output = Result<ToolAnswer, ToolError>> + Send + 'a>> {
        Box::pin(self.run(name, arguments, context))
    }
}

/// What the user should know before agreeing.
fn consequences(tool: &Tool, cost: Option<&Decimal>) -> Vec<String> {
    let effects = &tool.operation().effects;
    let mut said = Vec::new();
    match effects.dials {
        Dials::Direct => said.push("it rings a phone".to_owned()),
        Dials::Indirect => said.push("it may ring a phone".to_owned()),
        Dials::None => {}
    }
    match (effects.spend, cost) {
        (Spend::None, _) => {}
        (_, Some(cost)) => said.push(format!("it costs up to {cost} credits")),
        (_, None) => said.push("it may cost".to_owned()),
    }
    if effects.irreversible {
        said.push("it cannot be taken back".to_owned());
    }
    said
}

fn dry(tool: &Tool, arguments: &Value, cost: Option<&Decimal>) -> Value {
    let operation = tool.operation();
    serde_json::json!({
        "dry_run": true,
        "operation": operation.id,
        "method": operation.method.as_str(),
        "path": operation.path,
        "arguments": arguments,
        "costs_at_most": cost,
    })
}
