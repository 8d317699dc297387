-- Rendered from schemas/sql and the protos by go generate ./schemas. Do not edit.

-- What one user did in one short window. Retained as the history that baselines are derived from.
CREATE TABLE IF NOT EXISTS activity (
  "id" VARCHAR,
  "time" TIMESTAMP,
  "org_id" VARCHAR,
  "user_id" VARCHAR,
  "user_type" VARCHAR,
  "window_start_ms" BIGINT,
  "window_ms" BIGINT,
  "events" BIGINT,
  "refs" STRUCT("id" VARCHAR, "time_ms" BIGINT)[],
  "last" STRUCT("id" VARCHAR, "time_ms" BIGINT),
  "facets" STRUCT("session_id" VARCHAR, "client" STRUCT("ip" VARCHAR, "user_agent" VARCHAR, "device_id" VARCHAR, "ja4" VARCHAR, "asn" BIGINT, "country" VARCHAR, "class" VARCHAR, "family" VARCHAR, "version" VARCHAR, "os" VARCHAR, "hosting" BOOLEAN), "first_ms" BIGINT, "last_ms" BIGINT, "first_event_id" VARCHAR, "last_event_id" VARCHAR, "events" BIGINT, "login" BOOLEAN, "cookie_min_ms" BIGINT, "cookie_max_ms" BIGINT, "downloads" BIGINT, "reads" BIGINT, "calls" BIGINT)[],
  "facets_dropped" BIGINT,
  "methods" STRUCT("class" VARCHAR, "method" VARCHAR, "calls" BIGINT, "errors" BIGINT, "rate_limited" BIGINT, "call_ids" BIGINT[], "sketched" BOOLEAN)[],
  "downloads" STRUCT("hashes" BIGINT[], "sketched" BOOLEAN),
  "reads" STRUCT("hashes" BIGINT[], "sketched" BOOLEAN),
  "download_bytes" BIGINT,
  "bytes" BIGINT,
  "pace" BIGINT[],
  "actions" STRUCT("action" VARCHAR, "outcome" VARCHAR, "count" BIGINT)[],
  "tor_addresses" VARCHAR[],
  "actor_kind" VARCHAR,
  "app_id" VARCHAR
);

-- What one user did in one hour, from activity.
CREATE TABLE IF NOT EXISTS activity_hourly (
  "org_id" VARCHAR,
  "user_id" VARCHAR,
  "hour" TIMESTAMP,
  "user_type" VARCHAR,
  "events" BIGINT,
  "sessions" BIGINT,
  "downloads" BIGINT,
  "reads" BIGINT,
  "download_bytes" BIGINT,
  "bytes" BIGINT,
  "downloads_5m" BIGINT,
  "reads_5m" BIGINT,
  "download_bytes_5m" BIGINT,
  "calls" STRUCT("class" VARCHAR, "calls" BIGINT, "errors" BIGINT, "rate_limited" BIGINT, "calls_5m" BIGINT)[],
  "methods" STRUCT("class" VARCHAR, "method" VARCHAR, "calls" BIGINT)[],
  "clients" STRUCT("family" VARCHAR, "ja4" VARCHAR, "class" VARCHAR, "asn" BIGINT, "sessions" BIGINT, "events" BIGINT)[],
  "downloads_15m" BIGINT,
  "reads_15m" BIGINT,
  "new_downloads" BIGINT,
  "new_reads" BIGINT,
  "new_downloads_5m" BIGINT,
  "new_reads_5m" BIGINT,
  "new_downloads_15m" BIGINT,
  "new_reads_15m" BIGINT
);

-- What one user did on one day, from activity and activity_hourly: what baselines are made of.
CREATE TABLE IF NOT EXISTS activity_daily (
  "org_id" VARCHAR,
  "user_id" VARCHAR,
  "day" TIMESTAMP,
  "user_type" VARCHAR,
  "events" BIGINT,
  "values" STRUCT("metric" VARCHAR, "horizon" VARCHAR, "class" VARCHAR, "value" DOUBLE)[],
  "methods" STRUCT("class" VARCHAR, "method" VARCHAR, "calls" BIGINT)[],
  "clients" STRUCT("family" VARCHAR, "ja4" VARCHAR, "class" VARCHAR, "asn" BIGINT, "sessions" BIGINT, "events" BIGINT)[]
);

-- Distribution of a metric over the people of an organisation.
CREATE TABLE IF NOT EXISTS baselines_org (
  "version" VARCHAR,
  "valid_from" TIMESTAMP,
  "valid_until" TIMESTAMP,
  "org_id" VARCHAR,
  "metric" VARCHAR,
  "horizon" VARCHAR,
  "class" VARCHAR,
  "users" BIGINT,
  "user_days" BIGINT,
  "p50" DOUBLE,
  "p90" DOUBLE,
  "p99" DOUBLE,
  "p999" DOUBLE,
  "max" DOUBLE
);

