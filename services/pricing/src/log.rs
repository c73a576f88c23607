//! One JSON object per line on standard output, with the fields that both services share: ts, level, msg,
//! service, environment, release; per call also trace_id and correlation_id.

use std::io::Write as _;

use serde_json::{Map, Value};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// What is on every line.
#[derive(Clone, Debug)]
pub struct Tags {
    pub service: String,
    pub environment: String,
    pub release: String,
}

/// A logger; clones share nothing but their tags.
#[derive(Clone)]
pub struct Log {
    tags: Tags,
}

pub type Field<'a> = (&'a str, &'a str);

impl Log {
    pub fn new(tags: Tags) -> Self {
        Self { tags }
    }

    pub fn info(&self, message: &str, fields: &[Field]) {
        self.write("info", message, fields);
    }

    pub fn warn(&self, message: &str, fields: &[Field]) {
        self.write("warn", message, fields);
    }

    pub fn error(&self, message: &str, fields: &[Field]) {
        self.write("error", message, fields);
    }

    fn write(&self, level: &str, message: &str, fields: &[Field]) {
        let line = self.line(OffsetDateTime::now_utc(), level, message, fields);
        // One write per line keeps lines whole; a closed standard output must not end the service.
        let _ = std::io::stdout().lock().write_all(line.as_bytes());
    }

    fn line(&self, now: OffsetDateTime, level: &str, message: &str, fields: &[Field]) -> String {
        let mut object = Map::new();
        let mut put = |key: &str, value: &str| object.insert(key.to_owned(), Value::from(value));
        put("ts", &now.format(&Rfc3339).unwrap_or_default());
        put("level", level);
        put("msg", message);
        put("service", &self.tags.service);
        put("environment", &self.tags.environment);
        put("release", &self.tags.release);
        for (key, value) in fields {
            put(key, value);
        }
        format!("{}\n", Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_json_object_with_the_shared_fields() {
        let tags = Tags { service: "pricing".into(), environment: "feature-x".into(), release: "r1".into() };
        let line = Log::new(tags).line(OffsetDateTime::UNIX_EPOCH, "warn", "a\nb", &[("trace_id", "t")]);
        assert_eq!(line.matches('\n').count(), 1);
        let value: Value = serde_json::from_str(&line).unwrap();
        for (key, expected) in [
            ("ts", "1970-01-01T00:00:00Z"),
            ("level", "warn"),
            ("msg", "a\nb"),
            ("service", "pricing"),
            ("environment", "feature-x"),
            ("release", "r1"),
            ("trace_id", "t"),
        ] {
            assert_eq!(value[key], expected, "{key}");
        }
    }
}
