//! Numbers as the service sends them.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use rust_decimal::prelude::ToPrimitive;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Number, Value};

/// A decimal number: credits, seconds, counts, ratings.
///
/// The service writes numbers whole or with a fraction, sometimes in a string. All of these are read
/// and written back, and calculated with in decimal: whole numbers up to 64 bits, fractions up to 15
/// digits (a fraction that stands bare in JSON is read as the shortest decimal of its `f64`, which is
/// that fraction) and texts up to 28 digits are exact. What is no number at all is kept too and has no
/// value: [`to_f64`](Self::to_f64) and its like are `None`.
///
/// ```
/// use kallyai_sdk::types::Decimal;
///
/// let cost: Decimal = "1.1".parse()?;
/// let balance = Decimal::from(200).checked_sub(&cost);
/// assert_eq!(balance.map(|b| b.to_string()).as_deref(), Some("198.9"));
/// # Ok::<(), kallyai_sdk::types::ParseDecimalError>(())
/// ```
#[derive(Clone)]
pub struct Decimal(Wire);

/// As it is on the wire.
#[derive(Clone)]
enum Wire {
    Number(Number),
    Text(Box<str>),
    Odd(Box<Value>),
}

impl Decimal {
    fn exact(&self) -> Option<rust_decimal::Decimal> {
        let parse = |text: &str| {
            if text.contains('_') {
                return None;
            }
            rust_decimal::Decimal::from_str_exact(text)
                .or_else(|_| rust_decimal::Decimal::from_scientific(text))
                .ok()
        };
        match &self.0 {
            Wire::Number(number) => match (number.as_i64(), number.as_u64()) {
                (Some(whole), _) => Some(whole.into()),
                (None, Some(whole)) => Some(whole.into()),
                (None, None) => parse(&number.to_string()),
            },
            Wire::Text(text) => parse(text.trim()),
            Wire::Odd(_) => None,
        }
    }

    fn from_exact(value: rust_decimal::Decimal) -> Self {
        let value = value.normalize();
        match value.to_i64() {
            Some(whole) if value.is_integer() => whole.into(),
            _ => Self(
                value
                    .to_f64()
                    .and_then(Number::from_f64)
                    // Not what the standard library writes: where two are as short, the other may be taken.
                    .filter(|number| number.to_string() == value.to_string())
                    .map_or_else(|| Wire::Text(value.to_string().into()), Wire::Number),
            ),
        }
    }

    /// Whether this is a number that can be calculated with.
    pub fn is_number(&self) -> bool {
        self.exact().is_some()
    }

    /// The nearest floating point number.
    pub fn to_f64(&self) -> Option<f64> {
        match &self.0 {
            Wire::Number(number) => number.as_f64(),
            _ => self.exact()?.to_f64(),
        }
    }

    /// The whole number, if it is one and fits.
    pub fn to_i64(&self) -> Option<i64> {
        let value = self.exact()?;
        if value.is_integer() {
            value.to_i64()
        } else {
            None
        }
    }

    /// The sum, if both are numbers and it fits.
    #[must_use]
    pub fn checked_add(&self, other: &Self) -> Option<Self> {
        self.exact()?
            .checked_add(other.exact()?)
            .map(Self::from_exact)
    }

    /// The difference, if both are numbers and it fits.
    #[must_use]
    pub fn checked_sub(&self, other: &Self) -> Option<Self> {
        self.exact()?
            .checked_sub(other.exact()?)
            .map(Self::from_exact)
    }
}

impl From<i64> for Decimal {
    fn from(value: i64) -> Self {
        Self(Wire::Number(value.into()))
    }
}

impl From<i32> for Decimal {
    fn from(value: i32) -> Self {
        Self(Wire::Number(value.into()))
    }
}

impl From<u32> for Decimal {
    fn from(value: u32) -> Self {
        Self(Wire::Number(value.into()))
    }
}

/// A text is no decimal number, or has more than 28 digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParseDecimalError;

impl fmt::Display for ParseDecimalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a decimal number: write digits with a point, like 12.5")
    }
}

impl std::error::Error for ParseDecimalError {}

impl FromStr for Decimal {
    type Err = ParseDecimalError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.contains('_') {
            return Err(ParseDecimalError);
        }
        rust_decimal::Decimal::from_str_exact(text)
            .map(Self::from_exact)
            .map_err(|_| ParseDecimalError)
    }
}

