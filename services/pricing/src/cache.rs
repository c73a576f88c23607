//! Quotes in Redis. Only ever a shortcut: when Redis is away a quote is computed, and that is all.

use std::{
    future::Future,
    time::{Duration, Instant},
};

use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ErrorKind, IntoConnectionInfo as _, RedisConnectionInfo, RedisError,
    TlsCertificates, aio::MultiplexedConnection,
};
use serde::Deserialize;
use tokio::{sync::Mutex, time::timeout};

use crate::{log::Log, secret::Reading};

/// How long a quote is kept.
pub const TIME_TO_LIVE: Duration = Duration::from_secs(300);
const OPERATION: Duration = Duration::from_millis(250);
const CONNECT: Duration = Duration::from_secs(2);
/// After a failure no call waits for Redis again for this long.
const PAUSE: Duration = Duration::from_secs(5);

/// A connection that is made when it is first needed, and made anew, with the secret of that moment, after it
/// failed.
pub struct Cache {
    secret: Box<dyn Fn() -> Reading + Send + Sync>,
    log: Log,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    connection: Option<MultiplexedConnection>,
    /// Kept until Redis refuses it, so that a reconnect does not need Secrets Manager.
    credentials: Option<Credentials>,
    paused_until: Option<Instant>,
}

#[derive(Clone, Deserialize)]
struct Credentials {
    host: String,
    port: u16,
    #[serde(default)]
    password: String,
    #[serde(default)]
    username: Option<String>,
    #[serde(default)]
    tls: bool,
    /// PEM of a private certificate authority; optional.
    #[serde(default)]
    ca: Option<String>,
}

enum Failure {
    /// The credentials were refused: they may have been rotated.
    Refused(String),
    Other(String),
}

impl From<RedisError> for Failure {
    fn from(error: RedisError) -> Self {
        let refused =
            error.kind() == ErrorKind::AuthenticationFailed || matches!(error.code(), Some("NOAUTH" | "WRONGPASS"));
        // A server's own words may quote a command, and so a password: the category is enough.
        let words = if refused { "the credentials were refused".to_owned() } else { error.category().to_owned() };
        if refused { Self::Refused(words) } else { Self::Other(words) }
    }
}

impl Cache {
    /// `secret` reads the cache's secret; it is called when a connection is made with no known credentials.
    pub fn new(secret: impl Fn() -> Reading + Send + Sync + 'static, log: Log) -> Self {
        Self { secret: Box::new(secret), log, state: Mutex::default() }
    }

    /// Returns the value of a key; none when it is not there, or Redis is not.
    pub async fn get(&self, key: &str) -> Option<Vec<u8>> {
        let mut connection = self.connection().await?;
        let mut command = redis::cmd("GET");
        command.arg(key);
        self.guarded(command.query_async::<Option<Vec<u8>>>(&mut connection)).await.flatten()
    }

    /// Stores a value for [`TIME_TO_LIVE`], if Redis is there.
    pub async fn put(&self, key: &str, value: &[u8]) {
        let Some(mut connection) = self.connection().await else { return };
        let mut command = redis::cmd("SET");
        command.arg(key).arg(value).arg("EX").arg(TIME_TO_LIVE.as_secs());
        self.guarded(command.query_async::<()>(&mut connection)).await;
    }

    async fn guarded<T>(&self, operation: impl Future<Output = Result<T, RedisError>>) -> Option<T> {
        let failure = match timeout(OPERATION, operation).await {
            Ok(Ok(value)) => return Some(value),
            Ok(Err(error)) => Failure::from(error),
            Err(_) => Failure::Other("no answer in time".to_owned()),
        };
        self.failed(&mut *self.state.lock().await, failure);
        None
    }

    /// The connection, made if need be. Callers that come while it is being made go without.
    async fn connection(&self) -> Option<MultiplexedConnection> {
        let mut state = self.state.try_lock().ok()?;
        if state.paused_until.is_some_and(|until| Instant::now() < until) {
            return None;
        }
        if state.connection.is_none() {
            let mut outcome = self.connect(&mut state).await;
            if let Err(Failure::Refused(_)) = outcome {
                // Rotated since it was read: once more with the secret as it is now.
                state.credentials = None;
                outcome = self.connect(&mut state).await;
            }
            match outcome {
                Ok(connection) => {
                    self.log.info("cache connected", &[]);
                    state.connection = Some(connection);
                }
                Err(failure) => self.failed(&mut state, failure),
            }
        }
        state.connection.clone()
    }

    async fn connect(&self, state: &mut State) -> Result<MultiplexedConnection, Failure> {
        let credentials = match &state.credentials {
            Some(known) => known.clone(),
            None => {
                let text = (self.secret)().await.map_err(Failure::Other)?;
                let read: Credentials = serde_json::from_str(&text)
                    .map_err(|_| Failure::Other("the secret is not the JSON object that is expected".to_owned()))?;
                state.credentials = Some(read.clone());
                read
            }
        };
        let config =
            AsyncConnectionConfig::new().set_connection_timeout(Some(CONNECT)).set_response_timeout(Some(OPERATION));
        Ok(client(&credentials)?.get_multiplexed_async_connection_with_config(&config).await?)
    }

    fn failed(&self, state: &mut State, failure: Failure) {
        let words = match failure {
            Failure::Refused(words) => {
                state.credentials = None;
                words
            }
            Failure::Other(words) => words,
        };
        state.connection = None;
        state.paused_until = Some(Instant::now() + PAUSE);
        self.log.warn("cache unavailable: quotes are computed", &[("error", &words)]);
    }
}

fn client(credentials: &Credentials) -> Result<Client, RedisError> {
    let (host, port) = (credentials.host.clone(), credentials.port);
    let mut login = RedisConnectionInfo::default();
    if !credentials.password.is_empty() {
        login = login.set_password(&credentials.password);
    }
    if let Some(username) = &credentials.username {
        login = login.set_username(username);
    }
    if !credentials.tls {
        return Client::open(ConnectionAddr::Tcp(host, port).into_connection_info()?.set_redis_settings(login));
    }
    let address = ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None };
    let root_cert = credentials.ca.as_ref().map(|pem| pem.clone().into_bytes());
    Client::build_with_tls(
        address.into_connection_info()?.set_redis_settings(login),
        TlsCertificates { client_tls: None, root_cert },
    )
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use super::*;
    use crate::log::Tags;

    fn cache(secret: &'static str, reads: Arc<AtomicUsize>) -> Cache {
        let tags = Tags { service: "t".into(), environment: "t".into(), release: "t".into() };
        let read = move || -> Reading {
            reads.fetch_add(1, Ordering::SeqCst);
            Box::pin(async move { Ok(secret.to_owned()) })
        };
        Cache::new(read, Log::new(tags))
    }

    #[tokio::test]
    async fn without_redis_there_is_no_value_and_no_second_attempt_at_once() {
        let reads = Arc::new(AtomicUsize::new(0));
        // Port 1 of the loopback: nothing listens there.
        let cache = cache(r#"{"host":"127.0.0.1","port":1,"password":"x","tls":false}"#, reads.clone());
        assert_eq!(cache.get("k").await, None);
        cache.put("k", b"v").await;
        assert_eq!(cache.get("k").await, None);
        assert_eq!(reads.load(Ordering::SeqCst), 1);
        assert!(cache.state.lock().await.paused_until.is_some());
    }

    #[tokio::test]
    async fn a_secret_of_another_form_counts_as_unavailable() {
        let cache = cache("not json", Arc::default());
        assert_eq!(cache.get("k").await, None);
    }
}
