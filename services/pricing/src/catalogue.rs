//! The price list and the arithmetic of a quote. Pure.

use std::collections::HashMap;

use sha2::{Digest as _, Sha256};

use crate::v1::{PriceRequest, PriceResponse, QuotedLine};

/// Limits of a request; the order worker has the same ones.
pub const MAX_LINES: usize = 100;
pub const MAX_QUANTITY: u32 = 10_000;

const EMBEDDED: &str = include_str!("../catalogue.csv");

/// Unit prices in minor units, by article and currency.
pub struct Catalogue {
    version: String,
    currencies: Vec<String>,
    prices: HashMap<String, Vec<i64>>,
}

impl Catalogue {
    /// The catalogue of this release.
    pub fn embedded() -> Result<Self, String> {
        Self::parse(EMBEDDED).map_err(|error| format!("catalogue.csv: {error}"))
    }

    /// Reads a table: the header names the currencies, each row an article and its price in every currency.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut rows = text.lines().enumerate();
        let header = rows.next().map(|(_, line)| line).unwrap_or_default();
        let currencies: Vec<String> = match header.split_once(',') {
            Some(("sku", rest)) => rest.split(',').map(str::to_owned).collect(),
            _ => return Err("line 1: the header must be sku and the currencies".into()),
        };
        if currencies.iter().any(|code| code.len() != 3 || !code.bytes().all(|byte| byte.is_ascii_uppercase())) {
            return Err("line 1: a currency is no ISO 4217 code".into());
        }
        let mut prices = HashMap::new();
        for (index, line) in rows {
            let number = index + 1;
            let (sku, rest) = line.split_once(',').ok_or(format!("line {number}: no price"))?;
            let row: Vec<i64> = rest
                .split(',')
                .map(|field| field.parse().ok().filter(|price| *price > 0))
                .collect::<Option<_>>()
                .filter(|row: &Vec<i64>| row.len() == currencies.len())
                .ok_or(format!("line {number}: not one whole positive price per currency"))?;
            if sku.is_empty() || prices.insert(sku.to_owned(), row).is_some() {
                return Err(format!("line {number}: the article is empty or occurs twice"));
            }
        }
        Ok(Self { version: hex(&Sha256::digest(text))[..12].to_owned(), currencies, prices })
    }

    /// Twelve hex digits that change with the content.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Quotes a request. The error says in one line what the caller did wrong.
    pub fn quote(&self, request: &PriceRequest) -> Result<PriceResponse, String> {
        let column = self
            .currencies
            .iter()
            .position(|code| *code == request.currency)
            .ok_or_else(|| format!("unknown currency {:?}", clip(&request.currency)))?;
        if request.lines.is_empty() || request.lines.len() > MAX_LINES {
            return Err(format!("there are {} lines, not 1 to {MAX_LINES}", request.lines.len()));
        }
        let mut lines = Vec::with_capacity(request.lines.len());
        let mut total: i64 = 0;
        for (index, line) in request.lines.iter().enumerate() {
            let prices = self
                .prices
                .get(&line.sku)
                .ok_or_else(|| format!("lines[{index}]: unknown sku {:?}", clip(&line.sku)))?;
            if line.quantity < 1 || line.quantity > MAX_QUANTITY {
                return Err(format!("lines[{index}]: quantity {} is not 1 to {MAX_QUANTITY}", line.quantity));
            }
            let too_large = || format!("lines[{index}]: the amount is too large");
            let unit = prices[column];
            let line_total = unit.checked_mul(line.quantity.into()).ok_or_else(too_large)?;
            total = total.checked_add(line_total).ok_or_else(too_large)?;
            lines.push(QuotedLine {
                sku: line.sku.clone(),
                quantity: line.quantity,
                unit_price_minor: unit,
                line_total_minor: line_total,
            });
        }
        Ok(PriceResponse {
            currency: request.currency.clone(),
            lines,
            total_minor: total,
            catalogue_version: self.version.clone(),
        })
    }
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn clip(text: &str) -> String {
    text.chars().take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v1::PriceRequestLine;

    fn request(currency: &str, lines: &[(&str, u32)]) -> PriceRequest {
        PriceRequest {
            currency: currency.into(),
            lines: lines
                .iter()
                .map(|(sku, quantity)| PriceRequestLine { sku: (*sku).into(), quantity: *quantity })
                .collect(),
        }
    }

    #[test]
    fn the_total_is_the_sum_of_the_lines_in_the_currency_asked_for() {
        let catalogue = Catalogue::parse("sku,EUR,JPY\nA,150,20\nB,7,1\n").unwrap();
        let quote = catalogue.quote(&request("JPY", &[("A", 3), ("B", 2), ("A", 1)])).unwrap();
        let totals: Vec<i64> = quote.lines.iter().map(|line| line.line_total_minor).collect();
        assert_eq!((totals, quote.total_minor), (vec![60, 2, 20], 82));
        assert_eq!(quote.catalogue_version, catalogue.version());
    }

    #[test]
    fn every_article_of_the_release_has_a_price_in_every_currency() {
        let catalogue = Catalogue::embedded().unwrap();
        for sku in catalogue.prices.keys() {
            for currency in &catalogue.currencies {
                assert!(catalogue.quote(&request(currency, &[(sku, 1)])).unwrap().total_minor > 0);
            }
        }
    }

    #[test]
    fn a_bad_request_is_told_what_is_wrong() {
        let catalogue = Catalogue::parse("sku,EUR\nA,150\nHUGE,9223372036854775807\n").unwrap();
        for (bad, expected) in [
            (request("XXX", &[("A", 1)]), "unknown currency \"XXX\""),
            (request("EUR", &[]), "there are 0 lines"),
            (request("EUR", &[("A", 1); MAX_LINES + 1]), "there are 101 lines"),
            (request("EUR", &[("A", 1), ("NOPE", 1)]), "lines[1]: unknown sku \"NOPE\""),
            (request("EUR", &[("A", 0)]), "quantity 0"),
            (request("EUR", &[("A", MAX_QUANTITY + 1)]), "quantity 10001"),
            (request("EUR", &[("HUGE", 2)]), "too large"),
            (request("EUR", &[("HUGE", 1), ("A", 1)]), "lines[1]: the amount is too large"),
        ] {
            let error = catalogue.quote(&bad).unwrap_err();
            assert!(error.contains(expected), "{error} lacks {expected}");
        }
    }

    #[test]
    fn a_damaged_catalogue_is_refused_with_its_line() {
        for (text, expected) in [
            ("", "line 1"),
            ("sku,eur\n", "line 1"),
            ("sku,EUR\nA\n", "line 2: no price"),
            ("sku,EUR\nA,1,2\n", "line 2: not one"),
            ("sku,EUR\nA,0\n", "line 2: not one"),
            ("sku,EUR\nA,1\nA,2\n", "line 3: the article"),
        ] {
            let error = Catalogue::parse(text).map(|_| ()).unwrap_err();
            assert!(error.contains(expected), "{error} lacks {expected}");
        }
    }
}
