//! Which keys there are, and whose they are.

/// Keys at the top that no observer has. Below a `[[observer]]` they would be its own.
pub(crate) const TOP_KEYS: [&str; 6] =
    ["run", "node", "attributes", "history", "close_timeout_s", "strict"];

/// Keys of every observer. A kind cannot have keys of these names.
pub(crate) const COMMON_KEYS: [&str; 8] =
    ["kind", "name", "enabled", "interest", "dedup", "redact", "deliver", "wait_max_ms"];

/// Those of them that are for observers alone, as a delivery has a queue of its own.
pub(crate) const OBSERVER_KEYS: [&str; 2] = ["deliver", "wait_max_ms"];

/// Keys of every observer that delivers to a place which can fail.
pub(crate) const DELIVERY_KEYS: [&str; 12] = [
    "queue",
    "send",
    "interval_ms",
    "batch",
    "event_bytes_max",
    "retry",
    "when_exhausted",
    "spool",
    "spool_bytes_max",
    "spool_full",
    "fsync",
    "dead_letter",
];

/// The own keys of the kinds that ship, to say where a misplaced one belongs.
const KIND_KEYS: [(&str, &[&str]); 10] = [
    ("`console`", &["mode", "colour", "annotations"]),
    ("`console`, `journal` and `junit`", &["path"]),
    ("`http`, `splunk` and `nats`", &["url", "token_env", "token_file", "ca_file"]),
    (
        "`http` and `splunk`",
        &["headers", "timeout_ms", "compression", "danger_accept_invalid_certificates", "proxy"],
    ),
    (
        "`nats`",
        &[
            "root",
            "stream",
            "user",
            "password_env",
            "password_file",
            "credentials_file",
            "client_certificate_file",
            "client_key_file",
            "require_tls",
            "connect_timeout_ms",
            "window",
            "heartbeat_s",
        ],
    ),
    ("`splunk` and `nats`", &["ack_timeout_s"]),
    ("`live`", &["listen"]),
    ("`faulty`", &["does"]),
    ("`http`", &["encoding", "utc_offset", "static_attributes", "event_attributes"]),
    (
        "`splunk`",
        &[
            "index",
            "source",
            "sourcetype",
            "host",
            "acknowledge",
            "ack_poll_s",
            "trust_event_number",
        ],
    ),
];

/// Whether observers, of the kinds that ship, have this key.
pub(crate) fn is_observer_key(key: &str) -> bool {
    COMMON_KEYS.contains(&key) || DELIVERY_KEYS.contains(&key) || foreign_kind_of(key).is_some()
}

/// The kinds that have this key.
pub(crate) fn foreign_kind_of(key: &str) -> Option<&'static str> {
    KIND_KEYS.iter().find(|(_, keys)| keys.contains(&key)).map(|(kinds, _)| *kinds)
}
