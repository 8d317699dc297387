-- Rendered from schemas/sql and the protos by go generate ./schemas. Do not edit.

-- Rows of activity_daily for the days first_day to last_day (DATE, both included), from activity_hourly and, for what is
-- distinct over a day or a week, from activity. Both must hold the six days before first_day as well.
WITH slices AS (
  SELECT org_id, user_id, (window_start_ms + 62135596800000) AS ms, user_type, events, download_bytes, bytes, methods, facets
  FROM activity_v
  WHERE time >= CAST(CAST(CAST($first_day AS DATE) + (-6) * INTERVAL 1 DAY AS DATE) AS TIMESTAMP) AND time < CAST(CAST(CAST($last_day AS DATE) + (1) * INTERVAL 1 DAY AS DATE) AS TIMESTAMP) AND COALESCE(actor_kind, '') IN ('', 'signed_in')
),
method_calls AS (
  SELECT s.org_id, s.user_id, s.ms, m.class AS class, m.method AS method, m.calls AS calls, m.errors AS errors, m.rate_limited AS rate_limited
  FROM (SELECT *, UNNEST(methods) AS m FROM slices) AS s
),
client_uses AS (
  SELECT s.org_id, s.user_id, s.ms, COALESCE(f.client.family, '') AS family, COALESCE(f.client.ja4, '') AS ja4, COALESCE(f.client.class, '') AS class,
    COALESCE(f.client.asn, 0) AS asn, NULLIF(f.session_id, '') AS session, f.events AS events
  FROM (SELECT *, UNNEST(facets) AS f FROM slices) AS s
),
-- Not the view: whether a slice is there once or twice does not matter here.
past AS (
  SELECT org_id, user_id, (window_start_ms + 62135596800000) AS ms, downloads, reads
  FROM activity
  WHERE time >= CAST(CAST(CAST($first_day AS DATE) + (-6 - 35) * INTERVAL 1 DAY AS DATE) AS TIMESTAMP) AND time < CAST(CAST(CAST($last_day AS DATE) + (1) * INTERVAL 1 DAY AS DATE) AS TIMESTAMP) AND COALESCE(actor_kind, '') IN ('', 'signed_in')
),
objects AS (
  SELECT p.org_id, p.user_id, p.ms, 'downloads' AS metric, h, CASE WHEN p.downloads.sketched THEN (CAST(p.downloads.hashes[len(p.downloads.hashes)] AS DOUBLE) / 18446744073709551616.0 + CASE WHEN p.downloads.hashes[len(p.downloads.hashes)] < 0 THEN 1.0 ELSE 0.0 END) END AS theta
  FROM (SELECT *, UNNEST(downloads.hashes) AS h FROM past) AS p
  UNION ALL
  SELECT p.org_id, p.user_id, p.ms, 'reads' AS metric, h, CASE WHEN p.reads.sketched THEN (CAST(p.reads.hashes[len(p.reads.hashes)] AS DOUBLE) / 18446744073709551616.0 + CASE WHEN p.reads.hashes[len(p.reads.hashes)] < 0 THEN 1.0 ELSE 0.0 END) END AS theta
  FROM (SELECT *, UNNEST(reads.hashes) AS h FROM past) AS p
),
touches AS (
  SELECT org_id, user_id, metric, ms, (CAST(h AS DOUBLE) / 18446744073709551616.0 + CASE WHEN h < 0 THEN 1.0 ELSE 0.0 END) AS point, theta,
    LAG(ms) OVER (PARTITION BY org_id, user_id, metric, h ORDER BY ms) AS before_ms
  FROM objects
),
hours AS (
  SELECT org_id, user_id, ((epoch_ms(hour) + 62135596800000) // 86400000) AS d, user_type, events, download_bytes, download_bytes_5m,
    downloads, downloads_5m, downloads_15m, reads, reads_5m, reads_15m, new_downloads, new_downloads_5m, new_downloads_15m,
    new_reads, new_reads_5m, new_reads_15m, calls, methods
  FROM activity_hourly_v
  WHERE hour >= CAST(CAST(CAST($first_day AS DATE) + (-6) * INTERVAL 1 DAY AS DATE) AS TIMESTAMP) AND hour < CAST(CAST(CAST($last_day AS DATE) + (1) * INTERVAL 1 DAY AS DATE) AS TIMESTAMP)
),
touched AS (
  SELECT org_id, user_id, metric, point, theta, (ms // 86400000) AS d, (before_ms // 86400000) AS before_d, (before_ms IS NULL OR ms - before_ms > 3024000000) AS fresh
  FROM touches
  WHERE ms >= (epoch_ms(CAST(CAST(CAST($first_day AS DATE) + (-6) * INTERVAL 1 DAY AS DATE) AS TIMESTAMP)) + 62135596800000)
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
  SELECT org_id, user_id, d, MAX(user_type) AS user_type, CAST(SUM(events) AS BIGINT) AS events,
    CAST(SUM(download_bytes) AS BIGINT) AS download_bytes, MAX(download_bytes) AS download_bytes_1h, MAX(download_bytes_5m) AS download_bytes_5m,
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
    CAST(ROUND(SUM(CASE WHEN metric = 'downloads' AND counts THEN n ELSE 0 END) / COALESCE(MIN(CASE WHEN metric = 'downloads' THEN theta END), 1.0)) AS DOUBLE) AS downloads,
    CAST(ROUND(SUM(CASE WHEN metric = 'downloads' AND counts AND fresh THEN n ELSE 0 END) / COALESCE(MIN(CASE WHEN metric = 'downloads' THEN theta END), 1.0)) AS DOUBLE) AS new_downloads,
    CAST(ROUND(SUM(CASE WHEN metric = 'reads' AND counts THEN n ELSE 0 END) / COALESCE(MIN(CASE WHEN metric = 'reads' THEN theta END), 1.0)) AS DOUBLE) AS reads,
    CAST(ROUND(SUM(CASE WHEN metric = 'reads' AND counts AND fresh THEN n ELSE 0 END) / COALESCE(MIN(CASE WHEN metric = 'reads' THEN theta END), 1.0)) AS DOUBLE) AS new_reads
  FROM counted_day
  GROUP BY org_id, user_id, d
),
-- Only weeks that end on an active day are looked at.
objects_week AS (
  SELECT o.org_id, o.user_id, o.metric, week_end, o.fresh, o.point, SUM(o.n) AS n
  FROM (SELECT *, UNNEST(generate_series(CAST(d + skip AS BIGINT), CAST(d + 6 AS BIGINT))) AS week_end FROM objects_day) AS o
  GROUP BY o.org_id, o.user_id, o.metric, week_end, o.fresh, o.point
),
cuts_week AS (
  SELECT c.org_id, c.user_id, c.metric, week_end, MIN(c.theta) AS theta
  FROM (SELECT *, UNNEST(generate_series(CAST(d AS BIGINT), CAST(d + 6 AS BIGINT))) AS week_end FROM cuts_day) AS c
  GROUP BY c.org_id, c.user_id, c.metric, week_end
),
counted_week AS (
  SELECT o.org_id, o.user_id, o.metric, o.week_end, o.fresh, o.n, c.theta, (c.theta IS NULL OR c.theta >= 1 OR point < c.theta) AS counts
  FROM objects_week AS o
  LEFT JOIN cuts_week AS c ON c.org_id = o.org_id AND c.user_id = o.user_id AND c.metric = o.metric AND c.week_end = o.week_end
),
distinct_week AS (
  SELECT org_id, user_id, week_end,
    CAST(ROUND(SUM(CASE WHEN metric = 'downloads' AND counts THEN n ELSE 0 END) / COALESCE(MIN(CASE WHEN metric = 'downloads' THEN theta END), 1.0)) AS DOUBLE) AS downloads,
    CAST(ROUND(SUM(CASE WHEN metric = 'downloads' AND counts AND fresh THEN n ELSE 0 END) / COALESCE(MIN(CASE WHEN metric = 'downloads' THEN theta END), 1.0)) AS DOUBLE) AS new_downloads,
    CAST(ROUND(SUM(CASE WHEN metric = 'reads' AND counts THEN n ELSE 0 END) / COALESCE(MIN(CASE WHEN metric = 'reads' THEN theta END), 1.0)) AS DOUBLE) AS reads,
    CAST(ROUND(SUM(CASE WHEN metric = 'reads' AND counts AND fresh THEN n ELSE 0 END) / COALESCE(MIN(CASE WHEN metric = 'reads' THEN theta END), 1.0)) AS DOUBLE) AS new_reads
  FROM counted_week
  GROUP BY org_id, user_id, week_end
),
-- Sums over seven days are those of the weeks that a day is in, as above, and not of a window with RANGE: BigQuery's emulator, with
-- which this is tested, has none.
bytes_week AS (
  SELECT t.org_id, t.user_id, week_end AS d, CAST(SUM(t.download_bytes) AS BIGINT) AS download_bytes_7d
  FROM (SELECT *, UNNEST(generate_series(CAST(d AS BIGINT), CAST(d + 6 AS BIGINT))) AS week_end FROM totals) AS t
  GROUP BY t.org_id, t.user_id, week_end
),
calls_day AS (
  SELECT o.org_id, o.user_id, o.d, c.class AS class, SUM(c.calls) AS calls, MAX(c.calls) AS calls_1h, MAX(c.calls_5m) AS calls_5m
  FROM (SELECT *, UNNEST(calls) AS c FROM hours) AS o
  GROUP BY o.org_id, o.user_id, o.d, c.class
),
calls_of_week AS (
  SELECT c.org_id, c.user_id, week_end, c.class, SUM(c.calls) AS calls_7d
  FROM (SELECT *, UNNEST(generate_series(CAST(d AS BIGINT), CAST(d + 6 AS BIGINT))) AS week_end FROM calls_day) AS c
  GROUP BY c.org_id, c.user_id, week_end, c.class
),
calls_week AS (
  SELECT c.org_id, c.user_id, c.d, c.class, c.calls, c.calls_1h, c.calls_5m, w.calls_7d
  FROM calls_day AS c
  JOIN calls_of_week AS w ON w.org_id = c.org_id AND w.user_id = c.user_id AND w.week_end = c.d AND w.class = c.class
),
calls_values AS (
  SELECT org_id, user_id, d, 'calls' AS metric, '5m' AS horizon, class, CAST(calls_5m AS DOUBLE) AS value FROM calls_week
  UNION ALL SELECT org_id, user_id, d, 'calls', '1h', class, CAST(calls_1h AS DOUBLE) FROM calls_week
  UNION ALL SELECT org_id, user_id, d, 'calls', '24h', class, CAST(calls AS DOUBLE) FROM calls_week
  UNION ALL SELECT org_id, user_id, d, 'calls', '7d', class, CAST(calls_7d AS DOUBLE) FROM calls_week
),
values_calls AS (
  SELECT org_id, user_id, d, list_sort(list({'metric': metric, 'horizon': horizon, 'class': class, 'value': value})) AS of_calls
  FROM calls_values
  WHERE value > 0
  GROUP BY org_id, user_id, d
),
-- 'calls' comes before the other metrics.
values_day AS (
  SELECT t.org_id, t.user_id, t.d, list_concat(IFNULL(c.of_calls, []), list_filter([{'metric': 'download_bytes', 'horizon': '1h', 'class': '', 'value': CAST(t.download_bytes_1h AS DOUBLE)},
    {'metric': 'download_bytes', 'horizon': '24h', 'class': '', 'value': CAST(t.download_bytes AS DOUBLE)},
    {'metric': 'download_bytes', 'horizon': '5m', 'class': '', 'value': CAST(t.download_bytes_5m AS DOUBLE)},
    {'metric': 'download_bytes', 'horizon': '7d', 'class': '', 'value': CAST(b.download_bytes_7d AS DOUBLE)},
    {'metric': 'downloads', 'horizon': '15m', 'class': '', 'value': CAST(t.downloads_15m AS DOUBLE)},
    {'metric': 'downloads', 'horizon': '1h', 'class': '', 'value': CAST(t.downloads_1h AS DOUBLE)},
    {'metric': 'downloads', 'horizon': '24h', 'class': '', 'value': CAST(o.downloads AS DOUBLE)},
    {'metric': 'downloads', 'horizon': '5m', 'class': '', 'value': CAST(t.downloads_5m AS DOUBLE)},
    {'metric': 'downloads', 'horizon': '7d', 'class': '', 'value': CAST(w.downloads AS DOUBLE)},
    {'metric': 'events', 'horizon': '24h', 'class': '', 'value': CAST(t.events AS DOUBLE)},
    {'metric': 'new_downloads', 'horizon': '15m', 'class': '', 'value': CAST(t.new_downloads_15m AS DOUBLE)},
    {'metric': 'new_downloads', 'horizon': '1h', 'class': '', 'value': CAST(t.new_downloads_1h AS DOUBLE)},
    {'metric': 'new_downloads', 'horizon': '24h', 'class': '', 'value': CAST(o.new_downloads AS DOUBLE)},
    {'metric': 'new_downloads', 'horizon': '5m', 'class': '', 'value': CAST(t.new_downloads_5m AS DOUBLE)},
    {'metric': 'new_downloads', 'horizon': '7d', 'class': '', 'value': CAST(w.new_downloads AS DOUBLE)},
    {'metric': 'new_reads', 'horizon': '15m', 'class': '', 'value': CAST(t.new_reads_15m AS DOUBLE)},
    {'metric': 'new_reads', 'horizon': '1h', 'class': '', 'value': CAST(t.new_reads_1h AS DOUBLE)},
    {'metric': 'new_reads', 'horizon': '24h', 'class': '', 'value': CAST(o.new_reads AS DOUBLE)},
    {'metric': 'new_reads', 'horizon': '5m', 'class': '', 'value': CAST(t.new_reads_5m AS DOUBLE)},
    {'metric': 'new_reads', 'horizon': '7d', 'class': '', 'value': CAST(w.new_reads AS DOUBLE)},
    {'metric': 'reads', 'horizon': '15m', 'class': '', 'value': CAST(t.reads_15m AS DOUBLE)},
    {'metric': 'reads', 'horizon': '1h', 'class': '', 'value': CAST(t.reads_1h AS DOUBLE)},
    {'metric': 'reads', 'horizon': '24h', 'class': '', 'value': CAST(o.reads AS DOUBLE)},
    {'metric': 'reads', 'horizon': '5m', 'class': '', 'value': CAST(t.reads_5m AS DOUBLE)},
    {'metric': 'reads', 'horizon': '7d', 'class': '', 'value': CAST(w.reads AS DOUBLE)}], lambda entry: entry.value > 0)) AS day_values
  FROM totals AS t
  JOIN bytes_week AS b ON b.org_id = t.org_id AND b.user_id = t.user_id AND b.d = t.d
  LEFT JOIN distinct_day AS o ON o.org_id = t.org_id AND o.user_id = t.user_id AND o.d = t.d
  LEFT JOIN distinct_week AS w ON w.org_id = t.org_id AND w.user_id = t.user_id AND w.week_end = t.d
  LEFT JOIN values_calls AS c ON c.org_id = t.org_id AND c.user_id = t.user_id AND c.d = t.d
),
methods_class AS (
  SELECT o.org_id, o.user_id, o.d, m.class AS class, m.method AS method, CAST(SUM(m.calls) AS BIGINT) AS calls
  FROM (SELECT *, UNNEST(methods) AS m FROM hours) AS o
  GROUP BY o.org_id, o.user_id, o.d, m.class, m.method
),
methods_day AS (
  SELECT org_id, user_id, d, list_sort(list({'class': class, 'method': method, 'calls': calls})) AS methods
  FROM methods_class
  GROUP BY org_id, user_id, d
),
sessions AS (
  SELECT org_id, user_id, (ms // 86400000) AS d, family, ja4, class, asn, session, CAST(SUM(events) AS BIGINT) AS events
  FROM client_uses
  GROUP BY org_id, user_id, (ms // 86400000), family, ja4, class, asn, session
),
clients_use AS (
  SELECT org_id, user_id, d, family, ja4, class, asn, COUNT(session) AS sessions, CAST(SUM(events) AS BIGINT) AS events
  FROM sessions
  GROUP BY org_id, user_id, d, family, ja4, class, asn
),
clients_day AS (
  SELECT org_id, user_id, d, list_sort(list({'family': family, 'ja4': ja4, 'class': class, 'asn': asn, 'sessions': sessions, 'events': events})) AS clients
  FROM clients_use
  GROUP BY org_id, user_id, d
)
SELECT t.org_id, t.user_id, epoch_ms(t.d * 86400000 - 62135596800000) AS day, t.user_type, t.events,
  v.day_values AS "values", IFNULL(m.methods, []) AS methods, IFNULL(k.clients, []) AS clients
FROM totals AS t
JOIN values_day AS v USING (org_id, user_id, d)
LEFT JOIN methods_day AS m USING (org_id, user_id, d)
LEFT JOIN clients_day AS k USING (org_id, user_id, d)
WHERE t.d >= ((epoch_ms(CAST(CAST($first_day AS DATE) AS TIMESTAMP)) + 62135596800000) // 86400000)
  AND t.d <= ((epoch_ms(CAST(CAST($last_day AS DATE) AS TIMESTAMP)) + 62135596800000) // 86400000)
