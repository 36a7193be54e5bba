//! What is thought of a bill, by what is usual.

use serde_json::{Value, json};

/// A bill as somebody describes it.
pub(crate) struct Bill<'a> {
    pub(crate) description: &'a str,
    pub(crate) amount: Option<f64>,
    pub(crate) provider: Option<&'a str>,
}

/// A word, and what is usual in a month for what it names.
const USUAL: &[(&str, f64, f64)] = &[
    ("internet", 50.0, 70.0),
    ("cable", 50.0, 70.0),
    ("mobile", 30.0, 50.0),
    ("phone", 30.0, 50.0),
    ("electric", 80.0, 140.0),
    ("water", 40.0, 70.0),
    ("gym", 20.0, 50.0),
];

/// Of other bills this part is taken to be fair.
const FAIR: (f64, f64) = (0.6, 0.8);

impl Bill<'_> {
    pub(crate) fn sender(&self) -> &str {
        self.provider.unwrap_or("an unnamed provider")
    }

    /// The amount; where it is not given, the first number in the description.
    fn asked(&self) -> Option<f64> {
        let written = || {
            self.description
                .split(|c: char| !c.is_ascii_digit() && c != '.')
                .find_map(|text| text.trim_matches('.').parse().ok())
        };
        self.amount
            .or_else(written)
            .filter(|amount: &f64| *amount > 0.0)
    }

    fn usual(&self) -> Option<(f64, f64)> {
        let text = format!("{} {}", self.description, self.sender()).to_lowercase();
        USUAL
            .iter()
            .find_map(|(word, low, high)| text.contains(word).then_some((*low, *high)))
    }
}

/// The analysis of a bill.
pub(crate) fn analysis(bill: &Bill<'_>) -> Value {
    let asked = bill.asked();
    let fair = bill
        .usual()
        .or_else(|| asked.map(|amount| (amount * FAIR.0, amount * FAIR.1)));
    let Some((low, high)) = fair else {
        return json!({
            "overcharge_detected": false,
            "recommendations": ["say what the bill asks for"],
        });
    };
    let range = format!("${low:.0}-{high:.0}");
    match asked.filter(|amount| *amount > high) {
        Some(amount) => json!({
            "fair_price_range": range,
            "overcharge_detected": true,
            "savings_potential": format!("${:.0} to ${:.0}", amount - high, amount - low),
            "recommendations": ["call and ask for a lower price", "compare other providers"],
        }),
        None => json!({
            "fair_price_range": range,
            "overcharge_detected": false,
            "savings_potential": "none",
            "recommendations": ["keep it"],
        }),
    }
}
