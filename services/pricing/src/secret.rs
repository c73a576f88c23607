//! Reads a secret of Secrets Manager, with the credentials of the pod's workload identity.

use std::{future::Future, pin::Pin, time::Duration};

use aws_config::{BehaviorVersion, timeout::TimeoutConfig};
use aws_sdk_secretsmanager::{Client, error::DisplayErrorContext};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};

/// What [`Secret::read`] returns.
pub type Reading = Pin<Box<dyn Future<Output = Result<String, String>> + Send>>;

/// One secret; clones share connections.
#[derive(Clone)]
pub struct Secret {
    client: Client,
    arn: String,
}

impl Secret {
    /// Takes region, credentials and endpoint from the environment, as every AWS program does. Reads nothing yet.
    pub async fn new(arn: String) -> Self {
        let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(2))
            .operation_timeout(Duration::from_secs(10))
            .build();
        let config =
            aws_config::defaults(BehaviorVersion::latest()).http_client(http).timeout_config(timeouts).load().await;
        Self { client: Client::new(&config), arn }
    }

    /// Returns the current version's text.
    pub fn read(self) -> Reading {
        Box::pin(async move {
            let answer = self
                .client
                .get_secret_value()
                .secret_id(&self.arn)
                .send()
                .await
                .map_err(|error| format!("read the secret: {}", DisplayErrorContext(error)))?;
            answer.secret_string.ok_or_else(|| "the secret holds no text".to_owned())
        })
    }
}
