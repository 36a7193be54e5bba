//! Faults as the control plane takes and shows them.

use std::time::Duration;

use chrono::DateTime;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Fault, FaultKind, HowOften};

/// A fault as the control plane takes it, and as it shows it.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FaultInput {
    operation_id: String,
    fault: Name,
    #[serde(skip_serializing_if = "Option::is_none")]
    ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    times: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    probability: Option<f64>,
}

#[derive(Debug, Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Name {
    Latency,
    SlowBody,
    RateLimit,
    ServerError,
    Error,
    ResetBefore,
    ResetAfter,
    CutBody,
    BrokenJson,
    UnknownEnum,
    UnknownField,
    StringNumbers,
    AlternateShape,
}

impl FaultInput {
    /// What is said that has nothing to do with the fault.
    fn foreign(&self) -> Result<(), &'static str> {
        let slowness = matches!(self.fault, Name::Latency | Name::SlowBody);
        if self.ms.is_some() && !slowness {
            return Err("ms: is for latency and slow_body only");
        }
        if self.retry_after.is_some() && !matches!(self.fault, Name::RateLimit) {
            return Err("retry_after: is for rate_limit only");
        }
        if self.status.is_some() && !matches!(self.fault, Name::ServerError) {
            return Err("status: is for server_error only");
        }
        if self.code.is_some() && !matches!(self.fault, Name::Error) {
            return Err("code: is for error only");
        }
        Ok(())
    }

    pub(crate) fn fault(self) -> Result<Fault, &'static str> {
        self.foreign()?;
        let pause = || {
            self.ms
                .map(Duration::from_millis)
                .ok_or("ms is required with this fault")
        };
        let kind = match self.fault {
            Name::Latency => FaultKind::Latency(pause()?),
            Name::SlowBody => FaultKind::SlowBody(pause()?),
            Name::RateLimit => FaultKind::RateLimit {
                retry_after: self.retry_after.as_ref().map(retry_after).transpose()?,
            },
            Name::ServerError => {
                let status = self.status.unwrap_or(500);
                if !(500..600).contains(&status) {
                    return Err("status is from 500 to 599");
                }
                FaultKind::ServerError { status }
            }
            Name::Error => FaultKind::Published {
                code: self.code.ok_or("code is required with this fault")?,
            },
            Name::ResetBefore => FaultKind::ResetBefore,
            Name::ResetAfter => FaultKind::ResetAfter,
            Name::CutBody => FaultKind::CutBody,
            Name::BrokenJson => FaultKind::BrokenJson,
            Name::UnknownEnum => FaultKind::UnknownEnum,
            Name::UnknownField => FaultKind::UnknownField,
            Name::StringNumbers => FaultKind::StringNumbers,
            Name::AlternateShape => FaultKind::AlternateShape,
        };
        let fault = Fault::on(self.operation_id, kind);
        match (self.times, self.probability) {
            (None, None) => Ok(fault),
            (Some(times), None) => Ok(fault.times(times)),
            (None, Some(probability)) if (0.0..=1.0).contains(&probability) => {
                Ok(fault.probability(probability))
            }
            (None, Some(_)) => Err("probability is from 0 to 1"),
            (Some(_), Some(_)) => Err("either times or probability"),
        }
    }
}

/// Whole seconds, or an HTTP date.
fn retry_after(value: &Value) -> Result<String, &'static str> {
    let is_date = |text: &str| text.ends_with(" GMT") && DateTime::parse_from_rfc2822(text).is_ok();
    match value {
        Value::Number(seconds) if seconds.is_u64() => Ok(seconds.to_string()),
        Value::String(text) if text.parse::<u64>().is_ok() || is_date(text) => Ok(text.clone()),
        _ => Err("retry_after: is whole seconds or an HTTP date"),
    }
}

/// What was set, in words that would set it again.
impl From<&Fault> for FaultInput {
    fn from(fault: &Fault) -> Self {
        let milliseconds =
            |pause: &Duration| Some(u64::try_from(pause.as_millis()).unwrap_or(u64::MAX));
        let mut input = Self {
            operation_id: fault.operation_id().unwrap_or("*").to_owned(),
            fault: Name::of(&fault.kind),
            ms: None,
            retry_after: None,
            status: None,
            code: None,
            times: None,
            probability: None,
        };
        match &fault.kind {
            FaultKind::Latency(pause) | FaultKind::SlowBody(pause) => {
                input.ms = milliseconds(pause);
            }
            FaultKind::RateLimit { retry_after } => {
                input.retry_after = retry_after.as_ref().map(|text| {
                    text.parse::<u64>()
                        .map_or_else(|_| Value::String(text.clone()), Value::from)
                });
            }
            FaultKind::ServerError { status } => input.status = Some(*status),
            FaultKind::Published { code } => input.code = Some(code.clone()),
            _ => {}
        }
        match fault.how_often {
            HowOften::Times(left) => input.times = Some(left),
            HowOften::Probability(probability) => input.probability = Some(probability),
        }
        input
    }
}

impl Name {
    fn of(kind: &FaultKind) -> Self {
        match kind {
            FaultKind::Latency(_) => Self::Latency,
            FaultKind::SlowBody(_) => Self::SlowBody,
            FaultKind::RateLimit { .. } => Self::RateLimit,
            FaultKind::ServerError { .. } => Self::ServerError,
            FaultKind::Published { .. } => Self::Error,
            FaultKind::ResetBefore => Self::ResetBefore,
            FaultKind::ResetAfter => Self::ResetAfter,
            FaultKind::CutBody => Self::CutBody,
            FaultKind::BrokenJson => Self::BrokenJson,
            FaultKind::UnknownEnum => Self::UnknownEnum,
            FaultKind::UnknownField => Self::UnknownField,
            FaultKind::StringNumbers => Self::StringNumbers,
            FaultKind::AlternateShape => Self::AlternateShape,
        }
    }
}