-- Distribution of a metric over the days of one person.
CREATE TABLE IF NOT EXISTS baselines_user (
  "version" VARCHAR,
  "valid_from" TIMESTAMP,
  "valid_until" TIMESTAMP,
  "org_id" VARCHAR,
  "user_id" VARCHAR,
  "metric" VARCHAR,
  "horizon" VARCHAR,
  "class" VARCHAR,
  "days" BIGINT,
  "active_days" BIGINT,
  "p50" DOUBLE,
  "p90" DOUBLE,
  "p99" DOUBLE,
  "max" DOUBLE
);

-- TLS fingerprints seen under each claimed client family.
CREATE TABLE IF NOT EXISTS baselines_fingerprint (
  "version" VARCHAR,
  "valid_from" TIMESTAMP,
  "valid_until" TIMESTAMP,
  "family" VARCHAR,
  "ja4" VARCHAR,
  "users" BIGINT,
  "observations" BIGINT,
  "class" VARCHAR,
  "org_id" VARCHAR,
  "orgs" BIGINT
);

-- API methods called in an organisation, by class of client.
CREATE TABLE IF NOT EXISTS baselines_method (
  "version" VARCHAR,
  "valid_from" TIMESTAMP,
  "valid_until" TIMESTAMP,
  "org_id" VARCHAR,
  "class" VARCHAR,
  "method" VARCHAR,
  "users" BIGINT,
  "calls" BIGINT
);

-- Client families seen in an organisation.
CREATE TABLE IF NOT EXISTS baselines_client (
  "version" VARCHAR,
  "valid_from" TIMESTAMP,
  "valid_until" TIMESTAMP,
  "org_id" VARCHAR,
  "family" VARCHAR,
  "users" BIGINT,
  "sessions" BIGINT
);

-- What an organisation does in each hour of the week.
CREATE TABLE IF NOT EXISTS baselines_hour (
  "version" VARCHAR,
  "valid_from" TIMESTAMP,
  "valid_until" TIMESTAMP,
  "org_id" VARCHAR,
  "metric" VARCHAR,
  "hour_of_week" BIGINT,
  "weeks" BIGINT,
  "expected" DOUBLE,
  "factor" DOUBLE
);

-- How an organisation's day, as far as it is over, compares with what was expected of it.
CREATE TABLE IF NOT EXISTS baselines_live (
  "version" VARCHAR,
  "valid_from" TIMESTAMP,
  "valid_until" TIMESTAMP,
  "org_id" VARCHAR,
  "metric" VARCHAR,
  "hours" BIGINT,
  "observed" DOUBLE,
  "expected" DOUBLE,
  "factor" DOUBLE
);

-- Client families that a person is known by.
CREATE TABLE IF NOT EXISTS baselines_user_client (
  "version" VARCHAR,
  "valid_from" TIMESTAMP,
  "valid_until" TIMESTAMP,
  "org_id" VARCHAR,
  "user_id" VARCHAR,
  "family" VARCHAR,
  "class" VARCHAR,
  "days" BIGINT,
  "sessions" BIGINT,
  "first_seen" TIMESTAMP,
  "last_seen" TIMESTAMP
);

-- Networks that a person is known by.
CREATE TABLE IF NOT EXISTS baselines_user_network (
  "version" VARCHAR,
  "valid_from" TIMESTAMP,
  "valid_until" TIMESTAMP,
  "org_id" VARCHAR,
  "user_id" VARCHAR,
  "asn" BIGINT,
  "days" BIGINT,
  "sessions" BIGINT,
  "first_seen" TIMESTAMP,
  "last_seen" TIMESTAMP
);

-- The versions that are complete. Written with a version's last rows.
CREATE TABLE IF NOT EXISTS baselines_version (
  "version" VARCHAR,
  "valid_from" TIMESTAMP,
  "valid_until" TIMESTAMP,
  "habit_days" BIGINT,
  "lag_days" BIGINT,
  "built_at" TIMESTAMP
);

