-- Rendered from schemas/sql and the protos by go generate ./schemas. Do not edit.

-- Rows of activity_hourly for the slices in [start, until), both on the hour: one per org, user and hour.
-- Buckets are those of the clock, so that a busy stretch across a border counts as two halves: a sliding window may see up to
-- twice as much.
WITH slices AS (
  SELECT org_id, user_id, (window_start_ms + 62135596800000) AS ms, user_type, events, download_bytes, bytes, methods, facets
  FROM `aer.activity_v`
  WHERE time >= @start AND time < @until AND COALESCE(actor_kind, '') IN ('', 'signed_in')
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
  WHERE time >= TIMESTAMP_ADD(@start, INTERVAL (-24 * 35) HOUR) AND time < @until AND COALESCE(actor_kind, '') IN ('', 'signed_in')
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
    (before_ms IS NULL OR ms - before_ms > 3024000000) AS fresh
  FROM touches
  WHERE ms >= (UNIX_MILLIS(@start) + 62135596800000)
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
