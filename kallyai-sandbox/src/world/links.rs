//! Links that were given out: each leads to a page on which the user decides something.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::email::Provider;
use crate::ids::Ids;

/// Old links make room for new ones.
const KEPT: usize = 1000;

/// Where a link leads.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Link {
    /// The billing portal.
    Portal,
    /// The checkout of the trial, and where it goes on from there.
    Checkout {
        success_url: String,
        cancel_url: String,
    },
    /// The page on which an e-mail provider asks.
    Connect { provider: Provider },
}

/// By ticket, oldest first.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Links(VecDeque<(String, Link)>);

impl Links {
    /// Answers with the ticket of the link.
    pub(crate) fn add(&mut self, link: Link, ids: &mut Ids) -> String {
        let ticket = ids.secret("link");
        if self.0.len() >= KEPT {
            self.0.pop_front();
        }
        self.0.push_back((ticket.clone(), link));
        ticket
    }

    pub(crate) fn get(&self, ticket: &str) -> Option<&Link> {
        self.0
            .iter()
            .find_map(|(known, link)| (known == ticket).then_some(link))
    }

    /// A decision is taken once.
    pub(crate) fn take(&mut self, ticket: &str) -> Option<Link> {
        let place = self.0.iter().position(|(known, _)| known == ticket)?;
        self.0.remove(place).map(|(_, link)| link)
    }
}
