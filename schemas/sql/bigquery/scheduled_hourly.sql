-- Rendered from schemas/sql and the protos by go generate ./schemas. Do not edit.

-- Scheduled query, every hour at a quarter past: derives the hour that is complete (late events are taken for ten minutes), and
-- writes how each organisation's day compares with what its hours of the week let expect, valid for the hour that begins now.
-- Rows that are there are never changed. Which objects are new is not looked up here (it would read five weeks of activity every
-- hour): in the rows of activity_hourly of today all objects count as new, until the daily run derives them again.
BEGIN TRANSACTION;

DELETE FROM `aer.activity_hourly` WHERE `hour` >= TIMESTAMP_ADD(TIMESTAMP_TRUNC(@run_time, HOUR), INTERVAL (-1) HOUR) AND `hour` < TIMESTAMP_TRUNC(@run_time, HOUR);

INSERT INTO `aer.activity_hourly` (`org_id`, `user_id`, `hour`, `user_type`, `events`, `sessions`, `downloads`, `reads`, `download_bytes`, `bytes`, `downloads_5m`, `reads_5m`, `download_bytes_5m`, `calls`, `methods`, `clients`, `downloads_15m`, `reads_15m`, `new_downloads`, `new_reads`, `new_downloads_5m`, `new_reads_5m`, `new_downloads_15m`, `new_reads_15m`)
SELECT `org_id`, `user_id`, `hour`, `user_type`, `events`, `sessions`, `downloads`, `reads`, `download_bytes`, `bytes`, `downloads_5m`, `reads_5m`, `download_bytes_5m`, `calls`, `methods`, `clients`, `downloads_15m`, `reads_15m`, `new_downloads`, `new_reads`, `new_downloads_5m`, `new_reads_5m`, `new_downloads_15m`, `new_reads_15m` FROM (
-- Rows of activity_hourly for the slices in [start, until), both on the hour: one per org, user and hour.
-- Buckets are those of the clock, so that a busy stretch across a border counts as two halves: a sliding window may see up to
-- twice as much.
WITH slices AS (
  SELECT org_id, user_id, (window_start_ms + 62135596800000) AS ms, user_type, events, download_bytes, bytes, methods, facets
  FROM `aer.activity_v`
  WHERE time >= TIMESTAMP_ADD(TIMESTAMP_TRUNC(@run_time, HOUR), INTERVAL (-1) HOUR) AND time < TIMESTAMP_TRUNC(@run_time, HOUR) AND COALESCE(actor_kind, '') IN ('', 'signed_in')
),
method_calls AS (
  SELECT s.org_id, s.user_id, s.ms, m.class AS class, m.method AS method, m.calls AS calls, m.errors AS errors, m.rate_limited AS rate_limited
  FROM slices AS s CROSS JOIN UNNEST(s.methods) AS m
),
client_uses AS (
  SELECT s.org_id, s.user_id, s.ms, COALESCE(f.client.family, '') AS family, COALESCE(f.client.ja4, '') AS ja4, COALESCE(f.client.class, '') AS class,
    COALESCE(f.client.asn, 0) AS asn, NULLIF(f.session_id, '') AS session, f.events AS events
  FROM slices AS s CROSS JOIN UNNEST(s.facets) AS f
),
-- Not the view: whether a slice is there once or twice does not matter here.
past AS (
  SELECT org_id, user_id, (window_start_ms + 62135596800000) AS ms, downloads, reads
  FROM `aer.activity`
  WHERE time >= TIMESTAMP_ADD(TIMESTAMP_ADD(TIMESTAMP_TRUNC(@run_time, HOUR), INTERVAL (-1) HOUR), INTERVAL (-24 * 0) HOUR) AND time < TIMESTAMP_TRUNC(@run_time, HOUR) AND COALESCE(actor_kind, '') IN ('', 'signed_in')
),
objects AS (
  SELECT p.org_id, p.user_id, p.ms, 'downloads' AS metric, h, CASE WHEN p.downloads.sketched THEN (CAST(p.downloads.hashes[SAFE_ORDINAL(ARRAY_LENGTH(p.downloads.hashes))] AS FLOAT64) / 18446744073709551616.0 + CASE WHEN p.downloads.hashes[SAFE_ORDINAL(ARRAY_LENGTH(p.downloads.hashes))] < 0 THEN 1.0 ELSE 0.0 END) END AS theta
  FROM past AS p CROSS JOIN UNNEST(p.downloads.hashes) AS h
  UNION ALL
  SELECT p.org_id, p.user_id, p.ms, 'reads' AS metric, h, CASE WHEN p.reads.sketched THEN (CAST(p.reads.hashes[SAFE_ORDINAL(ARRAY_LENGTH(p.reads.hashes))] AS FLOAT64) / 18446744073709551616.0 + CASE WHEN p.reads.hashes[SAFE_ORDINAL(ARRAY_LENGTH(p.reads.hashes))] < 0 THEN 1.0 ELSE 0.0 END) END AS theta
  FROM past AS p CROSS JOIN UNNEST(p.reads.hashes) AS h
),
touches AS (
  SELECT org_id, user_id, metric, ms, (CAST(h AS FLOAT64) / 18446744073709551616.0 + CASE WHEN h < 0 THEN 1.0 ELSE 0.0 END) AS point, theta,
    LAG(ms) OVER (PARTITION BY org_id, user_id, metric, h ORDER BY ms) AS before_ms
  FROM objects
),
-- A touch is the first of its object in five minutes if the one before was in others.
touched AS (
  SELECT org_id, user_id, metric, point, theta, DIV(ms, 300000) AS five, DIV(ms, 900000) AS quarter, DIV(ms, 3600000) AS hour_number,
    before_ms IS NULL OR DIV(ms, 300000) <> DIV(before_ms, 300000) AS first_five,
    before_ms IS NULL OR DIV(ms, 900000) <> DIV(before_ms, 900000) AS first_quarter,
    before_ms IS NULL OR DIV(ms, 3600000) <> DIV(before_ms, 3600000) AS first_hour,
    (before_ms IS NULL OR ms - before_ms > 0) AS fresh
  FROM touches
  WHERE ms >= (UNIX_MILLIS(TIMESTAMP_ADD(TIMESTAMP_TRUNC(@run_time, HOUR), INTERVAL (-1) HOUR)) + 62135596800000)
),
cuts_five AS (
  SELECT org_id, user_id, metric, five, MIN(theta) AS theta
  FROM touched
  WHERE theta IS NOT NULL
  GROUP BY org_id, user_id, metric, five
),
cuts_quarter AS (
  SELECT org_id, user_id, metric, quarter, MIN(theta) AS theta
  FROM touched
  WHERE theta IS NOT NULL
  GROUP BY org_id, user_id, metric, quarter
),
cuts_hour AS (
  SELECT org_id, user_id, metric, hour_number, MIN(theta) AS theta
  FROM touched
  WHERE theta IS NOT NULL
  GROUP BY org_id, user_id, metric, hour_number
),
-- Each object once in five minutes, in a quarter of an hour and in an hour. What is fresh is the first of all of them.
counted AS (
  SELECT t.org_id, t.user_id, t.metric, t.five, t.quarter, t.hour_number, c5.theta AS theta_five, c15.theta AS theta_quarter, c60.theta AS theta_hour, t.fresh,
    t.first_five AND (c5.theta IS NULL OR c5.theta >= 1 OR point < c5.theta) AS in_five,
    t.first_quarter AND (c15.theta IS NULL OR c15.theta >= 1 OR point < c15.theta) AS in_quarter,
    t.first_hour AND (c60.theta IS NULL OR c60.theta >= 1 OR point < c60.theta) AS in_hour
  FROM touched AS t
  LEFT JOIN cuts_five AS c5 ON c5.org_id = t.org_id AND c5.user_id = t.user_id AND c5.metric = t.metric AND c5.five = t.five
  LEFT JOIN cuts_quarter AS c15 ON c15.org_id = t.org_id AND c15.user_id = t.user_id AND c15.metric = t.metric AND c15.quarter = t.quarter
  LEFT JOIN cuts_hour AS c60 ON c60.org_id = t.org_id AND c60.user_id = t.user_id AND c60.metric = t.metric AND c60.hour_number = t.hour_number
),
objects_five AS (
  SELECT org_id, user_id, metric, five, MIN(quarter) AS quarter, MIN(hour_number) AS hour_number,
    MIN(theta_five) AS theta_five, MIN(theta_quarter) AS theta_quarter, MIN(theta_hour) AS theta_hour,
    COUNT(CASE WHEN in_five THEN 1 END) AS n_five, COUNT(CASE WHEN in_five AND fresh THEN 1 END) AS new_five,
    COUNT(CASE WHEN in_quarter THEN 1 END) AS n_quarter, COUNT(CASE WHEN in_quarter AND fresh THEN 1 END) AS new_quarter,
    COUNT(CASE WHEN in_hour THEN 1 END) AS n_hour, COUNT(CASE WHEN in_hour AND fresh THEN 1 END) AS new_hour
  FROM counted
  GROUP BY org_id, user_id, metric, five
),
objects_quarter AS (
  SELECT org_id, user_id, metric, quarter, MIN(hour_number) AS hour_number, MIN(theta_quarter) AS theta_quarter, MIN(theta_hour) AS theta_hour,
    MAX(CAST(ROUND(n_five / COALESCE(theta_five, 1.0)) AS FLOAT64)) AS five, MAX(CAST(ROUND(new_five / COALESCE(theta_five, 1.0)) AS FLOAT64)) AS new_five,
    SUM(n_quarter) AS n_quarter, SUM(new_quarter) AS new_quarter, SUM(n_hour) AS n_hour, SUM(new_hour) AS new_hour
  FROM objects_five
  GROUP BY org_id, user_id, metric, quarter
),
objects_hour AS (
  SELECT org_id, user_id, metric, hour_number, MAX(five) AS five, MAX(new_five) AS new_five,
    MAX(CAST(ROUND(n_quarter / COALESCE(theta_quarter, 1.0)) AS FLOAT64)) AS quarter,
    MAX(CAST(ROUND(new_quarter / COALESCE(theta_quarter, 1.0)) AS FLOAT64)) AS new_quarter,
    CAST(ROUND(SUM(n_hour) / COALESCE(MIN(theta_hour), 1.0)) AS FLOAT64) AS value, CAST(ROUND(SUM(new_hour) / COALESCE(MIN(theta_hour), 1.0)) AS FLOAT64) AS new_value
  FROM objects_quarter
  GROUP BY org_id, user_id, metric, hour_number
),
objects_both AS (
  SELECT org_id, user_id, hour_number,
    CAST(MAX(CASE WHEN metric = 'downloads' THEN value ELSE 0 END) AS INT64) AS downloads,
    CAST(MAX(CASE WHEN metric = 'downloads' THEN five ELSE 0 END) AS INT64) AS downloads_5m,
    CAST(MAX(CASE WHEN metric = 'downloads' THEN quarter ELSE 0 END) AS INT64) AS downloads_15m,
    CAST(MAX(CASE WHEN metric = 'downloads' THEN new_value ELSE 0 END) AS INT64) AS new_downloads,
    CAST(MAX(CASE WHEN metric = 'downloads' THEN new_five ELSE 0 END) AS INT64) AS new_downloads_5m,
    CAST(MAX(CASE WHEN metric = 'downloads' THEN new_quarter ELSE 0 END) AS INT64) AS new_downloads_15m,
    CAST(MAX(CASE WHEN metric = 'reads' THEN value ELSE 0 END) AS INT64) AS reads,
    CAST(MAX(CASE WHEN metric = 'reads' THEN five ELSE 0 END) AS INT64) AS reads_5m,
    CAST(MAX(CASE WHEN metric = 'reads' THEN quarter ELSE 0 END) AS INT64) AS reads_15m,
    CAST(MAX(CASE WHEN metric = 'reads' THEN new_value ELSE 0 END) AS INT64) AS new_reads,
    CAST(MAX(CASE WHEN metric = 'reads' THEN new_five ELSE 0 END) AS INT64) AS new_reads_5m,
    CAST(MAX(CASE WHEN metric = 'reads' THEN new_quarter ELSE 0 END) AS INT64) AS new_reads_15m
  FROM objects_hour
  GROUP BY org_id, user_id, hour_number
),
slices_five AS (
  SELECT org_id, user_id, DIV(ms, 300000) AS five, MIN(DIV(ms, 3600000)) AS hour_number, MAX(user_type) AS user_type, CAST(SUM(events) AS INT64) AS events,
    CAST(SUM(download_bytes) AS INT64) AS download_bytes, CAST(SUM(bytes) AS INT64) AS bytes
  FROM slices
  GROUP BY org_id, user_id, DIV(ms, 300000)
),
totals AS (
  SELECT org_id, user_id, hour_number, MAX(user_type) AS user_type, CAST(SUM(events) AS INT64) AS events, CAST(SUM(download_bytes) AS INT64) AS download_bytes,
    MAX(download_bytes) AS download_bytes_5m, CAST(SUM(bytes) AS INT64) AS bytes
  FROM slices_five
  GROUP BY org_id, user_id, hour_number
),
calls_method AS (
  SELECT org_id, user_id, DIV(ms, 3600000) AS hour_number, DIV(ms, 300000) AS five, class, method,
    CAST(SUM(calls) AS INT64) AS calls, CAST(SUM(errors) AS INT64) AS errors, CAST(SUM(rate_limited) AS INT64) AS rate_limited
  FROM method_calls
  GROUP BY org_id, user_id, DIV(ms, 3600000), DIV(ms, 300000), class, method
),
calls_five AS (
  SELECT org_id, user_id, hour_number, five, class,
    CAST(SUM(calls) AS INT64) AS calls, CAST(SUM(errors) AS INT64) AS errors, CAST(SUM(rate_limited) AS INT64) AS rate_limited
  FROM calls_method
  GROUP BY org_id, user_id, hour_number, five, class
),
calls_class AS (
  SELECT org_id, user_id, hour_number, class, CAST(SUM(calls) AS INT64) AS calls, CAST(SUM(errors) AS INT64) AS errors,
    CAST(SUM(rate_limited) AS INT64) AS rate_limited, MAX(calls) AS calls_5m
  FROM calls_five
  GROUP BY org_id, user_id, hour_number, class
),
calls_hour AS (
  SELECT org_id, user_id, hour_number, ARRAY_AGG(STRUCT(class, calls, errors, rate_limited, calls_5m) ORDER BY class) AS calls
  FROM calls_class
  GROUP BY org_id, user_id, hour_number
),
methods_class AS (
  SELECT org_id, user_id, hour_number, class, method, CAST(SUM(calls) AS INT64) AS calls
  FROM calls_method
  GROUP BY org_id, user_id, hour_number, class, method
),
methods_hour AS (
  SELECT org_id, user_id, hour_number, ARRAY_AGG(STRUCT(class, method, calls) ORDER BY class, method) AS methods
  FROM methods_class
  GROUP BY org_id, user_id, hour_number
),
sessions AS (
  SELECT org_id, user_id, DIV(ms, 3600000) AS hour_number, family, ja4, class, asn, session, CAST(SUM(events) AS INT64) AS events
  FROM client_uses
  GROUP BY org_id, user_id, DIV(ms, 3600000), family, ja4, class, asn, session
),
sessions_hour AS (
  SELECT org_id, user_id, hour_number, COUNT(DISTINCT session) AS sessions
  FROM sessions
  GROUP BY org_id, user_id, hour_number
),
clients_use AS (
  SELECT org_id, user_id, hour_number, family, ja4, class, asn, COUNT(session) AS sessions, CAST(SUM(events) AS INT64) AS events
  FROM sessions
  GROUP BY org_id, user_id, hour_number, family, ja4, class, asn
),
clients_hour AS (
  SELECT org_id, user_id, hour_number, ARRAY_AGG(STRUCT(family, ja4, class, asn, sessions, events) ORDER BY family, ja4, class, asn) AS clients
  FROM clients_use
  GROUP BY org_id, user_id, hour_number
)
SELECT t.org_id, t.user_id, TIMESTAMP_MILLIS(t.hour_number * 3600000 - 62135596800000) AS hour, t.user_type, t.events, COALESCE(n.sessions, 0) AS sessions,
  COALESCE(o.downloads, 0) AS downloads, COALESCE(o.reads, 0) AS reads, t.download_bytes, t.bytes,
  COALESCE(o.downloads_5m, 0) AS downloads_5m, COALESCE(o.reads_5m, 0) AS reads_5m, t.download_bytes_5m,
  COALESCE(o.downloads_15m, 0) AS downloads_15m, COALESCE(o.reads_15m, 0) AS reads_15m,
  COALESCE(o.new_downloads, 0) AS new_downloads, COALESCE(o.new_reads, 0) AS new_reads,
  COALESCE(o.new_downloads_5m, 0) AS new_downloads_5m, COALESCE(o.new_reads_5m, 0) AS new_reads_5m,
  COALESCE(o.new_downloads_15m, 0) AS new_downloads_15m, COALESCE(o.new_reads_15m, 0) AS new_reads_15m,
  IFNULL(c.calls, []) AS calls, IFNULL(m.methods, []) AS methods, IFNULL(k.clients, []) AS clients
FROM totals AS t
LEFT JOIN sessions_hour AS n USING (org_id, user_id, hour_number)
LEFT JOIN objects_both AS o USING (org_id, user_id, hour_number)
LEFT JOIN calls_hour AS c USING (org_id, user_id, hour_number)
LEFT JOIN methods_hour AS m USING (org_id, user_id, hour_number)
LEFT JOIN clients_hour AS k USING (org_id, user_id, hour_number)
) AS made
WHERE TRUE;

