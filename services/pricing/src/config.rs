//! The settings, read from the environment once at the start.

use std::time::Duration;

use crate::log::Tags;

/// Everything that differs between two environments.
#[derive(Debug)]
pub struct Settings {
    pub cache_secret_arn: String,
    pub grpc_port: u16,
    pub http_port: u16,
    /// How long calls in flight may take after SIGTERM.
    pub shutdown_grace: Duration,
    pub tags: Tags,
}

impl Settings {
    /// Reads the settings. The error names every variable that is missing or wrong, in one line.
    pub fn load(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let mut problems = Vec::new();
        let lookup = |name: &str| lookup(name).filter(|value| !value.is_empty());
        let mut required = |name: &str| {
            lookup(name).unwrap_or_else(|| {
                problems.push(format!("{name} is not set"));
                String::new()
            })
        };
        required("AWS_REGION");
        let cache_secret_arn = required("CACHE_SECRET_ARN");
        let mut number = |name: &str, fallback: u16, low: u16| {
            let Some(text) = lookup(name) else { return fallback };
            text.parse().ok().filter(|value| *value >= low).unwrap_or_else(|| {
                problems.push(format!("{name} must be a whole number from {low} to {}", u16::MAX));
                fallback
            })
        };
        let settings = Self {
            cache_secret_arn,
            grpc_port: number("GRPC_PORT", 50051, 1),
            http_port: number("HTTP_PORT", 8080, 1),
            shutdown_grace: Duration::from_secs(number("SHUTDOWN_GRACE_SECONDS", 25, 1).into()),
            tags: Tags {
                service: lookup("SERVICE_NAME").unwrap_or_else(|| "pricing".into()),
                environment: lookup("ENVIRONMENT").unwrap_or_else(|| "unknown".into()),
                release: lookup("RELEASE").unwrap_or_else(|| "unknown".into()),
            },
        };
        if problems.is_empty() { Ok(settings) } else { Err(format!("configuration: {}", problems.join("; "))) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(pairs: &[(&str, &str)]) -> Result<Settings, String> {
        Settings::load(|name| pairs.iter().find(|pair| pair.0 == name).map(|pair| pair.1.to_owned()))
    }

    const REQUIRED: [(&str, &str); 2] = [("AWS_REGION", "eu-central-1"), ("CACHE_SECRET_ARN", "arn:x")];

    #[test]
    fn defaults_serve_when_only_the_required_is_set() {
        let settings = load(&REQUIRED).unwrap();
        assert_eq!((settings.grpc_port, settings.http_port), (50051, 8080));
        assert_eq!(settings.shutdown_grace, Duration::from_secs(25));
        assert_eq!(settings.tags.service, "pricing");
    }

    #[test]
    fn one_line_names_all_that_is_wrong() {
        let error = load(&[("GRPC_PORT", "70000"), ("HTTP_PORT", "0"), ("AWS_REGION", "")]).unwrap_err();
        for name in ["AWS_REGION", "CACHE_SECRET_ARN", "GRPC_PORT", "HTTP_PORT"] {
            assert!(error.contains(name), "{error}");
        }
        assert!(!error.contains('\n'));
    }
}