impl PartialEq for Decimal {
    /// By value; two that are no numbers are equal when they are the same JSON.
    fn eq(&self, other: &Self) -> bool {
        match (self.exact(), other.exact()) {
            (Some(a), Some(b)) => a == b,
            (None, None) => self.to_value() == other.to_value(),
            _ => false,
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.exact()?.partial_cmp(&other.exact()?)
    }
}

impl Decimal {
    fn to_value(&self) -> Value {
        match &self.0 {
            Wire::Number(number) => Value::Number(number.clone()),
            Wire::Text(text) => Value::from(&**text),
            Wire::Odd(value) => (**value).clone(),
        }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.exact() {
            Some(value) => value.normalize().fmt(f),
            None => f.pad("?"),
        }
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.exact() {
            Some(value) => write!(f, "Decimal({value})"),
            None => f.write_str("Decimal(no number)"),
        }
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Wire::Number(number) => number.serialize(serializer),
            Wire::Text(text) => serializer.serialize_str(text),
            Wire::Odd(value) => value.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Anything)
    }
}

/// Takes every JSON value: an odd one must not cost the rest of the answer.
struct Anything;

impl<'de> Visitor<'de> for Anything {
    type Value = Decimal;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Decimal, E> {
        Ok(Decimal(Wire::Number(value.into())))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Decimal, E> {
        Ok(Decimal(Wire::Number(value.into())))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Decimal, E> {
        Ok(Decimal(Number::from_f64(value).map_or_else(
            || Wire::Text(value.to_string().into()),
            Wire::Number,
        )))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Decimal, E> {
        Ok(Decimal(Wire::Text(value.into())))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Decimal, E> {
        Ok(odd(value.into()))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Decimal, E> {
        Ok(odd(Value::Null))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Decimal, A::Error> {
        Value::deserialize(de::value::SeqAccessDeserializer::new(list)).map(odd)
    }

    /// Where another crate of the program turns on serde_json's `arbitrary_precision`, numbers come
    /// as maps; reading them as a `Value` gives the number back.
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Decimal, A::Error> {
        Value::deserialize(de::value::MapAccessDeserializer::new(map)).map(|value| match value {
            Value::Number(number) => Decimal(Wire::Number(number)),
            other => odd(other),
        })
    }
}

fn odd(value: Value) -> Decimal {
    Decimal(Wire::Odd(Box::new(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_json_value_comes_back_as_it_was() {
        for json in [
            "1",
            "-1",
            "1.5",
            "3.0",
            "1e3",
            "18446744073709551615",
            "\"0.5\"",
            "\"1e400\"",
            "\"many\"",
            "true",
            "null",
            "[1]",
            "{\"a\":1}",
        ] {
            let value: Value = serde_json::from_str(json).unwrap();
            let decimal: Decimal = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_value(&decimal).unwrap(), value, "{json}");
            assert_eq!(decimal, decimal.clone());
        }
    }

    #[test]
    fn calculates_exactly() {
        let decimal = |text: &str| serde_json::from_str::<Decimal>(text).unwrap();
        let sum = decimal("0.1").checked_add(&decimal("\"0.2\"")).unwrap();
        assert_eq!(sum, decimal("0.3"));
        assert_eq!(sum.to_string(), "0.3");
        assert_eq!(serde_json::to_string(&sum).unwrap(), "0.3");
        assert_eq!(decimal("3.0"), decimal("3"));
        assert_eq!(decimal("3.0").to_i64(), Some(3));
        assert!(decimal("1.5") < decimal("2"));
        assert_eq!(decimal("true").checked_add(&sum), None);
        assert_eq!(decimal("\"1e400\"").to_f64(), None);
        assert_eq!(decimal("1e30").to_f64(), Some(1e30));
        // Of the two shortest decimals of this f64, serde_json writes the other one.
        let between = "728430047392373.3";
        assert_eq!(between.parse(), Ok(decimal("\"728430047392373.30000\"")));
        assert_eq!(between.parse::<Decimal>().unwrap().to_string(), between);
        for bad in ["1_000", "0.12345678901234567890123456789012345", "", "x"] {
            assert!(bad.parse::<Decimal>().is_err(), "{bad}");
        }
    }
}
