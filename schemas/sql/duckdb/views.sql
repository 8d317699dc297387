-- Rendered from schemas/sql and the protos by go generate ./schemas. Do not edit.

CREATE OR REPLACE VIEW activity_v AS
-- What one user did in one short window. Retained as the history that baselines are derived from. Without the duplicates of delivery.
SELECT *
FROM activity
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY id, time) = 1;

CREATE OR REPLACE VIEW activity_hourly_v AS
-- What one user did in one hour, from activity. Without the duplicates of delivery.
SELECT *
FROM activity_hourly
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY org_id, user_id, hour) = 1;

CREATE OR REPLACE VIEW activity_daily_v AS
-- What one user did on one day, from activity and activity_hourly: what baselines are made of. Without the duplicates of delivery.
SELECT *
FROM activity_daily
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY org_id, user_id, day) = 1;

CREATE OR REPLACE VIEW baselines_org_v AS
-- Distribution of a metric over the people of an organisation. Without the duplicates of delivery.
SELECT *
FROM baselines_org
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY version, valid_from, org_id, metric, horizon, class) = 1;

CREATE OR REPLACE VIEW baselines_user_v AS
-- Distribution of a metric over the days of one person. Without the duplicates of delivery.
SELECT *
FROM baselines_user
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY version, valid_from, org_id, user_id, metric, horizon, class) = 1;

CREATE OR REPLACE VIEW baselines_fingerprint_v AS
-- TLS fingerprints seen under each claimed client family. Without the duplicates of delivery.
SELECT *
FROM baselines_fingerprint
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY version, valid_from, family, ja4) = 1;

CREATE OR REPLACE VIEW baselines_method_v AS
-- API methods called in an organisation, by class of client. Without the duplicates of delivery.
SELECT *
FROM baselines_method
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY version, valid_from, org_id, class, method) = 1;

CREATE OR REPLACE VIEW baselines_client_v AS
-- Client families seen in an organisation. Without the duplicates of delivery.
SELECT *
FROM baselines_client
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY version, valid_from, org_id, family) = 1;

CREATE OR REPLACE VIEW baselines_hour_v AS
-- What an organisation does in each hour of the week. Without the duplicates of delivery.
SELECT *
FROM baselines_hour
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY version, valid_from, org_id, metric, hour_of_week) = 1;

CREATE OR REPLACE VIEW baselines_live_v AS
-- How an organisation's day, as far as it is over, compares with what was expected of it. Without the duplicates of delivery.
SELECT *
FROM baselines_live
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY version, valid_from, org_id, metric) = 1;

CREATE OR REPLACE VIEW baselines_user_client_v AS
-- Client families that a person is known by. Without the duplicates of delivery.
SELECT *
FROM baselines_user_client
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY version, valid_from, org_id, user_id, family) = 1;

CREATE OR REPLACE VIEW baselines_user_network_v AS
-- Networks that a person is known by. Without the duplicates of delivery.
SELECT *
FROM baselines_user_network
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY version, valid_from, org_id, user_id, asn) = 1;

CREATE OR REPLACE VIEW baselines_version_v AS
-- The versions that are complete. Written with a version's last rows. Without the duplicates of delivery.
SELECT *
FROM baselines_version
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY version, valid_from) = 1;

CREATE OR REPLACE VIEW findings_v AS
-- All that detectors found, also what was folded into an anomaly or only hints: what decisions remember follows from it. Without the duplicates of delivery.
SELECT *
FROM findings
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY id, known_at) = 1;

CREATE OR REPLACE VIEW anomalies_v AS
-- Findings with their evidence, each told once. Without the duplicates of delivery.
SELECT *
FROM anomalies
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY id, time ORDER BY count IS NULL, count DESC) = 1;

CREATE OR REPLACE VIEW decisions_v AS
-- The verdict on each anomaly, also when nothing is done. Without the duplicates of delivery.
SELECT *
FROM decisions
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY id, time) = 1;

CREATE OR REPLACE VIEW responses_v AS
-- What was done about a decision. Without the duplicates of delivery.
SELECT *
FROM responses
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY id ORDER BY done_at IS NULL, done_at DESC) = 1;

CREATE OR REPLACE VIEW feedback_v AS
-- What people found anomalies to be. Without the duplicates of delivery.
SELECT *
FROM feedback
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY id, time) = 1;

CREATE OR REPLACE VIEW notifications_v AS
-- Messages to people. Without the duplicates of delivery.
SELECT *
FROM notifications
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY id) = 1;

CREATE OR REPLACE VIEW audit_log_v AS
-- Audit entries that AER wrote. Without the duplicates of delivery.
SELECT *
FROM audit_log
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY id, time) = 1;

