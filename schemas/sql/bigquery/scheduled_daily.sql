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
  SELECT org_id, user_id, user_type, events, download_bytes, bytes, downloads, reads, methods, facets,
    window_start_ms, TIMESTAMP_TRUNC(time, HOUR) AS hour_start, DIV(window_start_ms, 300000) AS five, DIV(window_start_ms, 900000) AS quarter
  FROM `aer.activity_v`
  WHERE time >= CAST(DATE_ADD(@run_date, INTERVAL (-2) DAY) AS TIMESTAMP) AND time < CAST(@run_date AS TIMESTAMP) AND COALESCE(actor_kind, '') IN ('', 'signed_in')
),
-- Not the view: whether a slice is there once or twice does not matter here.
past AS (
  SELECT org_id, user_id, window_start_ms, downloads, reads
  FROM `aer.activity`
  WHERE time >= TIMESTAMP_ADD(CAST(DATE_ADD(@run_date, INTERVAL (-2) DAY) AS TIMESTAMP), INTERVAL (-24 * 35) HOUR) AND time < CAST(@run_date AS TIMESTAMP) AND COALESCE(actor_kind, '') IN ('', 'signed_in')
),
touched AS (
  SELECT s.org_id, s.user_id, 'downloads' AS metric, s.window_start_ms, s.hour_start, s.five, s.quarter, h, (CAST(h AS FLOAT64) / 18446744073709551616.0 + CASE WHEN h < 0 THEN 1.0 ELSE 0.0 END) AS point,
    CASE WHEN s.downloads.sketched THEN (CAST(s.downloads.hashes[SAFE_ORDINAL(ARRAY_LENGTH(s.downloads.hashes))] AS FLOAT64) / 18446744073709551616.0 + CASE WHEN s.downloads.hashes[SAFE_ORDINAL(ARRAY_LENGTH(s.downloads.hashes))] < 0 THEN 1.0 ELSE 0.0 END) ELSE 1.0 END AS theta
  FROM slices AS s CROSS JOIN UNNEST(s.downloads.hashes) AS h
  UNION ALL
  SELECT s.org_id, s.user_id, 'reads' AS metric, s.window_start_ms, s.hour_start, s.five, s.quarter, h, (CAST(h AS FLOAT64) / 18446744073709551616.0 + CASE WHEN h < 0 THEN 1.0 ELSE 0.0 END) AS point,
    CASE WHEN s.reads.sketched THEN (CAST(s.reads.hashes[SAFE_ORDINAL(ARRAY_LENGTH(s.reads.hashes))] AS FLOAT64) / 18446744073709551616.0 + CASE WHEN s.reads.hashes[SAFE_ORDINAL(ARRAY_LENGTH(s.reads.hashes))] < 0 THEN 1.0 ELSE 0.0 END) ELSE 1.0 END AS theta
  FROM slices AS s CROSS JOIN UNNEST(s.reads.hashes) AS h
),
fresh AS (
  SELECT DISTINCT org_id, user_id, metric, h, window_start_ms
  FROM (
    SELECT org_id, user_id, metric, h, window_start_ms,
      LAG(window_start_ms) OVER (PARTITION BY org_id, user_id, metric, h ORDER BY window_start_ms) AS before_ms
    FROM (
      SELECT p.org_id, p.user_id, 'downloads' AS metric, p.window_start_ms, h
      FROM past AS p CROSS JOIN UNNEST(p.downloads.hashes) AS h
      UNION ALL
      SELECT p.org_id, p.user_id, 'reads' AS metric, p.window_start_ms, h
      FROM past AS p CROSS JOIN UNNEST(p.reads.hashes) AS h
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
objects_hour AS (
  SELECT org_id, user_id, metric, hour_start,
    CAST(ROUND(COUNT(DISTINCT CASE WHEN common_theta >= 1 OR point < common_theta THEN h END) / MIN(common_theta)) AS FLOAT64) AS value,
    CAST(ROUND(COUNT(DISTINCT CASE WHEN fresh = 1 AND (common_theta >= 1 OR point < common_theta) THEN h END) / MIN(common_theta)) AS FLOAT64) AS new_value
  FROM objects
  JOIN (
    SELECT org_id, user_id, metric, hour_start, MIN(theta) AS common_theta
    FROM objects
    GROUP BY org_id, user_id, metric, hour_start
  ) AS thetas USING (org_id, user_id, metric, hour_start)
  GROUP BY org_id, user_id, metric, hour_start
),
objects_five AS (
  SELECT org_id, user_id, metric, hour_start, five,
    CAST(ROUND(COUNT(DISTINCT CASE WHEN common_theta >= 1 OR point < common_theta THEN h END) / MIN(common_theta)) AS FLOAT64) AS value,
    CAST(ROUND(COUNT(DISTINCT CASE WHEN fresh = 1 AND (common_theta >= 1 OR point < common_theta) THEN h END) / MIN(common_theta)) AS FLOAT64) AS new_value
  FROM objects
  JOIN (
    SELECT org_id, user_id, metric, hour_start, five, MIN(theta) AS common_theta
    FROM objects
    GROUP BY org_id, user_id, metric, hour_start, five
  ) AS thetas USING (org_id, user_id, metric, hour_start, five)
  GROUP BY org_id, user_id, metric, hour_start, five
),
objects_quarter AS (
  SELECT org_id, user_id, metric, hour_start, quarter,
    CAST(ROUND(COUNT(DISTINCT CASE WHEN common_theta >= 1 OR point < common_theta THEN h END) / MIN(common_theta)) AS FLOAT64) AS value,
    CAST(ROUND(COUNT(DISTINCT CASE WHEN fresh = 1 AND (common_theta >= 1 OR point < common_theta) THEN h END) / MIN(common_theta)) AS FLOAT64) AS new_value
  FROM objects
  JOIN (
    SELECT org_id, user_id, metric, hour_start, quarter, MIN(theta) AS common_theta
    FROM objects
    GROUP BY org_id, user_id, metric, hour_start, quarter
  ) AS thetas USING (org_id, user_id, metric, hour_start, quarter)
  GROUP BY org_id, user_id, metric, hour_start, quarter
),
busiest AS (
  SELECT org_id, user_id, hour_start, metric, MAX(five) AS five, MAX(new_five) AS new_five, MAX(quarter) AS quarter, MAX(new_quarter) AS new_quarter
  FROM (
    SELECT org_id, user_id, hour_start, metric, value AS five, new_value AS new_five, 0.0 AS quarter, 0.0 AS new_quarter FROM objects_five
    UNION ALL
    SELECT org_id, user_id, hour_start, metric, 0.0, 0.0, value, new_value FROM objects_quarter
  ) AS stretches
  GROUP BY org_id, user_id, hour_start, metric
),
bytes_five AS (
  SELECT org_id, user_id, hour_start, five, SUM(download_bytes) AS download_bytes
  FROM slices
  GROUP BY org_id, user_id, hour_start, five
),
busiest_bytes AS (
  SELECT org_id, user_id, hour_start, CAST(MAX(download_bytes) AS INT64) AS download_bytes_5m
  FROM bytes_five
  GROUP BY org_id, user_id, hour_start
),
calls_five AS (
  SELECT s.org_id, s.user_id, s.hour_start, s.five, m.class AS class,
    SUM(m.calls) AS calls, SUM(m.errors) AS errors, SUM(m.rate_limited) AS rate_limited
  FROM slices AS s CROSS JOIN UNNEST(s.methods) AS m
  GROUP BY s.org_id, s.user_id, s.hour_start, s.five, m.class
),
calls_class AS (
  SELECT org_id, user_id, hour_start, class, CAST(SUM(calls) AS INT64) AS calls, CAST(SUM(errors) AS INT64) AS errors,
    CAST(SUM(rate_limited) AS INT64) AS rate_limited, CAST(MAX(calls) AS INT64) AS calls_5m
  FROM calls_five
  GROUP BY org_id, user_id, hour_start, class
),
calls_hour AS (
  SELECT org_id, user_id, hour_start, ARRAY_AGG(STRUCT(class, calls, errors, rate_limited, calls_5m) ORDER BY class) AS calls
  FROM calls_class
  GROUP BY org_id, user_id, hour_start
),
methods_class AS (
  SELECT s.org_id, s.user_id, s.hour_start, m.class AS class, m.method AS method, CAST(SUM(m.calls) AS INT64) AS calls
  FROM slices AS s CROSS JOIN UNNEST(s.methods) AS m
  GROUP BY s.org_id, s.user_id, s.hour_start, m.class, m.method
),
methods_hour AS (
  SELECT org_id, user_id, hour_start, ARRAY_AGG(STRUCT(class, method, calls) ORDER BY class, method) AS methods
  FROM methods_class
  GROUP BY org_id, user_id, hour_start
),
facets AS (
  SELECT s.org_id, s.user_id, s.hour_start, f.session_id AS session_id, f.events AS events,
    COALESCE(f.client.family, '') AS family, COALESCE(f.client.ja4, '') AS ja4, COALESCE(f.client.class, '') AS class, COALESCE(f.client.asn, 0) AS asn
  FROM slices AS s CROSS JOIN UNNEST(s.facets) AS f
),
sessions_hour AS (
  SELECT org_id, user_id, hour_start, COUNT(DISTINCT NULLIF(session_id, '')) AS sessions
  FROM facets
  GROUP BY org_id, user_id, hour_start
),
clients_use AS (
  SELECT org_id, user_id, hour_start, family, ja4, class, asn,
    COUNT(DISTINCT NULLIF(session_id, '')) AS sessions, CAST(SUM(events) AS INT64) AS events
  FROM facets
  GROUP BY org_id, user_id, hour_start, family, ja4, class, asn
),
clients_hour AS (
  SELECT org_id, user_id, hour_start, ARRAY_AGG(STRUCT(family, ja4, class, asn, sessions, events) ORDER BY family, ja4, class, asn) AS clients
  FROM clients_use
  GROUP BY org_id, user_id, hour_start
),
totals AS (
  SELECT org_id, user_id, hour_start, MAX(user_type) AS user_type, CAST(SUM(events) AS INT64) AS events,
    CAST(SUM(download_bytes) AS INT64) AS download_bytes, CAST(SUM(bytes) AS INT64) AS bytes
  FROM slices
  GROUP BY org_id, user_id, hour_start
)
SELECT t.org_id, t.user_id, t.hour_start AS hour, t.user_type, t.events, COALESCE(n.sessions, 0) AS sessions,
  CAST(COALESCE(dh.value, 0) AS INT64) AS downloads, CAST(COALESCE(rh.value, 0) AS INT64) AS reads, t.download_bytes, t.bytes,
  CAST(COALESCE(db.five, 0) AS INT64) AS downloads_5m, CAST(COALESCE(rb.five, 0) AS INT64) AS reads_5m, b.download_bytes_5m,
  CAST(COALESCE(db.quarter, 0) AS INT64) AS downloads_15m, CAST(COALESCE(rb.quarter, 0) AS INT64) AS reads_15m,
  CAST(COALESCE(dh.new_value, 0) AS INT64) AS new_downloads, CAST(COALESCE(rh.new_value, 0) AS INT64) AS new_reads,
  CAST(COALESCE(db.new_five, 0) AS INT64) AS new_downloads_5m, CAST(COALESCE(rb.new_five, 0) AS INT64) AS new_reads_5m,
  CAST(COALESCE(db.new_quarter, 0) AS INT64) AS new_downloads_15m, CAST(COALESCE(rb.new_quarter, 0) AS INT64) AS new_reads_15m,
  IFNULL(c.calls, []) AS calls, IFNULL(m.methods, []) AS methods, IFNULL(k.clients, []) AS clients
FROM totals AS t
JOIN busiest_bytes AS b USING (org_id, user_id, hour_start)
LEFT JOIN sessions_hour AS n USING (org_id, user_id, hour_start)
LEFT JOIN (SELECT * FROM objects_hour WHERE metric = 'downloads') AS dh USING (org_id, user_id, hour_start)
LEFT JOIN (SELECT * FROM objects_hour WHERE metric = 'reads') AS rh USING (org_id, user_id, hour_start)
LEFT JOIN (SELECT * FROM busiest WHERE metric = 'downloads') AS db USING (org_id, user_id, hour_start)
LEFT JOIN (SELECT * FROM busiest WHERE metric = 'reads') AS rb USING (org_id, user_id, hour_start)
LEFT JOIN calls_hour AS c USING (org_id, user_id, hour_start)
LEFT JOIN methods_hour AS m USING (org_id, user_id, hour_start)
LEFT JOIN clients_hour AS k USING (org_id, user_id, hour_start)
) AS made
WHERE TRUE;

DELETE FROM `aer.activity_daily` WHERE `day` >= CAST(DATE_ADD(@run_date, INTERVAL (-2) DAY) AS TIMESTAMP) AND `day` < CAST(@run_date AS TIMESTAMP);

INSERT INTO `aer.activity_daily` (`org_id`, `user_id`, `day`, `user_type`, `events`, `values`, `methods`, `clients`)
SELECT `org_id`, `user_id`, `day`, `user_type`, `events`, `values`, `methods`, `clients` FROM (
-- Rows of activity_daily for the days first_day to last_day (DATE, both included), from activity_hourly and, for what is
-- distinct over a day or a week, from activity. Both must hold the six days before first_day as well.
WITH hours AS (
  SELECT org_id, user_id, CAST(hour AS DATE) AS d, user_type, events, download_bytes, download_bytes_5m,
    downloads, downloads_5m, downloads_15m, reads, reads_5m, reads_15m, new_downloads, new_downloads_5m, new_downloads_15m,
    new_reads, new_reads_5m, new_reads_15m, calls, methods
  FROM `aer.activity_hourly_v`
  WHERE hour >= CAST(DATE_ADD(DATE_ADD(@run_date, INTERVAL (-2) DAY), INTERVAL (-6) DAY) AS TIMESTAMP) AND hour < CAST(DATE_ADD(DATE_ADD(@run_date, INTERVAL (-1) DAY), INTERVAL (1) DAY) AS TIMESTAMP)
),
slices AS (
  SELECT org_id, user_id, CAST(time AS DATE) AS d, window_start_ms, downloads, reads, facets
  FROM `aer.activity_v`
  WHERE time >= CAST(DATE_ADD(DATE_ADD(@run_date, INTERVAL (-2) DAY), INTERVAL (-6) DAY) AS TIMESTAMP) AND time < CAST(DATE_ADD(DATE_ADD(@run_date, INTERVAL (-1) DAY), INTERVAL (1) DAY) AS TIMESTAMP)
    AND COALESCE(actor_kind, '') IN ('', 'signed_in')
),
-- Not the view: whether a slice is there once or twice does not matter here.
past AS (
  SELECT org_id, user_id, window_start_ms, downloads, reads
  FROM `aer.activity`
  WHERE time >= CAST(DATE_ADD(DATE_ADD(@run_date, INTERVAL (-2) DAY), INTERVAL (-6 - 35) DAY) AS TIMESTAMP) AND time < CAST(DATE_ADD(DATE_ADD(@run_date, INTERVAL (-1) DAY), INTERVAL (1) DAY) AS TIMESTAMP)
    AND COALESCE(actor_kind, '') IN ('', 'signed_in')
),
touched AS (
  SELECT s.org_id, s.user_id, 'downloads' AS metric, s.window_start_ms, s.d, h, (CAST(h AS FLOAT64) / 18446744073709551616.0 + CASE WHEN h < 0 THEN 1.0 ELSE 0.0 END) AS point,
    CASE WHEN s.downloads.sketched THEN (CAST(s.downloads.hashes[SAFE_ORDINAL(ARRAY_LENGTH(s.downloads.hashes))] AS FLOAT64) / 18446744073709551616.0 + CASE WHEN s.downloads.hashes[SAFE_ORDINAL(ARRAY_LENGTH(s.downloads.hashes))] < 0 THEN 1.0 ELSE 0.0 END) ELSE 1.0 END AS theta
  FROM slices AS s CROSS JOIN UNNEST(s.downloads.hashes) AS h
  UNION ALL
  SELECT s.org_id, s.user_id, 'reads' AS metric, s.window_start_ms, s.d, h, (CAST(h AS FLOAT64) / 18446744073709551616.0 + CASE WHEN h < 0 THEN 1.0 ELSE 0.0 END) AS point,
    CASE WHEN s.reads.sketched THEN (CAST(s.reads.hashes[SAFE_ORDINAL(ARRAY_LENGTH(s.reads.hashes))] AS FLOAT64) / 18446744073709551616.0 + CASE WHEN s.reads.hashes[SAFE_ORDINAL(ARRAY_LENGTH(s.reads.hashes))] < 0 THEN 1.0 ELSE 0.0 END) ELSE 1.0 END AS theta
  FROM slices AS s CROSS JOIN UNNEST(s.reads.hashes) AS h
),
fresh AS (
  SELECT DISTINCT org_id, user_id, metric, h, window_start_ms
  FROM (
    SELECT org_id, user_id, metric, h, window_start_ms,
      LAG(window_start_ms) OVER (PARTITION BY org_id, user_id, metric, h ORDER BY window_start_ms) AS before_ms
    FROM (
      SELECT p.org_id, p.user_id, 'downloads' AS metric, p.window_start_ms, h
      FROM past AS p CROSS JOIN UNNEST(p.downloads.hashes) AS h
      UNION ALL
      SELECT p.org_id, p.user_id, 'reads' AS metric, p.window_start_ms, h
      FROM past AS p CROSS JOIN UNNEST(p.reads.hashes) AS h
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
    CAST(ROUND(COUNT(DISTINCT CASE WHEN common_theta >= 1 OR point < common_theta THEN h END) / MIN(common_theta)) AS FLOAT64) AS value,
    CAST(ROUND(COUNT(DISTINCT CASE WHEN fresh = 1 AND (common_theta >= 1 OR point < common_theta) THEN h END) / MIN(common_theta)) AS FLOAT64) AS new_value
  FROM objects
  JOIN (
    SELECT org_id, user_id, metric, d, MIN(theta) AS common_theta
    FROM objects
    GROUP BY org_id, user_id, metric, d
  ) AS thetas USING (org_id, user_id, metric, d)
  GROUP BY org_id, user_id, metric, d
),
totals AS (
  SELECT org_id, user_id, d, MAX(user_type) AS user_type, CAST(SUM(events) AS INT64) AS events,
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
  FROM objects_once AS o CROSS JOIN UNNEST(GENERATE_DATE_ARRAY(d, DATE_ADD(d, INTERVAL (6) DAY))) AS week_end
  JOIN totals AS t ON t.org_id = o.org_id AND t.user_id = o.user_id AND t.d = week_end
),
objects_week AS (
  SELECT org_id, user_id, metric, week_end,
    CAST(ROUND(COUNT(DISTINCT CASE WHEN common_theta >= 1 OR point < common_theta THEN h END) / MIN(common_theta)) AS FLOAT64) AS value,
    CAST(ROUND(COUNT(DISTINCT CASE WHEN fresh = 1 AND (common_theta >= 1 OR point < common_theta) THEN h END) / MIN(common_theta)) AS FLOAT64) AS new_value
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
    SUM(download_bytes) OVER (PARTITION BY org_id, user_id ORDER BY UNIX_DATE(d) RANGE BETWEEN 6 PRECEDING AND CURRENT ROW) AS value
  FROM totals
),
calls_day AS (
  SELECT o.org_id, o.user_id, o.d, c.class AS class, SUM(c.calls) AS calls, MAX(c.calls) AS calls_1h, MAX(c.calls_5m) AS calls_5m
  FROM hours AS o CROSS JOIN UNNEST(o.calls) AS c
  GROUP BY o.org_id, o.user_id, o.d, c.class
),
calls_week AS (
  SELECT org_id, user_id, d, class,
    SUM(calls) OVER (PARTITION BY org_id, user_id, class ORDER BY UNIX_DATE(d) RANGE BETWEEN 6 PRECEDING AND CURRENT ROW) AS value
  FROM calls_day
),
day_values AS (
  SELECT org_id, user_id, d, 'events' AS metric, '24h' AS horizon, '' AS class, CAST(events AS FLOAT64) AS value FROM totals
  UNION ALL SELECT org_id, user_id, d, 'downloads', '5m', '', CAST(downloads_5m AS FLOAT64) FROM totals
  UNION ALL SELECT org_id, user_id, d, 'downloads', '15m', '', CAST(downloads_15m AS FLOAT64) FROM totals
  UNION ALL SELECT org_id, user_id, d, 'downloads', '1h', '', CAST(downloads_1h AS FLOAT64) FROM totals
  UNION ALL SELECT org_id, user_id, d, 'reads', '5m', '', CAST(reads_5m AS FLOAT64) FROM totals
  UNION ALL SELECT org_id, user_id, d, 'reads', '15m', '', CAST(reads_15m AS FLOAT64) FROM totals
  UNION ALL SELECT org_id, user_id, d, 'reads', '1h', '', CAST(reads_1h AS FLOAT64) FROM totals
  UNION ALL SELECT org_id, user_id, d, metric, '24h', '', CAST(value AS FLOAT64) FROM objects_day
  UNION ALL SELECT org_id, user_id, week_end, metric, '7d', '', CAST(value AS FLOAT64) FROM objects_week
  UNION ALL SELECT org_id, user_id, d, 'new_downloads', '5m', '', CAST(new_downloads_5m AS FLOAT64) FROM totals
  UNION ALL SELECT org_id, user_id, d, 'new_downloads', '15m', '', CAST(new_downloads_15m AS FLOAT64) FROM totals
  UNION ALL SELECT org_id, user_id, d, 'new_downloads', '1h', '', CAST(new_downloads_1h AS FLOAT64) FROM totals
  UNION ALL SELECT org_id, user_id, d, 'new_reads', '5m', '', CAST(new_reads_5m AS FLOAT64) FROM totals
  UNION ALL SELECT org_id, user_id, d, 'new_reads', '15m', '', CAST(new_reads_15m AS FLOAT64) FROM totals
  UNION ALL SELECT org_id, user_id, d, 'new_reads', '1h', '', CAST(new_reads_1h AS FLOAT64) FROM totals
  UNION ALL SELECT org_id, user_id, d, CONCAT('new_', metric), '24h', '', new_value FROM objects_day
  UNION ALL SELECT org_id, user_id, week_end, CONCAT('new_', metric), '7d', '', new_value FROM objects_week
  UNION ALL SELECT org_id, user_id, d, 'download_bytes', '5m', '', CAST(download_bytes_5m AS FLOAT64) FROM totals
  UNION ALL SELECT org_id, user_id, d, 'download_bytes', '1h', '', CAST(download_bytes_1h AS FLOAT64) FROM totals
  UNION ALL SELECT org_id, user_id, d, 'download_bytes', '24h', '', CAST(download_bytes AS FLOAT64) FROM totals
  UNION ALL SELECT org_id, user_id, d, 'download_bytes', '7d', '', CAST(value AS FLOAT64) FROM bytes_week
  UNION ALL SELECT org_id, user_id, d, 'calls', '5m', class, CAST(calls_5m AS FLOAT64) FROM calls_day
  UNION ALL SELECT org_id, user_id, d, 'calls', '1h', class, CAST(calls_1h AS FLOAT64) FROM calls_day
  UNION ALL SELECT org_id, user_id, d, 'calls', '24h', class, CAST(calls AS FLOAT64) FROM calls_day
  UNION ALL SELECT org_id, user_id, d, 'calls', '7d', class, CAST(value AS FLOAT64) FROM calls_week
),
values_day AS (
  SELECT org_id, user_id, d, ARRAY_AGG(STRUCT(metric, horizon, class, value) ORDER BY metric, horizon, class) AS day_values
  FROM day_values
  WHERE value > 0
  GROUP BY org_id, user_id, d
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
clients_use AS (
  SELECT s.org_id, s.user_id, s.d, COALESCE(f.client.family, '') AS family, COALESCE(f.client.ja4, '') AS ja4, COALESCE(f.client.class, '') AS class,
    COALESCE(f.client.asn, 0) AS asn, COUNT(DISTINCT NULLIF(f.session_id, '')) AS sessions, CAST(SUM(f.events) AS INT64) AS events
  FROM slices AS s CROSS JOIN UNNEST(s.facets) AS f
  GROUP BY s.org_id, s.user_id, s.d, COALESCE(f.client.family, ''), COALESCE(f.client.ja4, ''), COALESCE(f.client.class, ''), COALESCE(f.client.asn, 0)
),
clients_day AS (
  SELECT org_id, user_id, d, ARRAY_AGG(STRUCT(family, ja4, class, asn, sessions, events) ORDER BY family, ja4, class, asn) AS clients
  FROM clients_use
  GROUP BY org_id, user_id, d
)
SELECT t.org_id, t.user_id, CAST(t.d AS TIMESTAMP) AS day, t.user_type, t.events,
  IFNULL(v.day_values, []) AS `values`, IFNULL(m.methods, []) AS methods, IFNULL(k.clients, []) AS clients
FROM totals AS t
LEFT JOIN values_day AS v USING (org_id, user_id, d)
LEFT JOIN methods_day AS m USING (org_id, user_id, d)
LEFT JOIN clients_day AS k USING (org_id, user_id, d)
WHERE t.d >= DATE_ADD(@run_date, INTERVAL (-2) DAY) AND t.d <= DATE_ADD(@run_date, INTERVAL (-1) DAY)
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
  WHERE a.day >= CAST(DATE_ADD(@run_date, INTERVAL (-7 - 28) DAY) AS TIMESTAMP)
    AND a.day < CAST(DATE_ADD(@run_date, INTERVAL (-7) DAY) AS TIMESTAMP)
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
    APPROX_QUANTILES(habit, 1000) AS q,
    MAX(habit) AS max_habit, ARRAY_AGG(habit ORDER BY habit DESC LIMIT 2)[SAFE_ORDINAL(2)] AS second_habit
  FROM habits
  GROUP BY GROUPING SETS ((version_day, org_id, metric, horizon, class), (version_day, metric, horizon, class))
)
SELECT FORMAT_DATE('%F', version_day) AS version, CAST(version_day AS TIMESTAMP) AS valid_from, CAST(DATE_ADD(version_day, INTERVAL (1) DAY) AS TIMESTAMP) AS valid_until, org AS org_id, metric, horizon, class, users, user_days,
  q[OFFSET(500)] AS p50, q[OFFSET(900)] AS p90,
  CASE WHEN users >= 10 THEN LEAST(q[OFFSET(990)], second_habit) ELSE q[OFFSET(990)] END AS p99,
  CASE WHEN users >= 10 THEN LEAST(q[OFFSET(999)], second_habit) ELSE q[OFFSET(999)] END AS p999,
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
  WHERE a.day >= CAST(DATE_ADD(@run_date, INTERVAL (-7 - 28) DAY) AS TIMESTAMP)
    AND a.day < CAST(DATE_ADD(@run_date, INTERVAL (-7) DAY) AS TIMESTAMP)
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
  WHERE a.day >= CAST(DATE_ADD(@run_date, INTERVAL (-0 - 1825) DAY) AS TIMESTAMP)
    AND a.day < CAST(DATE_ADD(@run_date, INTERVAL (-0) DAY) AS TIMESTAMP)
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
  WHERE a.day >= CAST(DATE_ADD(@run_date, INTERVAL (-7 - 28) DAY) AS TIMESTAMP)
    AND a.day < CAST(DATE_ADD(@run_date, INTERVAL (-7) DAY) AS TIMESTAMP)
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
  WHERE a.day >= CAST(DATE_ADD(@run_date, INTERVAL (-7 - 28) DAY) AS TIMESTAMP)
    AND a.day < CAST(DATE_ADD(@run_date, INTERVAL (-7) DAY) AS TIMESTAMP)
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
  WHERE a.hour >= CAST(DATE_ADD(@run_date, INTERVAL (-7 - 28) DAY) AS TIMESTAMP)
    AND a.hour < CAST(DATE_ADD(@run_date, INTERVAL (-7) DAY) AS TIMESTAMP)
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
  SELECT org_id, d, q[OFFSET(900)] AS cap_calls
  FROM (SELECT org_id, d, APPROX_QUANTILES(calls, 1000) AS q FROM user_hours WHERE calls > 0 GROUP BY org_id, d) AS called
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
  FROM windows AS w CROSS JOIN UNNEST(GENERATE_DATE_ARRAY(first_d, DATE_ADD(version_day, INTERVAL (-7 - 1) DAY))) AS calendar_day
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
  WHERE a.day >= CAST(DATE_ADD(@run_date, INTERVAL (-7 - 28) DAY) AS TIMESTAMP)
    AND a.day < CAST(DATE_ADD(@run_date, INTERVAL (-7) DAY) AS TIMESTAMP)
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
  WHERE a.day >= CAST(DATE_ADD(@run_date, INTERVAL (-7 - 28) DAY) AS TIMESTAMP)
    AND a.day < CAST(DATE_ADD(@run_date, INTERVAL (-7) DAY) AS TIMESTAMP)
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
