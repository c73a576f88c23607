//! Pricing: quotes orders over gRPC from the catalogue that the release carries.
//!
//! The configuration comes from the environment ([`config`]). Exit codes: 0 after an orderly stop, 2 when the
//! configuration is wrong, 1 when anything else ended it.

mod cache;
mod catalogue;
mod config;
mod health;
mod log;
mod secret;
mod server;
mod service;

#[rustfmt::skip] // generated code stays as it was generated
#[path = "../../contracts/gen/rust/understudy.pricing.v1.rs"]
mod v1;

#[cfg(test)]
mod contract_test;

use std::{env, process::ExitCode, sync::Arc};

use crate::{cache::Cache, catalogue::Catalogue, config::Settings, log::Log, secret::Secret, service::PricingService};

fn main() -> ExitCode {
    let settings = match Settings::load(|name| env::var(name).ok()) {
        Ok(settings) => settings,
        Err(error) => {
            eprintln!("pricing: {error}");
            return ExitCode::from(2);
        }
    };
    let log = Log::new(settings.tags.clone());
    match run(settings, log.clone()) {
        Ok(()) => {
            log.info("stopped", &[]);
            ExitCode::SUCCESS
        }
        Err(error) => {
            log.error("stopped", &[("error", &error)]);
            ExitCode::FAILURE
        }
    }
}

fn run(settings: Settings, log: Log) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("start the runtime: {error}"))?;
    runtime.block_on(async move {
        let catalogue = Catalogue::embedded()?;
        log.info("catalogue loaded", &[("catalogue_version", catalogue.version())]);
        let secret = Secret::new(settings.cache_secret_arn.clone()).await;
        let cache = Cache::new(move || secret.clone().read(), log.clone());
        let service = PricingService::new(catalogue, Arc::new(cache), log.clone());
        server::serve(service, &settings, &log).await
    })
}
