//! The probes of the platform over HTTP: /healthz (alive) and /readyz (ready).

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{Router, http::StatusCode, routing::get};

/// Whether calls should be sent here; clones share it. The cache has no say: without it quotes are computed.
#[derive(Clone, Default)]
pub struct Readiness(Arc<AtomicBool>);

impl Readiness {
    pub fn set(&self, ready: bool) {
        self.0.store(ready, Ordering::SeqCst);
    }

    fn answer(&self) -> (StatusCode, &'static str) {
        if self.0.load(Ordering::SeqCst) { (StatusCode::OK, "ok\n") } else { (StatusCode::SERVICE_UNAVAILABLE, "no\n") }
    }
}

/// Serves the two paths.
pub fn router(readiness: Readiness) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(move || async move { readiness.answer() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn not_ready_before_the_start_and_after_the_end() {
        let readiness = Readiness::default();
        assert_eq!(readiness.answer().0, StatusCode::SERVICE_UNAVAILABLE);
        readiness.set(true);
        assert_eq!(readiness.clone().answer().0, StatusCode::OK);
    }
}
