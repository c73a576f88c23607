//! Serves gRPC and the probes until SIGTERM or SIGINT, then drains.

use std::{
    future::IntoFuture as _,
    net::{Ipv4Addr, Ipv6Addr},
    time::Duration,
};

use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::watch,
    time::{sleep, timeout},
};
use tonic::transport::{Server, server::TcpIncoming};

use crate::{
    config::Settings,
    health::{Readiness, router},
    log::Log,
    service::PricingService,
    v1::pricing_server::PricingServer,
};

/// How long calls are still accepted after readiness is withdrawn, so that the platform can take this replica out
/// of its Service first.
const LAME_DUCK: Duration = Duration::from_secs(1);

/// Runs until a signal asks to stop; an error is one line.
pub async fn serve(service: PricingService, settings: &Settings, log: &Log) -> Result<(), String> {
    let readiness = Readiness::default();
    let (reporter, health) = tonic_health::server::health_reporter();
    let grpc = listen("GRPC_PORT", settings.grpc_port).await?;
    let http = listen("HTTP_PORT", settings.http_port).await?;
    let (stop, stopping) = watch::channel(false);
    let stopped = move || {
        let mut stopping = stopping.clone();
        async move {
            let _ = stopping.wait_for(|stop| *stop).await;
        }
    };

    let mut calls = tokio::spawn(
        Server::builder()
            .add_service(health)
            .add_service(PricingServer::new(service).max_decoding_message_size(64 << 10))
            .serve_with_incoming_shutdown(TcpIncoming::from(grpc).with_nodelay(Some(true)), stopped()),
    );
    let probes = tokio::spawn(axum::serve(http, router(readiness.clone())).into_future());
    reporter.set_serving::<PricingServer<PricingService>>().await;
    readiness.set(true);
    log.info("serving", &[]);

    tokio::select! {
        outcome = asked_to_stop() => outcome?,
        _ = &mut calls => return Err("the gRPC server ended by itself".into()),
    }
    readiness.set(false);
    reporter.set_not_serving::<PricingServer<PricingService>>().await;
    log.info("draining", &[]);
    sleep(LAME_DUCK.min(settings.shutdown_grace / 2)).await;
    let _ = stop.send(true);
    if timeout(settings.shutdown_grace, calls).await.is_err() {
        log.warn("calls were cut off: the grace period is over", &[]);
    }
    probes.abort();
    Ok(())
}

async fn listen(variable: &str, port: u16) -> Result<TcpListener, String> {
    // Both address families; a host without IPv6 gets IPv4 alone.
    match TcpListener::bind((Ipv6Addr::UNSPECIFIED, port)).await {
        Ok(listener) => Ok(listener),
        Err(_) => TcpListener::bind((Ipv4Addr::UNSPECIFIED, port))
            .await
            .map_err(|error| format!("listen on {variable} {port}: {error}")),
    }
}

async fn asked_to_stop() -> Result<(), String> {
    let handler = |kind| signal(kind).map_err(|error| format!("listen for signals: {error}"));
    let (mut terminate, mut interrupt) = (handler(SignalKind::terminate())?, handler(SignalKind::interrupt())?);
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        _ = interrupt.recv() => Ok(()),
    }
}
