-- The rows of activity_daily as they are defined, each value by itself: what package sqlgen renders has to give the same.
-- Rows of activity_daily for the days first_day to last_day (DATE, both included), from activity_hourly and, for what is
-- distinct over a day or a week, from activity. Both must hold the six days before first_day as well.
WITH hours AS (
  SELECT org_id, user_id, CAST(hour AS DATE) AS d, user_type, events, download_bytes, download_bytes_5m,
    downloads, downloads_5m, downloads_15m, reads, reads_5m, reads_15m, new_downloads, new_downloads_5m, new_downloads_15m,
    new_reads, new_reads_5m, new_reads_15m, calls, methods
  FROM activity_hourly_v
  WHERE hour >= CAST(CAST(CAST($first_day AS DATE) + (-6) * INTERVAL 1 DAY AS DATE) AS TIMESTAMP) AND hour < CAST(CAST(CAST($last_day AS DATE) + (1) * INTERVAL 1 DAY AS DATE) AS TIMESTAMP)
),
slices AS (
  SELECT org_id, user_id, CAST(time AS DATE) AS d, window_start_ms, downloads, reads, facets
  FROM activity_v
  WHERE time >= CAST(CAST(CAST($first_day AS DATE) + (-6) * INTERVAL 1 DAY AS DATE) AS TIMESTAMP) AND time < CAST(CAST(CAST($last_day AS DATE) + (1) * INTERVAL 1 DAY AS DATE) AS TIMESTAMP)
    AND COALESCE(actor_kind, '') IN ('', 'signed_in')
),
-- Not the view: whether a slice is there once or twice does not matter here.
past AS (
  SELECT org_id, user_id, window_start_ms, downloads, reads
  FROM activity
  WHERE time >= CAST(CAST(CAST($first_day AS DATE) + (-6 - 35) * INTERVAL 1 DAY AS DATE) AS TIMESTAMP) AND time < CAST(CAST(CAST($last_day AS DATE) + (1) * INTERVAL 1 DAY AS DATE) AS TIMESTAMP)
    AND COALESCE(actor_kind, '') IN ('', 'signed_in')
),
touched AS (
  SELECT s.org_id, s.user_id, 'downloads' AS metric, s.window_start_ms, s.d, h, (CAST(h AS DOUBLE) / 18446744073709551616.0 + CASE WHEN h < 0 THEN 1.0 ELSE 0.0 END) AS point,
    CASE WHEN s.downloads.sketched THEN (CAST(s.downloads.hashes[len(s.downloads.hashes)] AS DOUBLE) / 18446744073709551616.0 + CASE WHEN s.downloads.hashes[len(s.downloads.hashes)] < 0 THEN 1.0 ELSE 0.0 END) ELSE 1.0 END AS theta
  FROM (SELECT *, UNNEST(downloads.hashes) AS h FROM slices) AS s
  UNION ALL
  SELECT s.org_id, s.user_id, 'reads' AS metric, s.window_start_ms, s.d, h, (CAST(h AS DOUBLE) / 18446744073709551616.0 + CASE WHEN h < 0 THEN 1.0 ELSE 0.0 END) AS point,
    CASE WHEN s.reads.sketched THEN (CAST(s.reads.hashes[len(s.reads.hashes)] AS DOUBLE) / 18446744073709551616.0 + CASE WHEN s.reads.hashes[len(s.reads.hashes)] < 0 THEN 1.0 ELSE 0.0 END) ELSE 1.0 END AS theta
  FROM (SELECT *, UNNEST(reads.hashes) AS h FROM slices) AS s
),
fresh AS (
  SELECT DISTINCT org_id, user_id, metric, h, window_start_ms
  FROM (
    SELECT org_id, user_id, metric, h, window_start_ms,
      LAG(window_start_ms) OVER (PARTITION BY org_id, user_id, metric, h ORDER BY window_start_ms) AS before_ms
    FROM (
      SELECT p.org_id, p.user_id, 'downloads' AS metric, p.window_start_ms, h
      FROM (SELECT *, UNNEST(downloads.hashes) AS h FROM past) AS p
      UNION ALL
      SELECT p.org_id, p.user_id, 'reads' AS metric, p.window_start_ms, h
      FROM (SELECT *, UNNEST(reads.hashes) AS h FROM past) AS p
    ) AS touches
    JOIN (SELECT DISTINCT org_id, user_id, metric, h FROM touched) AS looked_at USING (org_id, user_id, metric, h)
  ) AS ordered
  WHERE before_ms IS NULL OR window_start_ms - before_ms > 3024000000
),
objects AS (
  SELECT t.*, CASE WHEN f.h IS NULL THEN 0 ELSE 1 END AS fresh
  FROM touched AS t
  LEFT JOIN fresh AS f ON f.org_id = t.org_id AND f.user_id = t.user_id AND f.metric = t.metric AND f.h = t.h AND f.window_start_ms = t.window_start_ms
),
objects_day AS (
  SELECT org_id, user_id, metric, d,
    CAST(ROUND(COUNT(DISTINCT CASE WHEN common_theta >= 1 OR point < common_theta THEN h END) / MIN(common_theta)) AS DOUBLE) AS value,
    CAST(ROUND(COUNT(DISTINCT CASE WHEN fresh = 1 AND (common_theta >= 1 OR point < common_theta) THEN h END) / MIN(common_theta)) AS DOUBLE) AS new_value
  FROM objects
  JOIN (
    SELECT org_id, user_id, metric, d, MIN(theta) AS common_theta
    FROM objects
    GROUP BY org_id, user_id, metric, d
  ) AS thetas USING (org_id, user_id, metric, d)
  GROUP BY org_id, user_id, metric, d
),
totals AS (
  SELECT org_id, user_id, d, MAX(user_type) AS user_type, CAST(SUM(events) AS BIGINT) AS events,
    SUM(download_bytes) AS download_bytes, MAX(download_bytes) AS download_bytes_1h, MAX(download_bytes_5m) AS download_bytes_5m,
    MAX(downloads) AS downloads_1h, MAX(downloads_5m) AS downloads_5m, MAX(downloads_15m) AS downloads_15m,
    MAX(reads) AS reads_1h, MAX(reads_5m) AS reads_5m, MAX(reads_15m) AS reads_15m,
    MAX(new_downloads) AS new_downloads_1h, MAX(new_downloads_5m) AS new_downloads_5m, MAX(new_downloads_15m) AS new_downloads_15m,
    MAX(new_reads) AS new_reads_1h, MAX(new_reads_5m) AS new_reads_5m, MAX(new_reads_15m) AS new_reads_15m
  FROM hours
  GROUP BY org_id, user_id, d
),
-- An object of day d is in the weeks that end on d to d + 6; only weeks that end on an active day are looked at.
objects_once AS (
  SELECT org_id, user_id, metric, d, h, point, MIN(theta) AS theta, MAX(fresh) AS fresh
  FROM objects
  GROUP BY org_id, user_id, metric, d, h, point
),
objects_of_week AS (
  SELECT o.org_id, o.user_id, o.metric, week_end, o.h, o.point, o.theta, o.fresh
  FROM (SELECT *, CAST(UNNEST(generate_series(CAST(d AS TIMESTAMP), CAST(CAST(d + (6) * INTERVAL 1 DAY AS DATE) AS TIMESTAMP), INTERVAL 1 DAY)) AS DATE) AS week_end FROM objects_once) AS o
  JOIN totals AS t ON t.org_id = o.org_id AND t.user_id = o.user_id AND t.d = week_end
),
objects_week AS (
  SELECT org_id, user_id, metric, week_end,
    CAST(ROUND(COUNT(DISTINCT CASE WHEN common_theta >= 1 OR point < common_theta THEN h END) / MIN(common_theta)) AS DOUBLE) AS value,
    CAST(ROUND(COUNT(DISTINCT CASE WHEN fresh = 1 AND (common_theta >= 1 OR point < common_theta) THEN h END) / MIN(common_theta)) AS DOUBLE) AS new_value
  FROM objects_of_week
  JOIN (
    SELECT org_id, user_id, metric, week_end, MIN(theta) AS common_theta
    FROM objects_of_week
    GROUP BY org_id, user_id, metric, week_end
  ) AS thetas USING (org_id, user_id, metric, week_end)
  GROUP BY org_id, user_id, metric, week_end
),
bytes_week AS (
  SELECT org_id, user_id, d,
    SUM(download_bytes) OVER (PARTITION BY org_id, user_id ORDER BY date_diff('day', DATE '1970-01-01', d) RANGE BETWEEN 6 PRECEDING AND CURRENT ROW) AS value
  FROM totals
),
calls_day AS (
  SELECT o.org_id, o.user_id, o.d, c.class AS class, SUM(c.calls) AS calls, MAX(c.calls) AS calls_1h, MAX(c.calls_5m) AS calls_5m
  FROM (SELECT *, UNNEST(calls) AS c FROM hours) AS o
  GROUP BY o.org_id, o.user_id, o.d, c.class
),
calls_week AS (
  SELECT org_id, user_id, d, class,
    SUM(calls) OVER (PARTITION BY org_id, user_id, class ORDER BY date_diff('day', DATE '1970-01-01', d) RANGE BETWEEN 6 PRECEDING AND CURRENT ROW) AS value
  FROM calls_day
),
day_values AS (
  SELECT org_id, user_id, d, 'events' AS metric, '24h' AS horizon, '' AS class, CAST(events AS DOUBLE) AS value FROM totals
  UNION ALL SELECT org_id, user_id, d, 'downloads', '5m', '', CAST(downloads_5m AS DOUBLE) FROM totals
  UNION ALL SELECT org_id, user_id, d, 'downloads', '15m', '', CAST(downloads_15m AS DOUBLE) FROM totals
  UNION ALL SELECT org_id, user_id, d, 'downloads', '1h', '', CAST(downloads_1h AS DOUBLE) FROM totals
  UNION ALL SELECT org_id, user_id, d, 'reads', '5m', '', CAST(reads_5m AS DOUBLE) FROM totals
  UNION ALL SELECT org_id, user_id, d, 'reads', '15m', '', CAST(reads_15m AS DOUBLE) FROM totals
  UNION ALL SELECT org_id, user_id, d, 'reads', '1h', '', CAST(reads_1h AS DOUBLE) FROM totals
  UNION ALL SELECT org_id, user_id, d, metric, '24h', '', CAST(value AS DOUBLE) FROM objects_day
  UNION ALL SELECT org_id, user_id, week_end, metric, '7d', '', CAST(value AS DOUBLE) FROM objects_week
  UNION ALL SELECT org_id, user_id, d, 'new_downloads', '5m', '', CAST(new_downloads_5m AS DOUBLE) FROM totals
  UNION ALL SELECT org_id, user_id, d, 'new_downloads', '15m', '', CAST(new_downloads_15m AS DOUBLE) FROM totals
  UNION ALL SELECT org_id, user_id, d, 'new_downloads', '1h', '', CAST(new_downloads_1h AS DOUBLE) FROM totals
  UNION ALL SELECT org_id, user_id, d, 'new_reads', '5m', '', CAST(new_reads_5m AS DOUBLE) FROM totals
  UNION ALL SELECT org_id, user_id, d, 'new_reads', '15m', '', CAST(new_reads_15m AS DOUBLE) FROM totals
  UNION ALL SELECT org_id, user_id, d, 'new_reads', '1h', '', CAST(new_reads_1h AS DOUBLE) FROM totals
  UNION ALL SELECT org_id, user_id, d, CONCAT('new_', metric), '24h', '', new_value FROM objects_day
  UNION ALL SELECT org_id, user_id, week_end, CONCAT('new_', metric), '7d', '', new_value FROM objects_week
  UNION ALL SELECT org_id, user_id, d, 'download_bytes', '5m', '', CAST(download_bytes_5m AS DOUBLE) FROM totals
  UNION ALL SELECT org_id, user_id, d, 'download_bytes', '1h', '', CAST(download_bytes_1h AS DOUBLE) FROM totals
  UNION ALL SELECT org_id, user_id, d, 'download_bytes', '24h', '', CAST(download_bytes AS DOUBLE) FROM totals
  UNION ALL SELECT org_id, user_id, d, 'download_bytes', '7d', '', CAST(value AS DOUBLE) FROM bytes_week
  UNION ALL SELECT org_id, user_id, d, 'calls', '5m', class, CAST(calls_5m AS DOUBLE) FROM calls_day
  UNION ALL SELECT org_id, user_id, d, 'calls', '1h', class, CAST(calls_1h AS DOUBLE) FROM calls_day
  UNION ALL SELECT org_id, user_id, d, 'calls', '24h', class, CAST(calls AS DOUBLE) FROM calls_day
  UNION ALL SELECT org_id, user_id, d, 'calls', '7d', class, CAST(value AS DOUBLE) FROM calls_week
),
values_day AS (
  SELECT org_id, user_id, d, list_sort(list({'metric': metric, 'horizon': horizon, 'class': class, 'value': value})) AS day_values
  FROM day_values
  WHERE value > 0
  GROUP BY org_id, user_id, d
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
clients_use AS (
  SELECT s.org_id, s.user_id, s.d, COALESCE(f.client.family, '') AS family, COALESCE(f.client.ja4, '') AS ja4, COALESCE(f.client.class, '') AS class,
    COALESCE(f.client.asn, 0) AS asn, COUNT(DISTINCT NULLIF(f.session_id, '')) AS sessions, CAST(SUM(f.events) AS BIGINT) AS events
  FROM (SELECT *, UNNEST(facets) AS f FROM slices) AS s
  GROUP BY s.org_id, s.user_id, s.d, COALESCE(f.client.family, ''), COALESCE(f.client.ja4, ''), COALESCE(f.client.class, ''), COALESCE(f.client.asn, 0)
),
clients_day AS (
  SELECT org_id, user_id, d, list_sort(list({'family': family, 'ja4': ja4, 'class': class, 'asn': asn, 'sessions': sessions, 'events': events})) AS clients
  FROM clients_use
  GROUP BY org_id, user_id, d
)
SELECT t.org_id, t.user_id, CAST(t.d AS TIMESTAMP) AS day, t.user_type, t.events,
  IFNULL(v.day_values, []) AS "values", IFNULL(m.methods, []) AS methods, IFNULL(k.clients, []) AS clients
FROM totals AS t
LEFT JOIN values_day AS v USING (org_id, user_id, d)
LEFT JOIN methods_day AS m USING (org_id, user_id, d)
LEFT JOIN clients_day AS k USING (org_id, user_id, d)
WHERE t.d >= CAST($first_day AS DATE) AND t.d <= CAST($last_day AS DATE)
