-- Rendered from schemas/sql and the protos by go generate ./schemas. Do not edit.

CREATE OR REPLACE VIEW activity_v AS
SELECT *
FROM activity
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY id, time) = 1;

CREATE OR REPLACE VIEW activity_hourly_v AS
SELECT *
FROM activity_hourly
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY org_id, user_id, hour) = 1;

CREATE OR REPLACE VIEW activity_daily_v AS
SELECT *
FROM activity_daily
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY org_id, user_id, day) = 1;

CREATE OR REPLACE VIEW baselines_org_v AS
SELECT *
FROM baselines_org
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY version, valid_from, org_id, metric, horizon, class) = 1;

CREATE OR REPLACE VIEW baselines_user_v AS
SELECT *
FROM baselines_user
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY version, valid_from, org_id, user_id, metric, horizon, class) = 1;

CREATE OR REPLACE VIEW baselines_fingerprint_v AS
SELECT *
FROM baselines_fingerprint
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY version, valid_from, family, ja4) = 1;

CREATE OR REPLACE VIEW baselines_method_v AS
SELECT *
FROM baselines_method
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY version, valid_from, org_id, class, method) = 1;

CREATE OR REPLACE VIEW baselines_client_v AS
SELECT *
FROM baselines_client
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY version, valid_from, org_id, family) = 1;

CREATE OR REPLACE VIEW anomalies_v AS
SELECT *
FROM anomalies
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY id, time ORDER BY count IS NULL, count DESC) = 1;

CREATE OR REPLACE VIEW decisions_v AS
SELECT *
FROM decisions
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY id, time) = 1;

CREATE OR REPLACE VIEW responses_v AS
SELECT *
FROM responses
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY id ORDER BY done_at IS NULL, done_at DESC) = 1;

CREATE OR REPLACE VIEW notifications_v AS
SELECT *
FROM notifications
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY id) = 1;

CREATE OR REPLACE VIEW audit_log_v AS
SELECT *
FROM audit_log
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY id, time) = 1;

CREATE OR REPLACE VIEW dead_letters_v AS
SELECT *
FROM dead_letters
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY id ORDER BY received_at IS NULL, received_at DESC) = 1;

-- Days that must not teach a baseline: those on which a user's sessions were ended (or would have been, but for the budget or
-- because they already were), and for weekly values the six days after. One row per user, day and weekly = true | false.
-- Findings that only log do not exclude anything: else a person whose work has changed would never be learnt.
CREATE OR REPLACE VIEW excluded_days_v AS
WITH spans AS (
  SELECT a.org_id, a.user_id, CAST(COALESCE(a."window"."start", a.time) AS DATE) AS first_day, CAST(a.known_at AS DATE) AS last_day
  FROM anomalies_v AS a
  JOIN decisions_v AS d ON d.anomaly_id = a.id
  WHERE d.outcome IN ('RESPOND', 'PERSISTING', 'BUDGET_EXHAUSTED', 'ALREADY_ENDED')
)
SELECT DISTINCT org_id, user_id, excluded_day AS day, FALSE AS weekly
FROM (SELECT *, CAST(UNNEST(generate_series(CAST(first_day AS TIMESTAMP), CAST(last_day AS TIMESTAMP), INTERVAL 1 DAY)) AS DATE) AS excluded_day FROM spans) AS s
UNION ALL
SELECT DISTINCT org_id, user_id, excluded_day AS day, TRUE AS weekly
FROM (SELECT *, CAST(UNNEST(generate_series(CAST(first_day AS TIMESTAMP), CAST(CAST(last_day + (6) * INTERVAL 1 DAY AS DATE) AS TIMESTAMP), INTERVAL 1 DAY)) AS DATE) AS excluded_day FROM spans) AS s;