CREATE OR REPLACE VIEW dead_letters_v AS
-- Input that could not become an event. Without the duplicates of delivery.
SELECT *
FROM dead_letters
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY id ORDER BY received_at IS NULL, received_at DESC) = 1;

CREATE OR REPLACE VIEW excluded_days_v AS
-- Days that must not teach a baseline: those of an attack, and for weekly values the six days after. One row per user, day and
-- weekly = true | false.
--
-- An attack is an anomaly for which the person's sessions were ended (or would have been, but for the budget or because they already
-- were), or which somebody confirmed. Who calls it a false alarm takes it back, unless somebody else confirmed it: of each author the
-- latest word counts, and what another organisation says does not. Findings that only log do not exclude anything: else a person
-- whose work has changed would never be learnt. What an app did says nothing about the person.
WITH verdicts AS (
  SELECT org_id, anomaly_id, MAX(CASE WHEN verdict = 'true_positive' THEN 1 ELSE 0 END) AS confirmed,
    MAX(CASE WHEN verdict = 'false_positive' THEN 1 ELSE 0 END) AS denied, MAX(verdict) AS verdict
  FROM (
  SELECT org_id, anomaly_id, author, verdict, reason, time
  FROM feedback_v
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY org_id, anomaly_id, author ORDER BY time DESC, id) = 1) AS latest
  GROUP BY org_id, anomaly_id
),
responded AS (
  SELECT DISTINCT anomaly_id
  FROM (
    SELECT anomaly_id FROM decisions_v WHERE outcome IN ('RESPOND', 'PERSISTING', 'BUDGET_EXHAUSTED', 'ALREADY_ENDED')
    UNION ALL
    SELECT anomaly_id FROM responses_v WHERE sessions_reset > 0
  ) AS either
),
spans AS (
  SELECT a.org_id, a.user_id, CAST(COALESCE(a.window_start, a.time) AS DATE) AS first_day, CAST(COALESCE(a.known_at, a.time) AS DATE) AS last_day
  FROM anomalies_v AS a
  LEFT JOIN responded AS r ON r.anomaly_id = a.id
  LEFT JOIN verdicts AS v ON v.anomaly_id = a.id AND v.org_id = a.org_id
  WHERE COALESCE(actor_kind, '') IN ('', 'signed_in') AND (COALESCE(v.confirmed, 0) = 1 OR (r.anomaly_id IS NOT NULL AND COALESCE(v.denied, 0) = 0))
)
SELECT DISTINCT org_id, user_id, excluded_day AS day, FALSE AS weekly
FROM (SELECT *, CAST(UNNEST(generate_series(CAST(first_day AS TIMESTAMP), CAST(last_day AS TIMESTAMP), INTERVAL 1 DAY)) AS DATE) AS excluded_day FROM spans) AS s
UNION ALL
SELECT DISTINCT org_id, user_id, excluded_day AS day, TRUE AS weekly
FROM (SELECT *, CAST(UNNEST(generate_series(CAST(first_day AS TIMESTAMP), CAST(CAST(last_day + (6) * INTERVAL 1 DAY AS DATE) AS TIMESTAMP), INTERVAL 1 DAY)) AS DATE) AS excluded_day FROM spans) AS s;

CREATE OR REPLACE VIEW incidents AS
-- What was found, how it was decided, what was done and what people say of it: one row per anomaly. Hints, which are nothing by
-- themselves, are left out.
SELECT a.time, a.org_id, a.user_id, a.id AS anomaly_id, a.type, a.severity, a.confidence, a.evidence.signal AS signal,
  a.evidence.observed AS observed, a.evidence.threshold AS threshold, a.magnitude, a.count AS findings, a.summary,
  COALESCE(a.actor_kind, '') AS actor_kind, a.evidence.client.ip AS ip, a.evidence.client.user_agent AS user_agent,
  d.id AS decision_id, d.outcome, d.mode, d.reason, d.escalate, r.sessions_reset, r.done_at, v.verdict
FROM anomalies_v AS a
LEFT JOIN decisions_v AS d ON d.anomaly_id = a.id AND d.org_id = a.org_id
LEFT JOIN responses_v AS r ON r.decision_id = d.id AND r.org_id = d.org_id
LEFT JOIN (
  SELECT org_id, anomaly_id, MAX(CASE WHEN verdict = 'true_positive' THEN 1 ELSE 0 END) AS confirmed,
    MAX(CASE WHEN verdict = 'false_positive' THEN 1 ELSE 0 END) AS denied, MAX(verdict) AS verdict
  FROM (
  SELECT org_id, anomaly_id, author, verdict, reason, time
  FROM feedback_v
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY org_id, anomaly_id, author ORDER BY time DESC, id) = 1) AS latest
  GROUP BY org_id, anomaly_id) AS v ON v.anomaly_id = a.id AND v.org_id = a.org_id