-- All that detectors found, also what was folded into an anomaly or only hints: what decisions remember follows from it.
CREATE TABLE IF NOT EXISTS findings (
  "id" VARCHAR,
  "type" VARCHAR,
  "org_id" VARCHAR,
  "user_id" VARCHAR,
  "session_ids" VARCHAR[],
  "time" TIMESTAMP,
  "window_start" TIMESTAMP,
  "window_end" TIMESTAMP,
  "reasons" VARCHAR[],
  "severity" VARCHAR,
  "confidence" DOUBLE,
  "event_ids" VARCHAR[],
  "evidence" STRUCT("signal" VARCHAR, "observed" DOUBLE, "threshold" DOUBLE, "unit" VARCHAR, "formula" VARCHAR, "formula_filled" VARCHAR, "baseline_version" VARCHAR, "baseline_rows" VARCHAR[], "baseline_n" BIGINT, "signs" STRUCT("code" VARCHAR, "weight" DOUBLE, "detail" VARCHAR)[], "client" STRUCT("ip" VARCHAR, "user_agent" VARCHAR, "device_id" VARCHAR, "ja4" VARCHAR, "ja3" VARCHAR, "platform" VARCHAR, "asn" BIGINT, "country" VARCHAR, "facts" STRUCT("class" VARCHAR, "family" VARCHAR, "version" VARCHAR, "os" VARCHAR, "device" VARCHAR, "tor" BOOLEAN, "hosting" BOOLEAN, "tor_listed_until" TIMESTAMP, "tor_stale" BOOLEAN)), "previous" STRUCT("ip" VARCHAR, "user_agent" VARCHAR, "device_id" VARCHAR, "ja4" VARCHAR, "ja3" VARCHAR, "platform" VARCHAR, "asn" BIGINT, "country" VARCHAR, "facts" STRUCT("class" VARCHAR, "family" VARCHAR, "version" VARCHAR, "os" VARCHAR, "device" VARCHAR, "tor" BOOLEAN, "hosting" BOOLEAN, "tor_listed_until" TIMESTAMP, "tor_stale" BOOLEAN)), "notes" VARCHAR[], "ip_address_details" VARCHAR[], "client_usual" BOOLEAN, "network_usual" BOOLEAN, "device_usual" BOOLEAN),
  "known_at" TIMESTAMP,
  "late" BOOLEAN,
  "user_type" VARCHAR,
  "count" BIGINT,
  "escalates" VARCHAR,
  "summary" VARCHAR,
  "log_only" BOOLEAN,
  "episode_key" VARCHAR,
  "magnitude" DOUBLE,
  "detected_at" TIMESTAMP,
  "session_started_at" TIMESTAMP,
  "hint" BOOLEAN,
  "actor_kind" VARCHAR,
  "app_id" VARCHAR,
  "new_things" STRUCT("kind" VARCHAR, "key" VARCHAR)[]
);

-- Findings with their evidence, each told once.
CREATE TABLE IF NOT EXISTS anomalies (
  "id" VARCHAR,
  "type" VARCHAR,
  "org_id" VARCHAR,
  "user_id" VARCHAR,
  "session_ids" VARCHAR[],
  "time" TIMESTAMP,
  "window_start" TIMESTAMP,
  "window_end" TIMESTAMP,
  "reasons" VARCHAR[],
  "severity" VARCHAR,
  "confidence" DOUBLE,
  "event_ids" VARCHAR[],
  "evidence" STRUCT("signal" VARCHAR, "observed" DOUBLE, "threshold" DOUBLE, "unit" VARCHAR, "formula" VARCHAR, "formula_filled" VARCHAR, "baseline_version" VARCHAR, "baseline_rows" VARCHAR[], "baseline_n" BIGINT, "signs" STRUCT("code" VARCHAR, "weight" DOUBLE, "detail" VARCHAR)[], "client" STRUCT("ip" VARCHAR, "user_agent" VARCHAR, "device_id" VARCHAR, "ja4" VARCHAR, "ja3" VARCHAR, "platform" VARCHAR, "asn" BIGINT, "country" VARCHAR, "facts" STRUCT("class" VARCHAR, "family" VARCHAR, "version" VARCHAR, "os" VARCHAR, "device" VARCHAR, "tor" BOOLEAN, "hosting" BOOLEAN, "tor_listed_until" TIMESTAMP, "tor_stale" BOOLEAN)), "previous" STRUCT("ip" VARCHAR, "user_agent" VARCHAR, "device_id" VARCHAR, "ja4" VARCHAR, "ja3" VARCHAR, "platform" VARCHAR, "asn" BIGINT, "country" VARCHAR, "facts" STRUCT("class" VARCHAR, "family" VARCHAR, "version" VARCHAR, "os" VARCHAR, "device" VARCHAR, "tor" BOOLEAN, "hosting" BOOLEAN, "tor_listed_until" TIMESTAMP, "tor_stale" BOOLEAN)), "notes" VARCHAR[], "ip_address_details" VARCHAR[], "client_usual" BOOLEAN, "network_usual" BOOLEAN, "device_usual" BOOLEAN),
  "known_at" TIMESTAMP,
  "late" BOOLEAN,
  "user_type" VARCHAR,
  "count" BIGINT,
  "escalates" VARCHAR,
  "summary" VARCHAR,
  "log_only" BOOLEAN,
  "episode_key" VARCHAR,
  "magnitude" DOUBLE,
  "detected_at" TIMESTAMP,
  "session_started_at" TIMESTAMP,
  "hint" BOOLEAN,
  "actor_kind" VARCHAR,
  "app_id" VARCHAR,
  "new_things" STRUCT("kind" VARCHAR, "key" VARCHAR)[]
);

