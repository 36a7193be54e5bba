//! The command, run as whoever types it runs it: a process of its own, against the API on loopback.

#[cfg(test)]
mod accounts;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod calls;
#[cfg(test)]
mod chat;
#[cfg(test)]
mod contacts;
#[cfg(test)]
mod goals;
#[cfg(test)]
mod inbound;
#[cfg(test)]
mod plain;
#[cfg(test)]
mod prudence;
#[cfg(test)]
mod servers;
#[cfg(test)]
mod start;
#[cfg(test)]
mod support;