WHERE NOT COALESCE(a.hint, FALSE);

CREATE OR REPLACE VIEW person_timeline AS
-- What is known of a person, in the order of time: their activity by the hour, and what AER found, decided, did and told. Ask it for
-- one org_id and user_id.
SELECT org_id, user_id, date_trunc('hour', time) AS time, 'activity' AS what,
  CASE WHEN COALESCE(actor_kind, '') = '' THEN 'signed_in' ELSE actor_kind END AS kind,
  CONCAT(CAST(SUM(events) AS VARCHAR), ' events, ', CAST(SUM(download_bytes) AS VARCHAR), ' bytes downloaded') AS detail, '' AS id
FROM activity_v
GROUP BY org_id, user_id, date_trunc('hour', time), CASE WHEN COALESCE(actor_kind, '') = '' THEN 'signed_in' ELSE actor_kind END
UNION ALL
SELECT org_id, user_id, time, 'anomaly', type, COALESCE(summary, ''), id
FROM anomalies_v
WHERE NOT COALESCE(hint, FALSE)
UNION ALL
SELECT org_id, user_id, time, 'decision', outcome, COALESCE(reason, ''), id
FROM decisions_v
UNION ALL
SELECT org_id, user_id, done_at, 'response', CASE WHEN COALESCE(app_id, '') = '' THEN 'sessions' ELSE 'app' END,
  CONCAT(CAST(sessions_reset AS VARCHAR), ' sessions ended'), id
FROM responses_v
UNION ALL
SELECT org_id, user_id, time, 'notification', channel, COALESCE(subject, ''), id
FROM notifications_v
UNION ALL
SELECT org_id, user_id, time, 'feedback', verdict, COALESCE(reason, ''), id
FROM feedback_v;

CREATE OR REPLACE VIEW detector_health AS
-- How each detector does in each organisation, by day: how much it finds, what becomes of it, and the share of its findings that lie
-- near the threshold (observed at most a quarter above it: a start value). Where most do, the threshold is in the middle of what
-- people do every day.
SELECT date_trunc('day', time) AS day, org_id, type, COUNT(*) AS findings, COUNT(DISTINCT user_id) AS people,
  CAST(SUM(CASE WHEN outcome IN ('RESPOND', 'PERSISTING') THEN 1 ELSE 0 END) AS BIGINT) AS responded,
  CAST(SUM(CASE WHEN outcome = 'LOG_ONLY' THEN 1 ELSE 0 END) AS BIGINT) AS logged,
  CAST(SUM(CASE WHEN near = 1 THEN 1 ELSE 0 END) AS BIGINT) AS near_threshold,
  (CAST(SUM(CASE WHEN near = 1 THEN 1 ELSE 0 END) AS DOUBLE) / NULLIF(SUM(CASE WHEN near IS NOT NULL THEN 1 ELSE 0 END), 0)) AS share_near_threshold,
  CAST(SUM(CASE WHEN verdict = 'true_positive' THEN 1 ELSE 0 END) AS BIGINT) AS true_positives,
  CAST(SUM(CASE WHEN verdict = 'false_positive' THEN 1 ELSE 0 END) AS BIGINT) AS false_positives,
  AVG(magnitude) AS mean_magnitude, MAX(magnitude) AS max_magnitude
FROM (
  SELECT *, CASE WHEN threshold > 0 THEN CASE WHEN observed <= 1.25 * threshold THEN 1 ELSE 0 END END AS near
  FROM incidents
) AS judged
GROUP BY date_trunc('day', time), org_id, type;

CREATE OR REPLACE VIEW sign_outs AS
-- Who was signed out and why: one row per response that ended the person's sessions, or the access of an app. sessions_reset is 0
-- where the platform does not say how many.
WITH revoked AS (
  SELECT DISTINCT r.org_id, r.id
  FROM (SELECT *, UNNEST(steps) AS step FROM responses_v) AS r
  WHERE step.kind = 'revoke' AND step.state = 'done'
)
SELECT r.done_at AS time, r.org_id, r.user_id, r.sessions_reset, COALESCE(r.app_id, '') AS app_id, d.anomaly_type, d.outcome, d.reason,
  a.summary, a.severity, a.evidence.signal AS signal, a.evidence.observed AS observed, a.evidence.threshold AS threshold,
  d.recommendation, r.decision_id, r.anomaly_id
FROM responses_v AS r
JOIN revoked AS e ON e.id = r.id AND e.org_id = r.org_id
LEFT JOIN decisions_v AS d ON d.id = r.decision_id AND d.org_id = r.org_id
LEFT JOIN anomalies_v AS a ON a.id = r.anomaly_id AND a.org_id = r.org_id;

