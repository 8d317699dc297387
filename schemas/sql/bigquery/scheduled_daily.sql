-- Rendered from schemas/sql and the protos by go generate ./schemas. Do not edit.

-- Scheduled query, daily at 00:30 UTC: derives the activity of the last two days, and from the history the baseline version that
-- is valid on the day of the run (run_date, which BigQuery sets). The version is called by its day.
--
-- All of it is one transaction, and the rows are written only where the version is not complete yet: running it again, by hand or
-- twice at once, never changes a version that anybody has been judged by. (Two runs at once delete the same hours: one is refused.)
BEGIN TRANSACTION;

DELETE FROM `aer.activity_hourly` WHERE `hour` >= CAST(DATE_ADD(@run_date, INTERVAL (-2) DAY) AS TIMESTAMP) AND `hour` < CAST(@run_date AS TIMESTAMP);

INSERT INTO `aer.activity_hourly` (`org_id`, `user_id`, `hour`, `user_type`, `events`, `sessions`, `downloads`, `reads`, `download_bytes`, `bytes`, `downloads_5m`, `reads_5m`, `download_bytes_5m`, `calls`, `methods`, `clients`, `downloads_15m`, `reads_15m`, `new_downloads`, `new_reads`, `new_downloads_5m`, `new_reads_5m`, `new_downloads_15m`, `new_reads_15m`)
SELECT `org_id`, `user_id`, `hour`, `user_type`, `events`, `sessions`, `downloads`, `reads`, `download_bytes`, `bytes`, `downloads_5m`, `reads_5m`, `download_bytes_5m`, `calls`, `methods`, `clients`, `downloads_15m`, `reads_15m`, `new_downloads`, `new_reads`, `new_downloads_5m`, `new_reads_5m`, `new_downloads_15m`, `new_reads_15m` FROM (
-- Rows of activity_hourly for the slices in [start, until), both on the hour: one per org, user and hour.
-- Buckets are those of the clock, so that a busy stretch across a border counts as two halves: a sliding window may see up to
-- twice as much.
WITH slices AS (
  SELECT org_id, user_id, (window_start_ms + 62135596800000) AS ms, user_type, events, download_bytes, bytes, methods, facets
  FROM `aer.activity_v`
  WHERE time >= CAST(DATE_ADD(@run_date, INTERVAL (-2) DAY) AS TIMESTAMP) AND time < CAST(@run_date AS TIMESTAMP) AND COALESCE(actor_kind, '') IN ('', 'signed_in')
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
  WHERE time >= TIMESTAMP_ADD(CAST(DATE_ADD(@run_date, INTERVAL (-2) DAY) AS TIMESTAMP), INTERVAL (-24 * 35) HOUR) AND time < CAST(@run_date AS TIMESTAMP) AND COALESCE(actor_kind, '') IN ('', 'signed_in')
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
  WHERE ms >= (UNIX_MILLIS(CAST(DATE_ADD(@run_date, INTERVAL (-2) DAY) AS TIMESTAMP)) + 62135596800000)
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

DELETE FROM `aer.activity_daily` WHERE `day` >= CAST(DATE_ADD(@run_date, INTERVAL (-2) DAY) AS TIMESTAMP) AND `day` < CAST(@run_date AS TIMESTAMP);

INSERT INTO `aer.activity_daily` (`org_id`, `user_id`, `day`, `user_type`, `events`, `values`, `methods`, `clients`)
SELECT `org_id`, `user_id`, `day`, `user_type`, `events`, `values`, `methods`, `clients` FROM (
-- Rows of activity_daily for the days first_day to last_day (DATE, both included), from activity_hourly and, for what is
-- distinct over a day or a week, from activity. Both must hold the six days before first_day as well.
WITH slices AS (
  SELECT org_id, user_id, (window_start_ms + 62135596800000) AS ms, user_type, events, download_bytes, bytes, methods, facets
  FROM `aer.activity_v`
  WHERE time >= CAST(DATE_ADD(DATE_ADD(@run_date, INTERVAL (-2) DAY), INTERVAL (-6) DAY) AS TIMESTAMP) AND time < CAST(DATE_ADD(DATE_ADD(@run_date, INTERVAL (-1) DAY), INTERVAL (1) DAY) AS TIMESTAMP) AND COALESCE(actor_kind, '') IN ('', 'signed_in')
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
  WHERE time >= CAST(DATE_ADD(DATE_ADD(@run_date, INTERVAL (-2) DAY), INTERVAL (-6 - 35) DAY) AS TIMESTAMP) AND time < CAST(DATE_ADD(DATE_ADD(@run_date, INTERVAL (-1) DAY), INTERVAL (1) DAY) AS TIMESTAMP) AND COALESCE(actor_kind, '') IN ('', 'signed_in')
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
hours AS (
  SELECT org_id, user_id, DIV((UNIX_MILLIS(hour) + 62135596800000), 86400000) AS d, user_type, events, download_bytes, download_bytes_5m,
    downloads, downloads_5m, downloads_15m, reads, reads_5m, reads_15m, new_downloads, new_downloads_5m, new_downloads_15m,
    new_reads, new_reads_5m, new_reads_15m, calls, methods
  FROM `aer.activity_hourly_v`
  WHERE hour >= CAST(DATE_ADD(DATE_ADD(@run_date, INTERVAL (-2) DAY), INTERVAL (-6) DAY) AS TIMESTAMP) AND hour < CAST(DATE_ADD(DATE_ADD(@run_date, INTERVAL (-1) DAY), INTERVAL (1) DAY) AS TIMESTAMP)
),
touched AS (
  SELECT org_id, user_id, metric, point, theta, DIV(ms, 86400000) AS d, DIV(before_ms, 86400000) AS before_d, (before_ms IS NULL OR ms - before_ms > 3024000000) AS fresh
  FROM touches
  WHERE ms >= (UNIX_MILLIS(CAST(DATE_ADD(DATE_ADD(@run_date, INTERVAL (-2) DAY), INTERVAL (-6) DAY) AS TIMESTAMP)) + 62135596800000)
),
cuts_day AS (
  SELECT org_id, user_id, metric, d, MIN(theta) AS theta
  FROM touched
  WHERE theta IS NOT NULL
  GROUP BY org_id, user_id, metric, d
),
cuts_person AS (
  SELECT org_id, user_id, metric
  FROM cuts_day
  GROUP BY org_id, user_id, metric
),
-- Objects by the day of a touch, each once a day, added up: the weeks that end on the days d to d + 6 have them, but those before
-- d + skip have them from an earlier day already. Which of them are below a theta matters only to those who have one. What is fresh
-- was touched for the first time that day, and in that week.
firsts AS (
  SELECT t.org_id, t.user_id, t.metric, t.d, CASE WHEN t.before_d > t.d - 7 THEN t.before_d + 7 - t.d ELSE 0 END AS skip, t.fresh,
    CASE WHEN c.metric IS NULL THEN 0.0 ELSE t.point END AS point
  FROM touched AS t
  LEFT JOIN cuts_person AS c ON c.org_id = t.org_id AND c.user_id = t.user_id AND c.metric = t.metric
  WHERE t.before_d IS NULL OR t.before_d <> t.d
),
objects_day AS (
  SELECT org_id, user_id, metric, d, skip, fresh, point, COUNT(*) AS n
  FROM firsts
  GROUP BY org_id, user_id, metric, d, skip, fresh, point
),
totals AS (
  SELECT org_id, user_id, d, MAX(user_type) AS user_type, CAST(SUM(events) AS INT64) AS events,
    CAST(SUM(download_bytes) AS INT64) AS download_bytes, MAX(download_bytes) AS download_bytes_1h, MAX(download_bytes_5m) AS download_bytes_5m,
    MAX(downloads) AS downloads_1h, MAX(downloads_5m) AS downloads_5m, MAX(downloads_15m) AS downloads_15m,
    MAX(reads) AS reads_1h, MAX(reads_5m) AS reads_5m, MAX(reads_15m) AS reads_15m,
    MAX(new_downloads) AS new_downloads_1h, MAX(new_downloads_5m) AS new_downloads_5m, MAX(new_downloads_15m) AS new_downloads_15m,
    MAX(new_reads) AS new_reads_1h, MAX(new_reads_5m) AS new_reads_5m, MAX(new_reads_15m) AS new_reads_15m
  FROM hours
  GROUP BY org_id, user_id, d
),
counted_day AS (
  SELECT o.org_id, o.user_id, o.metric, o.d, o.fresh, o.n, c.theta, (c.theta IS NULL OR c.theta >= 1 OR point < c.theta) AS counts
  FROM objects_day AS o
  LEFT JOIN cuts_day AS c ON c.org_id = o.org_id AND c.user_id = o.user_id AND c.metric = o.metric AND c.d = o.d
),
distinct_day AS (
  SELECT org_id, user_id, d,
    CAST(ROUND(SUM(CASE WHEN metric = 'downloads' AND counts THEN n ELSE 0 END) / COALESCE(MIN(CASE WHEN metric = 'downloads' THEN theta END), 1.0)) AS FLOAT64) AS downloads,
    CAST(ROUND(SUM(CASE WHEN metric = 'downloads' AND counts AND fresh THEN n ELSE 0 END) / COALESCE(MIN(CASE WHEN metric = 'downloads' THEN theta END), 1.0)) AS FLOAT64) AS new_downloads,
    CAST(ROUND(SUM(CASE WHEN metric = 'reads' AND counts THEN n ELSE 0 END) / COALESCE(MIN(CASE WHEN metric = 'reads' THEN theta END), 1.0)) AS FLOAT64) AS reads,
    CAST(ROUND(SUM(CASE WHEN metric = 'reads' AND counts AND fresh THEN n ELSE 0 END) / COALESCE(MIN(CASE WHEN metric = 'reads' THEN theta END), 1.0)) AS FLOAT64) AS new_reads
  FROM counted_day
  GROUP BY org_id, user_id, d
),
-- Only weeks that end on an active day are looked at.
objects_week AS (
  SELECT o.org_id, o.user_id, o.metric, week_end, o.fresh, o.point, SUM(o.n) AS n
  FROM objects_day AS o CROSS JOIN UNNEST(GENERATE_ARRAY(d + skip, d + 6)) AS week_end
  GROUP BY o.org_id, o.user_id, o.metric, week_end, o.fresh, o.point
),
cuts_week AS (
  SELECT c.org_id, c.user_id, c.metric, week_end, MIN(c.theta) AS theta
  FROM cuts_day AS c CROSS JOIN UNNEST(GENERATE_ARRAY(d, d + 6)) AS week_end
  GROUP BY c.org_id, c.user_id, c.metric, week_end
),
counted_week AS (
  SELECT o.org_id, o.user_id, o.metric, o.week_end, o.fresh, o.n, c.theta, (c.theta IS NULL OR c.theta >= 1 OR point < c.theta) AS counts
  FROM objects_week AS o
  LEFT JOIN cuts_week AS c ON c.org_id = o.org_id AND c.user_id = o.user_id AND c.metric = o.metric AND c.week_end = o.week_end
),
distinct_week AS (
  SELECT org_id, user_id, week_end,
    CAST(ROUND(SUM(CASE WHEN metric = 'downloads' AND counts THEN n ELSE 0 END) / COALESCE(MIN(CASE WHEN metric = 'downloads' THEN theta END), 1.0)) AS FLOAT64) AS downloads,
    CAST(ROUND(SUM(CASE WHEN metric = 'downloads' AND counts AND fresh THEN n ELSE 0 END) / COALESCE(MIN(CASE WHEN metric = 'downloads' THEN theta END), 1.0)) AS FLOAT64) AS new_downloads,
    CAST(ROUND(SUM(CASE WHEN metric = 'reads' AND counts THEN n ELSE 0 END) / COALESCE(MIN(CASE WHEN metric = 'reads' THEN theta END), 1.0)) AS FLOAT64) AS reads,
    CAST(ROUND(SUM(CASE WHEN metric = 'reads' AND counts AND fresh THEN n ELSE 0 END) / COALESCE(MIN(CASE WHEN metric = 'reads' THEN theta END), 1.0)) AS FLOAT64) AS new_reads
  FROM counted_week
  GROUP BY org_id, user_id, week_end
),
-- Sums over seven days are those of the weeks that a day is in, as above, and not of a window with RANGE: BigQuery's emulator, with
-- which this is tested, has none.
bytes_week AS (
  SELECT t.org_id, t.user_id, week_end AS d, CAST(SUM(t.download_bytes) AS INT64) AS download_bytes_7d
  FROM totals AS t CROSS JOIN UNNEST(GENERATE_ARRAY(d, d + 6)) AS week_end
  GROUP BY t.org_id, t.user_id, week_end
),
calls_day AS (
  SELECT o.org_id, o.user_id, o.d, c.class AS class, SUM(c.calls) AS calls, MAX(c.calls) AS calls_1h, MAX(c.calls_5m) AS calls_5m
  FROM hours AS o CROSS JOIN UNNEST(o.calls) AS c
  GROUP BY o.org_id, o.user_id, o.d, c.class
),
calls_of_week AS (
  SELECT c.org_id, c.user_id, week_end, c.class, SUM(c.calls) AS calls_7d
  FROM calls_day AS c CROSS JOIN UNNEST(GENERATE_ARRAY(d, d + 6)) AS week_end
  GROUP BY c.org_id, c.user_id, week_end, c.class
),
calls_week AS (
  SELECT c.org_id, c.user_id, c.d, c.class, c.calls, c.calls_1h, c.calls_5m, w.calls_7d
  FROM calls_day AS c
  JOIN calls_of_week AS w ON w.org_id = c.org_id AND w.user_id = c.user_id AND w.week_end = c.d AND w.class = c.class
),
calls_values AS (
  SELECT org_id, user_id, d, 'calls' AS metric, '5m' AS horizon, class, CAST(calls_5m AS FLOAT64) AS value FROM calls_week
  UNION ALL SELECT org_id, user_id, d, 'calls', '1h', class, CAST(calls_1h AS FLOAT64) FROM calls_week
  UNION ALL SELECT org_id, user_id, d, 'calls', '24h', class, CAST(calls AS FLOAT64) FROM calls_week
  UNION ALL SELECT org_id, user_id, d, 'calls', '7d', class, CAST(calls_7d AS FLOAT64) FROM calls_week
),
values_calls AS (
  SELECT org_id, user_id, d, ARRAY_AGG(STRUCT(metric, horizon, class, value) ORDER BY metric, horizon, class) AS of_calls
  FROM calls_values
  WHERE value > 0
  GROUP BY org_id, user_id, d
),
-- 'calls' comes before the other metrics.
values_day AS (
  SELECT t.org_id, t.user_id, t.d, ARRAY_CONCAT(IFNULL(c.of_calls, []), ARRAY(SELECT entry FROM UNNEST([STRUCT('download_bytes' AS metric, '1h' AS horizon, '' AS class, CAST(t.download_bytes_1h AS FLOAT64) AS value),
    STRUCT('download_bytes' AS metric, '24h' AS horizon, '' AS class, CAST(t.download_bytes AS FLOAT64) AS value),
    STRUCT('download_bytes' AS metric, '5m' AS horizon, '' AS class, CAST(t.download_bytes_5m AS FLOAT64) AS value),
    STRUCT('download_bytes' AS metric, '7d' AS horizon, '' AS class, CAST(b.download_bytes_7d AS FLOAT64) AS value),
    STRUCT('downloads' AS metric, '15m' AS horizon, '' AS class, CAST(t.downloads_15m AS FLOAT64) AS value),
    STRUCT('downloads' AS metric, '1h' AS horizon, '' AS class, CAST(t.downloads_1h AS FLOAT64) AS value),
    STRUCT('downloads' AS metric, '24h' AS horizon, '' AS class, CAST(o.downloads AS FLOAT64) AS value),
    STRUCT('downloads' AS metric, '5m' AS horizon, '' AS class, CAST(t.downloads_5m AS FLOAT64) AS value),
    STRUCT('downloads' AS metric, '7d' AS horizon, '' AS class, CAST(w.downloads AS FLOAT64) AS value),
    STRUCT('events' AS metric, '24h' AS horizon, '' AS class, CAST(t.events AS FLOAT64) AS value),
    STRUCT('new_downloads' AS metric, '15m' AS horizon, '' AS class, CAST(t.new_downloads_15m AS FLOAT64) AS value),
    STRUCT('new_downloads' AS metric, '1h' AS horizon, '' AS class, CAST(t.new_downloads_1h AS FLOAT64) AS value),
    STRUCT('new_downloads' AS metric, '24h' AS horizon, '' AS class, CAST(o.new_downloads AS FLOAT64) AS value),
    STRUCT('new_downloads' AS metric, '5m' AS horizon, '' AS class, CAST(t.new_downloads_5m AS FLOAT64) AS value),
    STRUCT('new_downloads' AS metric, '7d' AS horizon, '' AS class, CAST(w.new_downloads AS FLOAT64) AS value),
    STRUCT('new_reads' AS metric, '15m' AS horizon, '' AS class, CAST(t.new_reads_15m AS FLOAT64) AS value),
    STRUCT('new_reads' AS metric, '1h' AS horizon, '' AS class, CAST(t.new_reads_1h AS FLOAT64) AS value),
    STRUCT('new_reads' AS metric, '24h' AS horizon, '' AS class, CAST(o.new_reads AS FLOAT64) AS value),
    STRUCT('new_reads' AS metric, '5m' AS horizon, '' AS class, CAST(t.new_reads_5m AS FLOAT64) AS value),
    STRUCT('new_reads' AS metric, '7d' AS horizon, '' AS class, CAST(w.new_reads AS FLOAT64) AS value),
    STRUCT('reads' AS metric, '15m' AS horizon, '' AS class, CAST(t.reads_15m AS FLOAT64) AS value),
    STRUCT('reads' AS metric, '1h' AS horizon, '' AS class, CAST(t.reads_1h AS FLOAT64) AS value),
    STRUCT('reads' AS metric, '24h' AS horizon, '' AS class, CAST(o.reads AS FLOAT64) AS value),
    STRUCT('reads' AS metric, '5m' AS horizon, '' AS class, CAST(t.reads_5m AS FLOAT64) AS value),
    STRUCT('reads' AS metric, '7d' AS horizon, '' AS class, CAST(w.reads AS FLOAT64) AS value)]) AS entry WHERE entry.value > 0 ORDER BY entry.metric, entry.horizon)) AS day_values
  FROM totals AS t
  JOIN bytes_week AS b ON b.org_id = t.org_id AND b.user_id = t.user_id AND b.d = t.d
  LEFT JOIN distinct_day AS o ON o.org_id = t.org_id AND o.user_id = t.user_id AND o.d = t.d
  LEFT JOIN distinct_week AS w ON w.org_id = t.org_id AND w.user_id = t.user_id AND w.week_end = t.d
  LEFT JOIN values_calls AS c ON c.org_id = t.org_id AND c.user_id = t.user_id AND c.d = t.d
),
methods_class AS (
  SELECT o.org_id, o.user_id, o.d, m.class AS class, m.method AS method, CAST(SUM(m.calls) AS INT64) AS calls
  FROM hours AS o CROSS JOIN UNNEST(o.methods) AS m
  GROUP BY o.org_id, o.user_id, o.d, m.class, m.method
),
methods_day AS (
  SELECT org_id, user_id, d, ARRAY_AGG(STRUCT(class, method, calls) ORDER BY class, method) AS methods
  FROM methods_class
  GROUP BY org_id, user_id, d
),
sessions AS (
  SELECT org_id, user_id, DIV(ms, 86400000) AS d, family, ja4, class, asn, session, CAST(SUM(events) AS INT64) AS events
  FROM client_uses
  GROUP BY org_id, user_id, DIV(ms, 86400000), family, ja4, class, asn, session
),
clients_use AS (
  SELECT org_id, user_id, d, family, ja4, class, asn, COUNT(session) AS sessions, CAST(SUM(events) AS INT64) AS events
  FROM sessions
  GROUP BY org_id, user_id, d, family, ja4, class, asn
),
clients_day AS (
  SELECT org_id, user_id, d, ARRAY_AGG(STRUCT(family, ja4, class, asn, sessions, events) ORDER BY family, ja4, class, asn) AS clients
  FROM clients_use
  GROUP BY org_id, user_id, d
)
SELECT t.org_id, t.user_id, TIMESTAMP_MILLIS(t.d * 86400000 - 62135596800000) AS day, t.user_type, t.events,
  v.day_values AS `values`, IFNULL(m.methods, []) AS methods, IFNULL(k.clients, []) AS clients
FROM totals AS t
JOIN values_day AS v USING (org_id, user_id, d)
LEFT JOIN methods_day AS m USING (org_id, user_id, d)
LEFT JOIN clients_day AS k USING (org_id, user_id, d)
WHERE t.d >= DIV((UNIX_MILLIS(CAST(DATE_ADD(@run_date, INTERVAL (-2) DAY) AS TIMESTAMP)) + 62135596800000), 86400000)
  AND t.d <= DIV((UNIX_MILLIS(CAST(DATE_ADD(@run_date, INTERVAL (-1) DAY) AS TIMESTAMP)) + 62135596800000), 86400000)
) AS made
WHERE TRUE;

INSERT INTO `aer.baselines_org` (`version`, `valid_from`, `valid_until`, `org_id`, `metric`, `horizon`, `class`, `users`, `user_days`, `p50`, `p90`, `p99`, `p999`, `max`)
SELECT `version`, `valid_from`, `valid_until`, `org_id`, `metric`, `horizon`, `class`, `users`, `user_days`, `p50`, `p90`, `p99`, `p999`, `max` FROM (
-- Distribution of each metric over PEOPLE, not events: first everybody's own habit, then quantiles of the habits. '*' is all
-- organisations together.
--
-- users counts those who did the thing at all in the history; metric 'events' counts everybody who was there.
-- Winsorised twice, by rank: a habit is the 95th percentile of a person's days (with 20 days and more the very largest day needs
-- to be repeated), and with ten people and more p99 and p999 do not exceed the second largest habit, so that one exporter in a
-- small organisation does not hide an attacker. max is the largest habit as it is.
WITH history AS (
  SELECT a.org_id, a.user_id, CAST(a.day AS DATE) AS d, a.`values` AS day_values, x.day IS NOT NULL AS excluded, w.day IS NOT NULL AS excluded_week
  FROM `aer.activity_daily_v` AS a
  LEFT JOIN `aer.excluded_days_v` AS x ON x.org_id = a.org_id AND x.user_id = a.user_id AND x.day = CAST(a.day AS DATE) AND NOT x.weekly
  LEFT JOIN `aer.excluded_days_v` AS w ON w.org_id = a.org_id AND w.user_id = a.user_id AND w.day = CAST(a.day AS DATE) AND w.weekly
  WHERE a.day >= CAST(DATE_ADD(@run_date, INTERVAL (0 - 7 - 28) DAY) AS TIMESTAMP)
    AND a.day < CAST(DATE_ADD(@run_date, INTERVAL (0 - 7) DAY) AS TIMESTAMP)
),
metrics AS (
  SELECT h.org_id, h.user_id, h.d, v.metric AS metric, v.horizon AS horizon, v.class AS class, v.value AS value
  FROM history AS h CROSS JOIN UNNEST(h.day_values) AS v
  WHERE CASE WHEN v.horizon = '7d' THEN NOT h.excluded_week ELSE NOT h.excluded END
),
habits AS (
  SELECT version_day, org_id, user_id, metric, horizon, class, ARRAY_AGG(value ORDER BY value)[ORDINAL(CAST(CEIL(COUNT(*) * 950 / 1000) AS INT64))] AS habit, COUNT(*) AS days
  FROM metrics AS r CROSS JOIN UNNEST(GENERATE_DATE_ARRAY(GREATEST(@run_date, DATE_ADD(d, INTERVAL (7 + 1) DAY)), LEAST(@run_date, DATE_ADD(d, INTERVAL (7 + 28) DAY)))) AS version_day
  GROUP BY version_day, org_id, user_id, metric, horizon, class
),
people AS (
  SELECT version_day, COALESCE(org_id, '*') AS org, metric, horizon, class, COUNT(*) AS users, CAST(SUM(days) AS INT64) AS user_days,
    STRUCT(COUNT(habit) AS n, ARRAY_AGG(habit IGNORE NULLS ORDER BY habit LIMIT 1000) AS least, APPROX_QUANTILES(habit, 1000) AS approx) AS q,
    MAX(habit) AS max_habit, ARRAY_AGG(habit ORDER BY habit DESC LIMIT 2)[SAFE_ORDINAL(2)] AS second_habit
  FROM habits
  GROUP BY GROUPING SETS ((version_day, org_id, metric, horizon, class), (version_day, metric, horizon, class))
)
SELECT FORMAT_DATE('%F', version_day) AS version, CAST(version_day AS TIMESTAMP) AS valid_from, CAST(DATE_ADD(version_day, INTERVAL (1) DAY) AS TIMESTAMP) AS valid_until, org AS org_id, metric, horizon, class, users, user_days,
  IF(q.n <= 1000, q.least[SAFE_ORDINAL(CAST(CEIL(q.n * 500 / 1000) AS INT64))], q.approx[OFFSET(500)]) AS p50, IF(q.n <= 1000, q.least[SAFE_ORDINAL(CAST(CEIL(q.n * 900 / 1000) AS INT64))], q.approx[OFFSET(900)]) AS p90,
  CASE WHEN users >= 10 THEN LEAST(IF(q.n <= 1000, q.least[SAFE_ORDINAL(CAST(CEIL(q.n * 990 / 1000) AS INT64))], q.approx[OFFSET(990)]), second_habit) ELSE IF(q.n <= 1000, q.least[SAFE_ORDINAL(CAST(CEIL(q.n * 990 / 1000) AS INT64))], q.approx[OFFSET(990)]) END AS p99,
  CASE WHEN users >= 10 THEN LEAST(IF(q.n <= 1000, q.least[SAFE_ORDINAL(CAST(CEIL(q.n * 999 / 1000) AS INT64))], q.approx[OFFSET(999)]), second_habit) ELSE IF(q.n <= 1000, q.least[SAFE_ORDINAL(CAST(CEIL(q.n * 999 / 1000) AS INT64))], q.approx[OFFSET(999)]) END AS p999,
  max_habit AS `max`
FROM people
ORDER BY version, org_id, metric, horizon, class
) AS made
WHERE NOT EXISTS (SELECT 1 FROM `aer.baselines_version` WHERE valid_from = CAST(@run_date AS TIMESTAMP));

INSERT INTO `aer.baselines_user` (`version`, `valid_from`, `valid_until`, `org_id`, `user_id`, `metric`, `horizon`, `class`, `days`, `active_days`, `p50`, `p90`, `p99`, `max`)
SELECT `version`, `valid_from`, `valid_until`, `org_id`, `user_id`, `metric`, `horizon`, `class`, `days`, `active_days`, `p50`, `p90`, `p99`, `max` FROM (
-- Distribution of each metric over the days of one person: their own habit, as it is (not winsorised: a monthly export is
-- somebody's habit). Days without the metric are not in the quantiles.
WITH history AS (
  SELECT a.org_id, a.user_id, CAST(a.day AS DATE) AS d, a.`values` AS day_values, x.day IS NOT NULL AS excluded, w.day IS NOT NULL AS excluded_week
  FROM `aer.activity_daily_v` AS a
  LEFT JOIN `aer.excluded_days_v` AS x ON x.org_id = a.org_id AND x.user_id = a.user_id AND x.day = CAST(a.day AS DATE) AND NOT x.weekly
  LEFT JOIN `aer.excluded_days_v` AS w ON w.org_id = a.org_id AND w.user_id = a.user_id AND w.day = CAST(a.day AS DATE) AND w.weekly
  WHERE a.day >= CAST(DATE_ADD(@run_date, INTERVAL (0 - 7 - 28) DAY) AS TIMESTAMP)
    AND a.day < CAST(DATE_ADD(@run_date, INTERVAL (0 - 7) DAY) AS TIMESTAMP)
),
metrics AS (
  SELECT h.org_id, h.user_id, h.d, v.metric AS metric, v.horizon AS horizon, v.class AS class, v.value AS value
  FROM history AS h CROSS JOIN UNNEST(h.day_values) AS v
  WHERE CASE WHEN v.horizon = '7d' THEN NOT h.excluded_week ELSE NOT h.excluded END
),
days AS (
  SELECT org_id, user_id, d
  FROM history
  WHERE NOT excluded
),
active AS (
  SELECT version_day, org_id, user_id, COUNT(*) AS active_days
  FROM days AS r CROSS JOIN UNNEST(GENERATE_DATE_ARRAY(GREATEST(@run_date, DATE_ADD(d, INTERVAL (7 + 1) DAY)), LEAST(@run_date, DATE_ADD(d, INTERVAL (7 + 28) DAY)))) AS version_day
  GROUP BY version_day, org_id, user_id
),
habits AS (
  SELECT version_day, org_id, user_id, metric, horizon, class, COUNT(*) AS days,
    ARRAY_AGG(value ORDER BY value)[ORDINAL(CAST(CEIL(COUNT(*) * 500 / 1000) AS INT64))] AS p50, ARRAY_AGG(value ORDER BY value)[ORDINAL(CAST(CEIL(COUNT(*) * 900 / 1000) AS INT64))] AS p90, ARRAY_AGG(value ORDER BY value)[ORDINAL(CAST(CEIL(COUNT(*) * 990 / 1000) AS INT64))] AS p99, MAX(value) AS max_value
  FROM metrics AS r CROSS JOIN UNNEST(GENERATE_DATE_ARRAY(GREATEST(@run_date, DATE_ADD(d, INTERVAL (7 + 1) DAY)), LEAST(@run_date, DATE_ADD(d, INTERVAL (7 + 28) DAY)))) AS version_day
  GROUP BY version_day, org_id, user_id, metric, horizon, class
)
SELECT FORMAT_DATE('%F', version_day) AS version, CAST(version_day AS TIMESTAMP) AS valid_from, CAST(DATE_ADD(version_day, INTERVAL (1) DAY) AS TIMESTAMP) AS valid_until, org_id, user_id, metric, horizon, class, days, active_days, p50, p90, p99, max_value AS `max`
FROM habits
JOIN active USING (version_day, org_id, user_id)
ORDER BY version, org_id, user_id, metric, horizon, class
) AS made
WHERE NOT EXISTS (SELECT 1 FROM `aer.baselines_version` WHERE valid_from = CAST(@run_date AS TIMESTAMP));

INSERT INTO `aer.baselines_fingerprint` (`version`, `valid_from`, `valid_until`, `family`, `ja4`, `users`, `observations`, `class`, `org_id`, `orgs`)
SELECT `version`, `valid_from`, `valid_until`, `family`, `ja4`, `users`, `observations`, `class`, `org_id`, `orgs` FROM (
-- TLS fingerprints by organisation and by the client family that claimed them: how many people are known with it, and in how
-- many sessions until then (a session counts once a day). A person is known with a fingerprint from the second day on which it
-- was seen: who comes once, as a thief does, teaches nothing. What is known stays known within the history.
--
-- An empty family stands for all programs of one kind, which then is the class: 'interactive' for what a person sits in front
-- of, 'library' for HTTP libraries. Its users are people, not a sum over families in which one account counts several times.
--
-- '*' is all organisations together, but only from five that know it (orgs): neither an account nor a tenant may teach others.
-- An organisation knows what one of its people is known with. What '*' says is not repeated for each organisation, because
-- there are as many rows as organisations times fingerprints else.
WITH history AS (
  SELECT a.org_id, a.user_id, CAST(a.day AS DATE) AS d, a.clients, x.day IS NOT NULL AS excluded, w.day IS NOT NULL AS excluded_week
  FROM `aer.activity_daily_v` AS a
  LEFT JOIN `aer.excluded_days_v` AS x ON x.org_id = a.org_id AND x.user_id = a.user_id AND x.day = CAST(a.day AS DATE) AND NOT x.weekly
  LEFT JOIN `aer.excluded_days_v` AS w ON w.org_id = a.org_id AND w.user_id = a.user_id AND w.day = CAST(a.day AS DATE) AND w.weekly
  WHERE a.day >= CAST(DATE_ADD(@run_date, INTERVAL (0 - 0 - 1825) DAY) AS TIMESTAMP)
    AND a.day < CAST(DATE_ADD(@run_date, INTERVAL (0 - 0) DAY) AS TIMESTAMP)
),
family_days AS (
  SELECT h.org_id, h.user_id, h.d, c.family AS family, '' AS kind, c.ja4 AS ja4, MAX(c.class) AS class, SUM(c.sessions) AS sessions
  FROM history AS h CROSS JOIN UNNEST(h.clients) AS c
  WHERE NOT h.excluded AND c.family <> '' AND c.ja4 <> ''
  GROUP BY h.org_id, h.user_id, h.d, c.family, c.ja4
),
kind_days AS (
  SELECT org_id, user_id, d, '' AS family, CASE WHEN class = 'library' THEN 'library' ELSE 'interactive' END AS kind, ja4, sessions
  FROM family_days
  WHERE class IN ('browser', 'official', 'mobile_app', 'library')
),
day_rows AS (
  SELECT org_id, user_id, d, family, kind, ja4, class, sessions FROM family_days
  UNION ALL
  SELECT org_id, user_id, d, family, kind, ja4, MAX(kind) AS class, SUM(sessions) AS sessions
  FROM kind_days
  GROUP BY org_id, user_id, d, family, kind, ja4
),
numbered AS (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY org_id, user_id, family, kind, ja4 ORDER BY d) AS n
  FROM day_rows
),
people AS (
  SELECT org_id, user_id, family, kind, ja4, MAX(class) AS class, MAX(d) AS d, SUM(sessions) AS sessions
  FROM numbered
  WHERE n <= 2
  GROUP BY org_id, user_id, family, kind, ja4
  HAVING COUNT(*) = 2
),
-- One row per day, before it is repeated for every version of the years to come.
known AS (
  SELECT d, org_id, family, kind, ja4, MAX(class) AS class, COUNT(*) AS users, SUM(sessions) AS sessions
  FROM people
  GROUP BY d, org_id, family, kind, ja4
),
own AS (
  SELECT version_day, org_id, family, kind, ja4, MAX(class) AS class, SUM(users) AS users, SUM(sessions) AS sessions
  FROM known AS r CROSS JOIN UNNEST(GENERATE_DATE_ARRAY(GREATEST(@run_date, DATE_ADD(d, INTERVAL (0 + 1) DAY)), LEAST(@run_date, DATE_ADD(d, INTERVAL (0 + 1825) DAY)))) AS version_day
  GROUP BY version_day, org_id, family, kind, ja4
),
everyone AS (
  SELECT version_day, family, kind, ja4, MAX(class) AS class, SUM(users) AS users, SUM(sessions) AS sessions, COUNT(*) AS orgs
  FROM own
  GROUP BY version_day, family, kind, ja4
  HAVING COUNT(*) >= 5
),
said AS (
  SELECT version_day, family, ja4, class, users, sessions, '*' AS org, orgs
  FROM everyone
  UNION ALL
  SELECT o.version_day, o.family, o.ja4, o.class, o.users, o.sessions, o.org_id AS org, 1 AS orgs
  FROM own AS o
  LEFT JOIN everyone AS e ON e.version_day = o.version_day AND e.family = o.family AND e.kind = o.kind AND e.ja4 = o.ja4
  WHERE e.orgs IS NULL
)
SELECT FORMAT_DATE('%F', version_day) AS version, CAST(version_day AS TIMESTAMP) AS valid_from, CAST(DATE_ADD(version_day, INTERVAL (1) DAY) AS TIMESTAMP) AS valid_until, family, ja4, CAST(users AS INT64) AS users, CAST(sessions AS INT64) AS observations, class, org AS org_id, orgs
FROM said
ORDER BY version, org_id, family, ja4, class
) AS made
WHERE NOT EXISTS (SELECT 1 FROM `aer.baselines_version` WHERE valid_from = CAST(@run_date AS TIMESTAMP));

INSERT INTO `aer.baselines_method` (`version`, `valid_from`, `valid_until`, `org_id`, `class`, `method`, `users`, `calls`)
SELECT `version`, `valid_from`, `valid_until`, `org_id`, `class`, `method`, `users`, `calls` FROM (
-- API methods called, by organisation and class of client; '*' is all organisations together. The empty method stands for what
-- slices had no room to name.
WITH history AS (
  SELECT a.org_id, a.user_id, CAST(a.day AS DATE) AS d, a.methods, x.day IS NOT NULL AS excluded, w.day IS NOT NULL AS excluded_week
  FROM `aer.activity_daily_v` AS a
  LEFT JOIN `aer.excluded_days_v` AS x ON x.org_id = a.org_id AND x.user_id = a.user_id AND x.day = CAST(a.day AS DATE) AND NOT x.weekly
  LEFT JOIN `aer.excluded_days_v` AS w ON w.org_id = a.org_id AND w.user_id = a.user_id AND w.day = CAST(a.day AS DATE) AND w.weekly
  WHERE a.day >= CAST(DATE_ADD(@run_date, INTERVAL (0 - 7 - 28) DAY) AS TIMESTAMP)
    AND a.day < CAST(DATE_ADD(@run_date, INTERVAL (0 - 7) DAY) AS TIMESTAMP)
),
day_rows AS (
  SELECT h.org_id, h.user_id, h.d, m.class AS class, m.method AS method, m.calls AS calls
  FROM history AS h CROSS JOIN UNNEST(h.methods) AS m
  WHERE NOT h.excluded
),
uses AS (
  SELECT version_day, org_id, user_id, class, method, SUM(calls) AS calls
  FROM day_rows AS r CROSS JOIN UNNEST(GENERATE_DATE_ARRAY(GREATEST(@run_date, DATE_ADD(d, INTERVAL (7 + 1) DAY)), LEAST(@run_date, DATE_ADD(d, INTERVAL (7 + 28) DAY)))) AS version_day
  GROUP BY version_day, org_id, user_id, class, method
),
counts AS (
  SELECT version_day, COALESCE(org_id, '*') AS org, class, method, COUNT(*) AS users, CAST(SUM(calls) AS INT64) AS calls
  FROM uses
  GROUP BY GROUPING SETS ((version_day, org_id, class, method), (version_day, class, method))
)
SELECT FORMAT_DATE('%F', version_day) AS version, CAST(version_day AS TIMESTAMP) AS valid_from, CAST(DATE_ADD(version_day, INTERVAL (1) DAY) AS TIMESTAMP) AS valid_until, org AS org_id, class, method, users, calls
FROM counts
ORDER BY version, org_id, class, method
) AS made
WHERE NOT EXISTS (SELECT 1 FROM `aer.baselines_version` WHERE valid_from = CAST(@run_date AS TIMESTAMP));

INSERT INTO `aer.baselines_client` (`version`, `valid_from`, `valid_until`, `org_id`, `family`, `users`, `sessions`)
SELECT `version`, `valid_from`, `valid_until`, `org_id`, `family`, `users`, `sessions` FROM (
-- Client families seen, by organisation; '*' is all organisations together. A session counts once a day.
WITH history AS (
  SELECT a.org_id, a.user_id, CAST(a.day AS DATE) AS d, a.clients, x.day IS NOT NULL AS excluded, w.day IS NOT NULL AS excluded_week
  FROM `aer.activity_daily_v` AS a
  LEFT JOIN `aer.excluded_days_v` AS x ON x.org_id = a.org_id AND x.user_id = a.user_id AND x.day = CAST(a.day AS DATE) AND NOT x.weekly
  LEFT JOIN `aer.excluded_days_v` AS w ON w.org_id = a.org_id AND w.user_id = a.user_id AND w.day = CAST(a.day AS DATE) AND w.weekly
  WHERE a.day >= CAST(DATE_ADD(@run_date, INTERVAL (0 - 7 - 28) DAY) AS TIMESTAMP)
    AND a.day < CAST(DATE_ADD(@run_date, INTERVAL (0 - 7) DAY) AS TIMESTAMP)
),
day_rows AS (
  SELECT h.org_id, h.user_id, h.d, c.family AS family, c.sessions AS sessions
  FROM history AS h CROSS JOIN UNNEST(h.clients) AS c
  WHERE NOT h.excluded AND c.family <> ''
),
uses AS (
  SELECT version_day, org_id, user_id, family, SUM(sessions) AS sessions
  FROM day_rows AS r CROSS JOIN UNNEST(GENERATE_DATE_ARRAY(GREATEST(@run_date, DATE_ADD(d, INTERVAL (7 + 1) DAY)), LEAST(@run_date, DATE_ADD(d, INTERVAL (7 + 28) DAY)))) AS version_day
  GROUP BY version_day, org_id, user_id, family
),
counts AS (
  SELECT version_day, COALESCE(org_id, '*') AS org, family, COUNT(*) AS users, CAST(SUM(sessions) AS INT64) AS sessions
  FROM uses
  GROUP BY GROUPING SETS ((version_day, org_id, family), (version_day, family))
)
SELECT FORMAT_DATE('%F', version_day) AS version, CAST(version_day AS TIMESTAMP) AS valid_from, CAST(DATE_ADD(version_day, INTERVAL (1) DAY) AS TIMESTAMP) AS valid_until, org AS org_id, family, users, sessions
FROM counts
ORDER BY version, org_id, family
) AS made
WHERE NOT EXISTS (SELECT 1 FROM `aer.baselines_version` WHERE valid_from = CAST(@run_date AS TIMESTAMP));

INSERT INTO `aer.baselines_hour` (`version`, `valid_from`, `valid_until`, `org_id`, `metric`, `hour_of_week`, `weeks`, `expected`, `factor`)
SELECT `version`, `valid_from`, `valid_until`, `org_id`, `metric`, `hour_of_week`, `weeks`, `expected`, `factor` FROM (
-- What each organisation does in each hour of the week, relative to its mean hour: 168 rows per metric. Days of attacks are left out.
WITH history_hours AS (
  SELECT a.org_id, a.user_id, CAST(a.hour AS DATE) AS d, EXTRACT(HOUR FROM a.hour) AS hour_of_day, a.calls AS class_calls
  FROM `aer.activity_hourly_v` AS a
  LEFT JOIN `aer.excluded_days_v` AS x ON x.org_id = a.org_id AND x.user_id = a.user_id AND x.day = CAST(a.hour AS DATE) AND NOT x.weekly
  WHERE a.hour >= CAST(DATE_ADD(@run_date, INTERVAL (0 - 7 - 28) DAY) AS TIMESTAMP)
    AND a.hour < CAST(DATE_ADD(@run_date, INTERVAL (0 - 7) DAY) AS TIMESTAMP)
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
  FROM org_days AS r CROSS JOIN UNNEST(GENERATE_DATE_ARRAY(GREATEST(@run_date, DATE_ADD(d, INTERVAL (7 + 1) DAY)), LEAST(@run_date, DATE_ADD(d, INTERVAL (7 + 28) DAY)))) AS version_day
  GROUP BY version_day, org_id
),
weekdays AS (
  SELECT version_day, org_id, MOD(UNIX_DATE(calendar_day) + 3, 7) AS weekday, COUNT(*) AS weeks
  FROM windows AS w CROSS JOIN UNNEST(GENERATE_DATE_ARRAY(first_d, DATE_ADD(version_day, INTERVAL (0 - 7 - 1) DAY))) AS calendar_day
  GROUP BY version_day, org_id, MOD(UNIX_DATE(calendar_day) + 3, 7)
),
seen AS (
  SELECT version_day, org_id, metric, MOD(UNIX_DATE(d) + 3, 7) * 24 + hour_of_day AS hour_of_week, SUM(value) AS total
  FROM hour_values AS r CROSS JOIN UNNEST(GENERATE_DATE_ARRAY(GREATEST(@run_date, DATE_ADD(d, INTERVAL (7 + 1) DAY)), LEAST(@run_date, DATE_ADD(d, INTERVAL (7 + 28) DAY)))) AS version_day
  GROUP BY version_day, org_id, metric, MOD(UNIX_DATE(d) + 3, 7) * 24 + hour_of_day
),
grid AS (
  SELECT version_day, org_id, days, m.metric,
    n AS hour_of_week
  FROM windows AS w CROSS JOIN UNNEST(GENERATE_ARRAY(0, 167)) AS n
  CROSS JOIN (SELECT 'users' AS metric UNION ALL SELECT 'calls') AS m
),
totals AS (
  SELECT g.version_day, g.org_id, g.metric, g.hour_of_week, g.days, COALESCE(w.weeks, 0) AS weeks, COALESCE(s.total, 0) AS total
  FROM grid AS g
  LEFT JOIN weekdays AS w ON w.version_day = g.version_day AND w.org_id = g.org_id AND w.weekday = DIV(g.hour_of_week, 24)
  LEFT JOIN seen AS s ON s.version_day = g.version_day AND s.org_id = g.org_id AND s.metric = g.metric AND s.hour_of_week = g.hour_of_week
),
means AS (
  SELECT *,
    SAFE_DIVIDE(SUM(total) OVER (PARTITION BY version_day, org_id, metric), SUM(weeks) OVER (PARTITION BY version_day, org_id, metric)) AS mean
  FROM totals
),
factors AS (
  SELECT *, COALESCE((SAFE_DIVIDE(total, mean) + 2) / (weeks + 2), 1) AS factor
  FROM means
),
week AS (
  SELECT *, factor * mean AS expected
  FROM factors
)
SELECT FORMAT_DATE('%F', version_day) AS version, CAST(version_day AS TIMESTAMP) AS valid_from, CAST(DATE_ADD(version_day, INTERVAL (1) DAY) AS TIMESTAMP) AS valid_until, org_id, metric, hour_of_week, weeks, expected, factor
FROM week
ORDER BY version, org_id, metric, hour_of_week
) AS made
WHERE NOT EXISTS (SELECT 1 FROM `aer.baselines_version` WHERE valid_from = CAST(@run_date AS TIMESTAMP));

INSERT INTO `aer.baselines_user_client` (`version`, `valid_from`, `valid_until`, `org_id`, `user_id`, `family`, `class`, `days`, `sessions`, `first_seen`, `last_seen`)
SELECT `version`, `valid_from`, `valid_until`, `org_id`, `user_id`, `family`, `class`, `days`, `sessions`, `first_seen`, `last_seen` FROM (
-- Client families that each person is known by, with the days on which they were seen: at most 32 per person, those seen last. As
-- many as the live profile remembers.
WITH history AS (
  SELECT a.org_id, a.user_id, CAST(a.day AS DATE) AS d, a.clients, x.day IS NOT NULL AS excluded, w.day IS NOT NULL AS excluded_week
  FROM `aer.activity_daily_v` AS a
  LEFT JOIN `aer.excluded_days_v` AS x ON x.org_id = a.org_id AND x.user_id = a.user_id AND x.day = CAST(a.day AS DATE) AND NOT x.weekly
  LEFT JOIN `aer.excluded_days_v` AS w ON w.org_id = a.org_id AND w.user_id = a.user_id AND w.day = CAST(a.day AS DATE) AND w.weekly
  WHERE a.day >= CAST(DATE_ADD(@run_date, INTERVAL (0 - 7 - 28) DAY) AS TIMESTAMP)
    AND a.day < CAST(DATE_ADD(@run_date, INTERVAL (0 - 7) DAY) AS TIMESTAMP)
),
day_rows AS (
  SELECT h.org_id, h.user_id, h.d, c.family AS family, MAX(c.class) AS class, SUM(c.sessions) AS sessions
  FROM history AS h CROSS JOIN UNNEST(h.clients) AS c
  WHERE NOT h.excluded AND c.family <> ''
  GROUP BY h.org_id, h.user_id, h.d, c.family
),
known AS (
  SELECT version_day, org_id, user_id, family, MAX(class) AS class, COUNT(*) AS days, CAST(SUM(sessions) AS INT64) AS sessions,
    MIN(d) AS first_d, MAX(d) AS last_d
  FROM day_rows AS r CROSS JOIN UNNEST(GENERATE_DATE_ARRAY(GREATEST(@run_date, DATE_ADD(d, INTERVAL (7 + 1) DAY)), LEAST(@run_date, DATE_ADD(d, INTERVAL (7 + 28) DAY)))) AS version_day
  GROUP BY version_day, org_id, user_id, family
)
SELECT FORMAT_DATE('%F', version_day) AS version, CAST(version_day AS TIMESTAMP) AS valid_from, CAST(DATE_ADD(version_day, INTERVAL (1) DAY) AS TIMESTAMP) AS valid_until, org_id, user_id, family, class, days, sessions,
  CAST(first_d AS TIMESTAMP) AS first_seen, CAST(last_d AS TIMESTAMP) AS last_seen
FROM known
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY version_day, org_id, user_id ORDER BY last_d DESC, days DESC, family) <= 32
ORDER BY version, org_id, user_id, family
) AS made
WHERE NOT EXISTS (SELECT 1 FROM `aer.baselines_version` WHERE valid_from = CAST(@run_date AS TIMESTAMP));

INSERT INTO `aer.baselines_user_network` (`version`, `valid_from`, `valid_until`, `org_id`, `user_id`, `asn`, `days`, `sessions`, `first_seen`, `last_seen`)
SELECT `version`, `valid_from`, `valid_until`, `org_id`, `user_id`, `asn`, `days`, `sessions`, `first_seen`, `last_seen` FROM (
-- Networks (AS numbers) that each person is known by, with the days on which they were seen: at most 32 per person, those seen last. As
-- many as the live profile remembers.
WITH history AS (
  SELECT a.org_id, a.user_id, CAST(a.day AS DATE) AS d, a.clients, x.day IS NOT NULL AS excluded, w.day IS NOT NULL AS excluded_week
  FROM `aer.activity_daily_v` AS a
  LEFT JOIN `aer.excluded_days_v` AS x ON x.org_id = a.org_id AND x.user_id = a.user_id AND x.day = CAST(a.day AS DATE) AND NOT x.weekly
  LEFT JOIN `aer.excluded_days_v` AS w ON w.org_id = a.org_id AND w.user_id = a.user_id AND w.day = CAST(a.day AS DATE) AND w.weekly
  WHERE a.day >= CAST(DATE_ADD(@run_date, INTERVAL (0 - 7 - 28) DAY) AS TIMESTAMP)
    AND a.day < CAST(DATE_ADD(@run_date, INTERVAL (0 - 7) DAY) AS TIMESTAMP)
),
day_rows AS (
  SELECT h.org_id, h.user_id, h.d, c.asn AS asn, SUM(c.sessions) AS sessions
  FROM history AS h CROSS JOIN UNNEST(h.clients) AS c
  WHERE NOT h.excluded AND c.asn > 0
  GROUP BY h.org_id, h.user_id, h.d, c.asn
),
known AS (
  SELECT version_day, org_id, user_id, asn, COUNT(*) AS days, CAST(SUM(sessions) AS INT64) AS sessions,
    MIN(d) AS first_d, MAX(d) AS last_d
  FROM day_rows AS r CROSS JOIN UNNEST(GENERATE_DATE_ARRAY(GREATEST(@run_date, DATE_ADD(d, INTERVAL (7 + 1) DAY)), LEAST(@run_date, DATE_ADD(d, INTERVAL (7 + 28) DAY)))) AS version_day
  GROUP BY version_day, org_id, user_id, asn
)
SELECT FORMAT_DATE('%F', version_day) AS version, CAST(version_day AS TIMESTAMP) AS valid_from, CAST(DATE_ADD(version_day, INTERVAL (1) DAY) AS TIMESTAMP) AS valid_until, org_id, user_id, asn, days, sessions,
  CAST(first_d AS TIMESTAMP) AS first_seen, CAST(last_d AS TIMESTAMP) AS last_seen
FROM known
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY version_day, org_id, user_id ORDER BY last_d DESC, days DESC, asn) <= 32
ORDER BY version, org_id, user_id, asn
) AS made
WHERE NOT EXISTS (SELECT 1 FROM `aer.baselines_version` WHERE valid_from = CAST(@run_date AS TIMESTAMP));

-- The version is complete.
INSERT INTO `aer.baselines_version` (version, valid_from, valid_until, habit_days, lag_days, built_at)
SELECT FORMAT_DATE('%F', @run_date), CAST(@run_date AS TIMESTAMP), CAST(DATE_ADD(@run_date, INTERVAL (1) DAY) AS TIMESTAMP),
  28, 7, @run_time
FROM (SELECT 1 AS one) AS once
WHERE NOT EXISTS (SELECT 1 FROM `aer.baselines_version` WHERE valid_from = CAST(@run_date AS TIMESTAMP));

COMMIT TRANSACTION;
