-- Rendered from schemas/sql and the protos by go generate ./schemas. Do not edit.

CREATE OR REPLACE VIEW `aer.activity_v` AS
SELECT *
FROM `aer.activity`
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY id, time) = 1;

CREATE OR REPLACE VIEW `aer.activity_hourly_v` AS
SELECT *
FROM `aer.activity_hourly`
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY org_id, user_id, hour) = 1;

CREATE OR REPLACE VIEW `aer.activity_daily_v` AS
SELECT *
FROM `aer.activity_daily`
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY org_id, user_id, day) = 1;

CREATE OR REPLACE VIEW `aer.baselines_org_v` AS
SELECT *
FROM `aer.baselines_org`
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY version, valid_from, org_id, metric, horizon, class) = 1;

CREATE OR REPLACE VIEW `aer.baselines_user_v` AS
SELECT *
FROM `aer.baselines_user`
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY version, valid_from, org_id, user_id, metric, horizon, class) = 1;

CREATE OR REPLACE VIEW `aer.baselines_fingerprint_v` AS
SELECT *
FROM `aer.baselines_fingerprint`
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY version, valid_from, family, ja4) = 1;

CREATE OR REPLACE VIEW `aer.baselines_method_v` AS
SELECT *
FROM `aer.baselines_method`
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY version, valid_from, org_id, class, method) = 1;

CREATE OR REPLACE VIEW `aer.baselines_client_v` AS
SELECT *
FROM `aer.baselines_client`
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY version, valid_from, org_id, family) = 1;

CREATE OR REPLACE VIEW `aer.baselines_hour_v` AS
SELECT *
FROM `aer.baselines_hour`
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY version, valid_from, org_id, metric, hour_of_week) = 1;

CREATE OR REPLACE VIEW `aer.baselines_live_v` AS
SELECT *
FROM `aer.baselines_live`
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY version, valid_from, org_id, metric) = 1;

CREATE OR REPLACE VIEW `aer.baselines_user_client_v` AS
SELECT *
FROM `aer.baselines_user_client`
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY version, valid_from, org_id, user_id, family) = 1;

CREATE OR REPLACE VIEW `aer.baselines_user_network_v` AS
SELECT *
FROM `aer.baselines_user_network`
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY version, valid_from, org_id, user_id, asn) = 1;

CREATE OR REPLACE VIEW `aer.baselines_version_v` AS
SELECT *
FROM `aer.baselines_version`
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY version, valid_from) = 1;

CREATE OR REPLACE VIEW `aer.anomalies_v` AS
SELECT *
FROM `aer.anomalies`
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY id, time ORDER BY count IS NULL, count DESC) = 1;

CREATE OR REPLACE VIEW `aer.decisions_v` AS
SELECT *
FROM `aer.decisions`
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY id, time) = 1;

CREATE OR REPLACE VIEW `aer.responses_v` AS
SELECT *
FROM `aer.responses`
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY id ORDER BY done_at IS NULL, done_at DESC) = 1;

CREATE OR REPLACE VIEW `aer.feedback_v` AS
SELECT *
FROM `aer.feedback`
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY id, time) = 1;

CREATE OR REPLACE VIEW `aer.notifications_v` AS
SELECT *
FROM `aer.notifications`
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY id) = 1;

CREATE OR REPLACE VIEW `aer.audit_log_v` AS
SELECT *
FROM `aer.audit_log`
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY id, time) = 1;

CREATE OR REPLACE VIEW `aer.dead_letters_v` AS
SELECT *
FROM `aer.dead_letters`
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY id ORDER BY received_at IS NULL, received_at DESC) = 1;

-- Days that must not teach a baseline: those of an attack, and for weekly values the six days after. One row per user, day and
-- weekly = true | false.
--
-- An attack is an anomaly for which the person's sessions were ended (or would have been, but for the budget or because they already
-- were), or which somebody confirmed. Who calls it a false alarm takes it back, unless somebody else confirmed it: of each author the
-- latest word counts, and what another organisation says does not. Findings that only log do not exclude anything: else a person
-- whose work has changed would never be learnt. What an app did says nothing about the person.
CREATE OR REPLACE VIEW `aer.excluded_days_v` AS
WITH latest AS (
  SELECT org_id, anomaly_id, author, verdict
  FROM `aer.feedback_v`
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY org_id, anomaly_id, author ORDER BY time DESC, id) = 1
),
verdicts AS (
  SELECT org_id, anomaly_id, MAX(CASE WHEN verdict = 'true_positive' THEN 1 ELSE 0 END) AS confirmed,
    MAX(CASE WHEN verdict = 'false_positive' THEN 1 ELSE 0 END) AS denied
  FROM latest
  GROUP BY org_id, anomaly_id
),
responded AS (
  SELECT DISTINCT anomaly_id
  FROM (
    SELECT anomaly_id FROM `aer.decisions_v` WHERE outcome IN ('RESPOND', 'PERSISTING', 'BUDGET_EXHAUSTED', 'ALREADY_ENDED')
    UNION ALL
    SELECT anomaly_id FROM `aer.responses_v` WHERE sessions_reset > 0
  ) AS either
),
spans AS (
  SELECT a.org_id, a.user_id, CAST(COALESCE(a.window_start, a.time) AS DATE) AS first_day, CAST(COALESCE(a.known_at, a.time) AS DATE) AS last_day
  FROM `aer.anomalies_v` AS a
  LEFT JOIN responded AS r ON r.anomaly_id = a.id
  LEFT JOIN verdicts AS v ON v.anomaly_id = a.id AND v.org_id = a.org_id
  WHERE COALESCE(actor_kind, '') IN ('', 'signed_in') AND (COALESCE(v.confirmed, 0) = 1 OR (r.anomaly_id IS NOT NULL AND COALESCE(v.denied, 0) = 0))
)
SELECT DISTINCT org_id, user_id, excluded_day AS day, FALSE AS weekly
FROM spans AS s CROSS JOIN UNNEST(GENERATE_DATE_ARRAY(first_day, last_day)) AS excluded_day
UNION ALL
SELECT DISTINCT org_id, user_id, excluded_day AS day, TRUE AS weekly
FROM spans AS s CROSS JOIN UNNEST(GENERATE_DATE_ARRAY(first_day, DATE_ADD(last_day, INTERVAL (6) DAY))) AS excluded_day;
