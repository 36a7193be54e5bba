//! What makes call requests pleasant to write and their answers pleasant to read.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, Utc};

use crate::check::zone;
use crate::phone::E164;
use crate::types::{
    Call, CallList, CallRequest, CallStatus, Language, PersonalText, Speaker, Submission,
    TaskCategory, TimeOfDay, Transcript, TranscriptEntry,
};

impl CallRequest {
    /// A call to a restaurant. The time zone is the machine's until [`timezone`](Self::timezone) says
    /// otherwise, and UTC where the machine does not know it: say it where there is an appointment.
    pub fn restaurant(respondent_phone: E164, task: impl Into<PersonalText>) -> Self {
        Self::about(TaskCategory::Restaurant, respondent_phone, task)
    }

    /// A call to a clinic; the time zone as for [`restaurant`](Self::restaurant).
    pub fn clinic(respondent_phone: E164, task: impl Into<PersonalText>) -> Self {
        Self::about(TaskCategory::Clinic, respondent_phone, task)
    }

    /// A call to a hotel; the time zone as for [`restaurant`](Self::restaurant).
    pub fn hotel(respondent_phone: E164, task: impl Into<PersonalText>) -> Self {
        Self::about(TaskCategory::Hotel, respondent_phone, task)
    }

    /// Any other call; the time zone as for [`restaurant`](Self::restaurant).
    pub fn general(respondent_phone: E164, task: impl Into<PersonalText>) -> Self {
        Self::about(TaskCategory::General, respondent_phone, task)
    }

    fn about(category: TaskCategory, phone: E164, task: impl Into<PersonalText>) -> Self {
        Self::new(Submission::new(category, task, phone), local_zone())
    }

    /// The date and time of the appointment, in the call's time zone.
    #[must_use]
    pub fn appointment(self, date: NaiveDate, time: TimeOfDay) -> Self {
        self.submit(|s| s.appointment_date(date).appointment_time(time))
    }

    /// The name of the place that is called.
    #[must_use]
    pub fn business_name(self, name: impl Into<PersonalText>) -> Self {
        self.submit(|s| s.business_name(name))
    }

    /// For how many people, 1 to 50.
    #[must_use]
    pub fn party_size(self, people: u32) -> Self {
        self.submit(|s| s.party_size(people))
    }

    /// On whose behalf the call is.
    #[must_use]
    pub fn user_name(self, name: impl Into<PersonalText>) -> Self {
        self.submit(|s| s.user_name(name))
    }

    /// The language of the results and of the conversation.
    #[must_use]
    pub fn language(self, language: Language) -> Self {
        self.submit(|s| s.language(language.clone()).call_language(language))
    }

    /// Changes the submission by its own setters.
    #[must_use]
    pub fn submit(mut self, change: impl FnOnce(Submission) -> Submission) -> Self {
        self.submission = change(self.submission);
        self
    }
}

impl Call {
    /// Whether it has ended. A status that no source names is taken for one of a call that goes on,
    /// unless there is a time of its end.
    pub fn is_over(&self) -> bool {
        let ended = self.metadata.as_ref().and_then(|m| m.ended_at.as_ref());
        !matches!(self.status, CallStatus::Unknown(_)) || ended.is_some() || self.ended_at.is_some()
    }

    /// When it was placed, as far as the service says.
    pub fn placed_at(&self) -> Option<DateTime<Utc>> {
        let placed = self.metadata.as_ref().and_then(|m| m.created_at.as_ref());
        let placed = placed.or(self.created_at.as_ref())?;
        Some(placed.to_datetime()?.to_utc())
    }
}

impl CallList {
    /// The calls, under whichever of the two published names they came.
    pub fn calls(&self) -> &[Call] {
        either(self.calls.as_deref(), self.items.as_deref())
    }
}

impl Transcript {
    /// The turns, under whichever of the two known names they came.
    pub fn entries(&self) -> &[TranscriptEntry] {
        either(self.entries.as_deref(), self.transcript.as_deref())
    }
}

impl TranscriptEntry {
    /// Who spoke; `ASSISTANT` is read as `AI`, `role` as `speaker`.
    pub fn speaker(&self) -> Option<&Speaker> {
        match self.speaker.as_ref().or(self.role.as_ref())? {
            Speaker::Assistant => Some(&Speaker::Ai),
            speaker => Some(speaker),
        }
    }

    /// What was said; `text` is read as `content`.
    pub fn content(&self) -> Option<&str> {
        self.content.as_deref().or(self.text.as_deref())
    }
}

/// The machine's time zone. Finding it reads files, so it is looked at once a minute.
fn local_zone() -> String {
    static KNOWN: Mutex<Option<(Instant, String)>> = Mutex::new(None);

    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    match &*known {
        Some((since, zone)) if since.elapsed() < Duration::from_secs(60) => zone.clone(),
        _ => {
            let zone = iana_time_zone::get_timezone().ok();
            let zone = zone.filter(|name| zone::is_known(name));
            let zone = zone.unwrap_or_else(|| "UTC".to_owned());
            *known = Some((Instant::now(), zone.clone()));
            zone
        }
    }
}

fn either<'a, T>(one: Option<&'a [T]>, other: Option<&'a [T]>) -> &'a [T] {
    one.filter(|list| !list.is_empty())
        .or(other)
        .unwrap_or_default()
}