INSERT INTO `aer.baselines_live` (`version`, `valid_from`, `valid_until`, `org_id`, `metric`, `hours`, `observed`, `expected`, `factor`)
SELECT `version`, `valid_from`, `valid_until`, `org_id`, `metric`, `hours`, `observed`, `expected`, `factor` FROM (
-- How the day of each version, as far as it is over, compares with what its hours of the week let expect.
--
-- What to expect of an hour is its mean over the weeks, as it is: shrunk like baselines_hour, the busy hours of an ordinary day would
-- look busier than expected. A row counts complete hours only and holds from a quarter past: late events are taken for ten minutes,
-- and the query takes some.
-- factor = observed so far / expected so far, between 1 and 3 (Start): a busy day raises thresholds, and a quiet one never lowers them,
-- because an attack on a quiet day is no smaller. It is 1 until the hours so far were expected to see 20 people in all (Start: a
-- Poisson count of 20 is off by 22 %), and where the history has fewer than 14 days (Start: every hour of the week twice).
-- The calls of the day are winsorised at the mean cap of the history, and nobody is left out: who attacks today is one person.
WITH history_hours AS (
  SELECT a.org_id, a.user_id, CAST(a.hour AS DATE) AS d, EXTRACT(HOUR FROM a.hour) AS hour_of_day, a.calls AS class_calls
  FROM `aer.activity_hourly_v` AS a
  LEFT JOIN `aer.excluded_days_v` AS x ON x.org_id = a.org_id AND x.user_id = a.user_id AND x.day = CAST(a.hour AS DATE) AND NOT x.weekly
  WHERE a.hour >= CAST(DATE_ADD(CAST(@run_time AS DATE), INTERVAL (0 - 7 - 28) DAY) AS TIMESTAMP)
    AND a.hour < CAST(DATE_ADD(CAST(@run_time AS DATE), INTERVAL (0 - 7) DAY) AS TIMESTAMP)
    AND x.day IS NULL
),
user_hours AS (
  SELECT h.org_id, h.user_id, h.d, h.hour_of_day, CAST(COALESCE(MAX(s.calls), 0) AS FLOAT64) AS calls
  FROM history_hours AS h
  LEFT JOIN (
    SELECT c.org_id, c.user_id, c.d, c.hour_of_day, SUM(k.calls) AS calls
    FROM history_hours AS c CROSS JOIN UNNEST(c.class_calls) AS k
    GROUP BY c.org_id, c.user_id, c.d, c.hour_of_day
  ) AS s ON s.org_id = h.org_id AND s.user_id = h.user_id AND s.d = h.d AND s.hour_of_day = h.hour_of_day
  GROUP BY h.org_id, h.user_id, h.d, h.hour_of_day
),
-- The cap of a day is the 90th percentile of what a person called in an hour of it.
day_caps AS (
  SELECT org_id, d, IF(q.n <= 1000, q.least[SAFE_ORDINAL(CAST(CEIL(q.n * 900 / 1000) AS INT64))], q.approx[OFFSET(900)]) AS cap_calls
  FROM (SELECT org_id, d, STRUCT(COUNT(calls) AS n, ARRAY_AGG(calls IGNORE NULLS ORDER BY calls LIMIT 1000) AS least, APPROX_QUANTILES(calls, 1000) AS approx) AS q FROM user_hours WHERE calls > 0 GROUP BY org_id, d) AS called
),
hour_values AS (
  SELECT org_id, d, hour_of_day, 'users' AS metric, CAST(COUNT(*) AS FLOAT64) AS value
  FROM user_hours
  GROUP BY org_id, d, hour_of_day
  UNION ALL
  SELECT p.org_id, p.d, p.hour_of_day, 'calls' AS metric, ROUND(SUM(LEAST(p.calls, k.cap_calls)), 6) AS value
  FROM user_hours AS p
  JOIN day_caps AS k ON k.org_id = p.org_id AND k.d = p.d
  WHERE p.calls > 0
  GROUP BY p.org_id, p.d, p.hour_of_day
),
org_days AS (
  SELECT DISTINCT org_id, d
  FROM hour_values
),
windows AS (
  SELECT version_day, org_id, MIN(d) AS first_d, UNIX_DATE(version_day) - 7 - UNIX_DATE(MIN(d)) AS days
  FROM org_days AS r CROSS JOIN UNNEST(GENERATE_DATE_ARRAY(GREATEST(CAST(@run_time AS DATE), DATE_ADD(d, INTERVAL (7 + 1) DAY)), LEAST(CAST(@run_time AS DATE), DATE_ADD(d, INTERVAL (7 + 28) DAY)))) AS version_day
  GROUP BY version_day, org_id
),
weekdays AS (
  SELECT version_day, org_id, MOD(UNIX_DATE(calendar_day) + 3, 7) AS weekday, COUNT(*) AS weeks
  FROM windows AS w CROSS JOIN UNNEST(GENERATE_DATE_ARRAY(first_d, DATE_ADD(version_day, INTERVAL (0 - 7 - 1) DAY))) AS calendar_day
  GROUP BY version_day, org_id, MOD(UNIX_DATE(calendar_day) + 3, 7)
),
seen AS (
  SELECT version_day, org_id, metric, MOD(UNIX_DATE(d) + 3, 7) * 24 + hour_of_day AS hour_of_week, SUM(value) AS total
  FROM hour_values AS r CROSS JOIN UNNEST(GENERATE_DATE_ARRAY(GREATEST(CAST(@run_time AS DATE), DATE_ADD(d, INTERVAL (7 + 1) DAY)), LEAST(CAST(@run_time AS DATE), DATE_ADD(d, INTERVAL (7 + 28) DAY)))) AS version_day
  WHERE MOD(UNIX_DATE(d) + 3, 7) = MOD(UNIX_DATE(version_day) + 3, 7)
  GROUP BY version_day, org_id, metric, MOD(UNIX_DATE(d) + 3, 7) * 24 + hour_of_day
),
grid AS (
  SELECT version_day, org_id, days, m.metric,
    MOD(UNIX_DATE(version_day) + 3, 7) * 24 + n AS hour_of_week
  FROM windows AS w CROSS JOIN UNNEST(GENERATE_ARRAY(0, 23)) AS n
  CROSS JOIN (SELECT 'users' AS metric UNION ALL SELECT 'calls') AS m
),
totals AS (
  SELECT g.version_day, g.org_id, g.metric, g.hour_of_week, g.days, COALESCE(w.weeks, 0) AS weeks, COALESCE(s.total, 0) AS total
  FROM grid AS g
  LEFT JOIN weekdays AS w ON w.version_day = g.version_day AND w.org_id = g.org_id AND w.weekday = DIV(g.hour_of_week, 24)
  LEFT JOIN seen AS s ON s.version_day = g.version_day AND s.org_id = g.org_id AND s.metric = g.metric AND s.hour_of_week = g.hour_of_week
),
today_hours AS (
  SELECT a.org_id, a.user_id, CAST(a.hour AS DATE) AS d, EXTRACT(HOUR FROM a.hour) AS hour_of_day, a.calls AS class_calls
  FROM `aer.activity_hourly_v` AS a
  WHERE a.hour >= CAST(CAST(@run_time AS DATE) AS TIMESTAMP) AND a.hour < CAST(DATE_ADD(CAST(@run_time AS DATE), INTERVAL (1) DAY) AS TIMESTAMP)
),
today_users AS (
  SELECT h.org_id, h.user_id, h.d, h.hour_of_day, CAST(COALESCE(MAX(s.calls), 0) AS FLOAT64) AS calls
  FROM today_hours AS h
  LEFT JOIN (
    SELECT c.org_id, c.user_id, c.d, c.hour_of_day, SUM(k.calls) AS calls
    FROM today_hours AS c CROSS JOIN UNNEST(c.class_calls) AS k
    GROUP BY c.org_id, c.user_id, c.d, c.hour_of_day
  ) AS s ON s.org_id = h.org_id AND s.user_id = h.user_id AND s.d = h.d AND s.hour_of_day = h.hour_of_day
  GROUP BY h.org_id, h.user_id, h.d, h.hour_of_day
),
version_caps AS (
  SELECT version_day AS d, org_id, AVG(cap_calls) AS cap_calls
  FROM day_caps AS r CROSS JOIN UNNEST(GENERATE_DATE_ARRAY(GREATEST(CAST(@run_time AS DATE), DATE_ADD(d, INTERVAL (7 + 1) DAY)), LEAST(CAST(@run_time AS DATE), DATE_ADD(d, INTERVAL (7 + 28) DAY)))) AS version_day
  GROUP BY version_day, org_id
),
today AS (
  SELECT org_id, d, hour_of_day, 'users' AS metric, CAST(COUNT(*) AS FLOAT64) AS value
  FROM today_users
  GROUP BY org_id, d, hour_of_day
  UNION ALL
  SELECT p.org_id, p.d, p.hour_of_day, 'calls' AS metric, ROUND(SUM(LEAST(p.calls, k.cap_calls)), 6) AS value
  FROM today_users AS p
  JOIN version_caps AS k ON k.org_id = p.org_id AND k.d = p.d
  WHERE p.calls > 0
  GROUP BY p.org_id, p.d, p.hour_of_day
),
by_hour AS (
  SELECT w.version_day, w.org_id, w.metric, MOD(w.hour_of_week, 24) AS hour_of_day, w.days,
    COALESCE(SAFE_DIVIDE(w.total, w.weeks), 0) AS expected, COALESCE(t.value, 0) AS observed
  FROM totals AS w
  LEFT JOIN today AS t ON t.org_id = w.org_id AND t.d = w.version_day AND t.metric = w.metric AND t.hour_of_day = MOD(w.hour_of_week, 24)
),
so_far AS (
  SELECT version_day, org_id, metric, days, hour_of_day + 1 AS hours,
    SUM(observed) OVER (PARTITION BY version_day, org_id, metric ORDER BY hour_of_day) AS observed,
    SUM(expected) OVER (PARTITION BY version_day, org_id, metric ORDER BY hour_of_day) AS expected,
    SUM(CASE WHEN metric = 'users' THEN expected ELSE 0 END) OVER (PARTITION BY version_day, org_id ORDER BY hour_of_day) AS people
  FROM by_hour
)
SELECT FORMAT_DATE('%F', version_day) AS version, TIMESTAMP_ADD(CAST(version_day AS TIMESTAMP), INTERVAL (hours * 60 + 15) MINUTE) AS valid_from,
  LEAST(TIMESTAMP_ADD(CAST(version_day AS TIMESTAMP), INTERVAL (hours * 60 + 75) MINUTE), CAST(DATE_ADD(version_day, INTERVAL (1) DAY) AS TIMESTAMP)) AS valid_until,
  org_id, metric, hours, observed, expected,
  CASE WHEN people >= 20 AND days >= 14 THEN LEAST(3.0, GREATEST(1.0, COALESCE(SAFE_DIVIDE(observed, expected), 1))) ELSE 1.0 END AS factor
FROM so_far
WHERE hours < 24
ORDER BY version, org_id, metric, hours
) AS made
WHERE valid_from <= @run_time AND valid_until > @run_time AND NOT EXISTS (SELECT 1 FROM `aer.baselines_live` WHERE valid_from <= @run_time AND valid_until > @run_time);

COMMIT TRANSACTION;