-- The verdict on each anomaly, also when nothing is done.
CREATE TABLE IF NOT EXISTS decisions (
  "id" VARCHAR,
  "anomaly_id" VARCHAR,
  "anomaly_type" VARCHAR,
  "org_id" VARCHAR,
  "user_id" VARCHAR,
  "outcome" VARCHAR,
  "reason" VARCHAR,
  "trace" STRUCT("gate" VARCHAR, "passed" BOOLEAN, "detail" VARCHAR)[],
  "settings_version" VARCHAR,
  "baseline_version" VARCHAR,
  "mode" VARCHAR,
  "time" TIMESTAMP,
  "session_ids" VARCHAR[],
  "escalate" BOOLEAN,
  "recommendation" VARCHAR,
  "decided_at" TIMESTAMP,
  "previous_decision_id" VARCHAR,
  "actor_kind" VARCHAR,
  "app_id" VARCHAR
);

-- What was done about a decision.
CREATE TABLE IF NOT EXISTS responses (
  "id" VARCHAR,
  "decision_id" VARCHAR,
  "anomaly_id" VARCHAR,
  "org_id" VARCHAR,
  "user_id" VARCHAR,
  "steps" STRUCT("key" VARCHAR, "kind" VARCHAR, "target" VARCHAR, "channel" VARCHAR, "state" VARCHAR, "detail" VARCHAR, "attempts" BIGINT, "done_at" TIMESTAMP)[],
  "sessions_reset" BIGINT,
  "done_at" TIMESTAMP,
  "actor_kind" VARCHAR,
  "app_id" VARCHAR
);

-- What people found anomalies to be.
CREATE TABLE IF NOT EXISTS feedback (
  "id" VARCHAR,
  "anomaly_id" VARCHAR,
  "org_id" VARCHAR,
  "user_id" VARCHAR,
  "type" VARCHAR,
  "verdict" VARCHAR,
  "author" VARCHAR,
  "reason" VARCHAR,
  "time" TIMESTAMP,
  "anomaly_time" TIMESTAMP
);

-- Messages to people.
CREATE TABLE IF NOT EXISTS notifications (
  "id" VARCHAR,
  "response_id" VARCHAR,
  "org_id" VARCHAR,
  "user_id" VARCHAR,
  "roles" VARCHAR[],
  "channel" VARCHAR,
  "address" VARCHAR,
  "language" VARCHAR,
  "subject" VARCHAR,
  "text" VARCHAR,
  "html" VARCHAR,
  "time" TIMESTAMP,
  "link" VARCHAR
);

-- Audit entries that AER wrote.
CREATE TABLE IF NOT EXISTS audit_log (
  "time" TIMESTAMP,
  "org_id" VARCHAR,
  "id" VARCHAR,
  "date_create" BIGINT,
  "action" VARCHAR,
  "actor" STRUCT("type" VARCHAR, "user" STRUCT("id" VARCHAR, "name" VARCHAR, "email" VARCHAR, "team" VARCHAR)),
  "entity" STRUCT("type" VARCHAR, "user" STRUCT("id" VARCHAR, "name" VARCHAR, "email" VARCHAR, "team" VARCHAR)),
  "context" STRUCT("location" STRUCT("type" VARCHAR, "id" VARCHAR, "name" VARCHAR, "domain" VARCHAR), "ua" VARCHAR, "ip_address" VARCHAR, "session_id" VARCHAR),
  "details" STRUCT("reason" VARCHAR[], "anomaly_id" VARCHAR, "decision_id" VARCHAR, "action_timestamp" TIMESTAMP, "session_id" VARCHAR, "sessions_reset" BIGINT, "settings_version" VARCHAR, "previous_value" VARCHAR, "new_value" VARCHAR, "app_id" VARCHAR)
);

-- Input that could not become an event.
CREATE TABLE IF NOT EXISTS dead_letters (
  "id" VARCHAR,
  "raw" BLOB,
  "size" BIGINT,
  "truncated" BOOLEAN,
  "reason" VARCHAR,
  "detail" VARCHAR,
  "source" VARCHAR,
  "offset" VARCHAR,
  "received_at" TIMESTAMP
);

