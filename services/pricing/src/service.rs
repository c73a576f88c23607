//! The gRPC method: cached quote, else a new one.

use std::{sync::Arc, time::Instant};

use prost::Message as _;
use sha2::{Digest as _, Sha256};
use tonic::{Request, Response, Status, metadata::MetadataMap};

use crate::{
    cache::Cache,
    catalogue::{Catalogue, hex},
    log::Log,
    v1::{PriceRequest, PriceResponse, pricing_server::Pricing},
};

pub struct PricingService {
    catalogue: Catalogue,
    cache: Arc<Cache>,
    log: Log,
}

impl PricingService {
    pub fn new(catalogue: Catalogue, cache: Arc<Cache>, log: Log) -> Self {
        Self { catalogue, cache, log }
    }

    /// The quote and whether it came from the cache.
    async fn quote(&self, request: &PriceRequest) -> Result<(PriceResponse, bool), String> {
        let key = cache_key(self.catalogue.version(), request);
        if let Some(quote) = self.cache.get(&key).await.and_then(|bytes| PriceResponse::decode(&*bytes).ok()) {
            return Ok((quote, true));
        }
        let quote = self.catalogue.quote(request)?;
        self.cache.put(&key, &quote.encode_to_vec()).await;
        Ok((quote, false))
    }
}

#[tonic::async_trait]
impl Pricing for PricingService {
    async fn price(&self, request: Request<PriceRequest>) -> Result<Response<PriceResponse>, Status> {
        let started = Instant::now();
        let correlation = header(request.metadata(), "correlation-id").to_owned();
        let trace = trace_id(header(request.metadata(), "traceparent")).to_owned();
        let outcome = self.quote(request.get_ref()).await;
        let micros = started.elapsed().as_micros().to_string();
        let who = [("trace_id", trace.as_str()), ("correlation_id", correlation.as_str()), ("duration_us", &micros)];
        match outcome {
            Ok((quote, cached)) => {
                let total = quote.total_minor.to_string();
                let cached = if cached { "true" } else { "false" };
                let what = [("currency", quote.currency.as_str()), ("total_minor", &total), ("cached", cached)];
                self.log.info("quoted", &[who.as_slice(), what.as_slice()].concat());
                Ok(Response::new(quote))
            }
            Err(error) => {
                self.log.warn("refused", &[who.as_slice(), &[("reason", error.as_str())]].concat());
                Err(Status::invalid_argument(error))
            }
        }
    }
}

/// The same request has the same key as long as the catalogue is the same.
fn cache_key(version: &str, request: &PriceRequest) -> String {
    format!("quote:{version}:{}", hex(&Sha256::digest(request.encode_to_vec())))
}

fn header<'a>(metadata: &'a MetadataMap, name: &str) -> &'a str {
    metadata.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// The trace id of a W3C traceparent; empty when there is none.
fn trace_id(traceparent: &str) -> &str {
    match traceparent.split('-').collect::<Vec<_>>()[..] {
        [_, id, _, _] if id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()) => id,
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use tonic::Code;

    use super::*;
    use crate::{log::Tags, secret::Reading, v1::PriceRequestLine};

    fn service() -> PricingService {
        let log = Log::new(Tags { service: "t".into(), environment: "t".into(), release: "t".into() });
        let down = || -> Reading { Box::pin(async { Err("secrets are down".to_owned()) }) };
        PricingService::new(Catalogue::embedded().unwrap(), Arc::new(Cache::new(down, log.clone())), log)
    }

    fn request(currency: &str, quantity: u32) -> PriceRequest {
        let line = PriceRequestLine { sku: "MUG-BLUE".into(), quantity };
        PriceRequest { currency: currency.into(), lines: vec![line] }
    }

    #[tokio::test]
    async fn prices_without_a_cache() {
        let quote = service().price(Request::new(request("EUR", 2))).await.unwrap().into_inner();
        assert_eq!((quote.total_minor, quote.currency.as_str()), (2300, "EUR"));
    }

    #[tokio::test]
    async fn what_the_caller_did_wrong_is_an_invalid_argument() {
        let status = service().price(Request::new(request("XXX", 2))).await.unwrap_err();
        assert_eq!((status.code(), status.message()), (Code::InvalidArgument, "unknown currency \"XXX\""));
    }

    #[test]
    fn the_key_tells_requests_and_catalogues_apart() {
        let keys = [
            cache_key("v1", &request("EUR", 1)),
            cache_key("v2", &request("EUR", 1)),
            cache_key("v1", &request("EUR", 2)),
            cache_key("v1", &request("USD", 1)),
        ];
        assert_eq!(keys.iter().collect::<std::collections::HashSet<_>>().len(), keys.len());
        assert_eq!(keys[0], cache_key("v1", &request("EUR", 1)));
    }

    #[test]
    fn only_a_traceparent_has_a_trace_id() {
        let id = "4bf92f3577b34da6a3ce929d0e0e4736";
        assert_eq!(trace_id(&format!("00-{id}-00f067aa0ba902b7-01")), id);
        for bad in ["", "00", "00-short-00f067aa0ba902b7-01", "a-b-c-d-e"] {
            assert_eq!(trace_id(bad), "");
        }
    }
}