CREATE OR REPLACE VIEW org_overview AS
-- Each organisation by day: how many people acted, how much, what was found among them and what was done.
WITH acted AS (
  SELECT date_trunc('day', time) AS day, org_id, COUNT(DISTINCT user_id) AS people, CAST(SUM(events) AS BIGINT) AS events,
    CAST(SUM(download_bytes) AS BIGINT) AS download_bytes
  FROM activity_v
  GROUP BY date_trunc('day', time), org_id
),
found AS (
  SELECT date_trunc('day', time) AS day, org_id, COUNT(*) AS findings, COUNT(DISTINCT user_id) AS people_with_findings,
    CAST(SUM(CASE WHEN outcome IN ('RESPOND', 'PERSISTING') THEN 1 ELSE 0 END) AS BIGINT) AS responded,
    CAST(SUM(CASE WHEN outcome = 'BUDGET_EXHAUSTED' THEN 1 ELSE 0 END) AS BIGINT) AS over_budget,
    CAST(SUM(CASE WHEN escalate THEN 1 ELSE 0 END) AS BIGINT) AS escalated
  FROM incidents
  GROUP BY date_trunc('day', time), org_id
),
ended AS (
  SELECT date_trunc('day', time) AS day, org_id, COUNT(*) AS sign_outs, CAST(SUM(sessions_reset) AS BIGINT) AS sessions_ended
  FROM sign_outs
  GROUP BY date_trunc('day', time), org_id
),
days AS (
  SELECT day, org_id FROM acted
  UNION DISTINCT
  SELECT day, org_id FROM found
  UNION DISTINCT
  SELECT day, org_id FROM ended
)
SELECT t.day, t.org_id, COALESCE(a.people, 0) AS people, COALESCE(a.events, 0) AS events, COALESCE(a.download_bytes, 0) AS download_bytes,
  COALESCE(f.findings, 0) AS findings, COALESCE(f.people_with_findings, 0) AS people_with_findings, COALESCE(f.responded, 0) AS responded,
  COALESCE(f.over_budget, 0) AS over_budget, COALESCE(f.escalated, 0) AS escalated, COALESCE(e.sign_outs, 0) AS sign_outs,
  COALESCE(e.sessions_ended, 0) AS sessions_ended
FROM days AS t
LEFT JOIN acted AS a ON a.day = t.day AND a.org_id = t.org_id
LEFT JOIN found AS f ON f.day = t.day AND f.org_id = t.org_id
LEFT JOIN ended AS e ON e.day = t.day AND e.org_id = t.org_id;

CREATE OR REPLACE VIEW false_positives AS
-- What people say of the findings of each detector, by organisation: how many were judged, and the share of false alarms among those.
SELECT org_id, type, COUNT(*) AS findings, COUNT(verdict) AS judged,
  CAST(SUM(CASE WHEN verdict = 'false_positive' THEN 1 ELSE 0 END) AS BIGINT) AS false_positives,
  CAST(SUM(CASE WHEN verdict = 'true_positive' THEN 1 ELSE 0 END) AS BIGINT) AS true_positives,
  (CAST(SUM(CASE WHEN verdict = 'false_positive' THEN 1 ELSE 0 END) AS DOUBLE) / NULLIF(COUNT(verdict), 0)) AS share_false,
  CAST(SUM(CASE WHEN verdict = 'false_positive' AND outcome IN ('RESPOND', 'PERSISTING') THEN 1 ELSE 0 END) AS BIGINT) AS responded_to_in_vain,
  MAX(CASE WHEN verdict = 'false_positive' THEN time END) AS last_false_positive
FROM incidents
GROUP BY org_id, type;

CREATE OR REPLACE VIEW common_causes AS
-- The same new thing found about several people of an organisation on one day: a change of its environment, or one attacker at work on
-- many. folded counts the findings that were decided as having one cause.
WITH found AS (
  SELECT a.time, a.org_id, a.user_id, a.new_things, d.outcome
  FROM anomalies_v AS a
  LEFT JOIN decisions_v AS d ON d.anomaly_id = a.id AND d.org_id = a.org_id
  WHERE NOT COALESCE(a.hint, FALSE)
)
SELECT date_trunc('day', time) AS day, org_id, kind, name, COUNT(DISTINCT user_id) AS people, COUNT(*) AS findings,
  CAST(SUM(CASE WHEN outcome = 'COMMON_CAUSE' THEN 1 ELSE 0 END) AS BIGINT) AS folded, MIN(time) AS first_time, MAX(time) AS last_time
FROM (
  SELECT f.time, f.org_id, f.user_id, f.outcome, thing.kind AS kind, thing.key AS name
  FROM (SELECT *, UNNEST(new_things) AS thing FROM found) AS f
) AS things
GROUP BY date_trunc('day', time), org_id, kind, name
HAVING COUNT(DISTINCT user_id) >= 2;
