-- The rows of activity_hourly as they are defined, each value by itself: what package sqlgen renders has to give the same.
-- Rows of activity_hourly for the slices in [start, until), both on the hour: one per org, user and hour.
-- Buckets are those of the clock, so that a busy stretch across a border counts as two halves: a sliding window may see up to
-- twice as much.
WITH slices AS (
  SELECT org_id, user_id, user_type, events, download_bytes, bytes, downloads, reads, methods, facets,
    window_start_ms, date_trunc('hour', time) AS hour_start, (window_start_ms // 300000) AS five, (window_start_ms // 900000) AS quarter
  FROM activity_v
  WHERE time >= CAST($start AS TIMESTAMP) AND time < CAST($until AS TIMESTAMP) AND COALESCE(actor_kind, '') IN ('', 'signed_in')
),
-- Not the view: whether a slice is there once or twice does not matter here.
past AS (
  SELECT org_id, user_id, window_start_ms, downloads, reads
  FROM activity
  WHERE time >= (CAST($start AS TIMESTAMP) + (-24 * 35) * INTERVAL 1 HOUR) AND time < CAST($until AS TIMESTAMP) AND COALESCE(actor_kind, '') IN ('', 'signed_in')
),
touched AS (
  SELECT s.org_id, s.user_id, 'downloads' AS metric, s.window_start_ms, s.hour_start, s.five, s.quarter, h, (CAST(h AS DOUBLE) / 18446744073709551616.0 + CASE WHEN h < 0 THEN 1.0 ELSE 0.0 END) AS point,
    CASE WHEN s.downloads.sketched THEN (CAST(s.downloads.hashes[len(s.downloads.hashes)] AS DOUBLE) / 18446744073709551616.0 + CASE WHEN s.downloads.hashes[len(s.downloads.hashes)] < 0 THEN 1.0 ELSE 0.0 END) ELSE 1.0 END AS theta
  FROM (SELECT *, UNNEST(downloads.hashes) AS h FROM slices) AS s
  UNION ALL
  SELECT s.org_id, s.user_id, 'reads' AS metric, s.window_start_ms, s.hour_start, s.five, s.quarter, h, (CAST(h AS DOUBLE) / 18446744073709551616.0 + CASE WHEN h < 0 THEN 1.0 ELSE 0.0 END) AS point,
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
objects_hour AS (
  SELECT org_id, user_id, metric, hour_start,
    CAST(ROUND(COUNT(DISTINCT CASE WHEN common_theta >= 1 OR point < common_theta THEN h END) / MIN(common_theta)) AS DOUBLE) AS value,
    CAST(ROUND(COUNT(DISTINCT CASE WHEN fresh = 1 AND (common_theta >= 1 OR point < common_theta) THEN h END) / MIN(common_theta)) AS DOUBLE) AS new_value
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
    CAST(ROUND(COUNT(DISTINCT CASE WHEN common_theta >= 1 OR point < common_theta THEN h END) / MIN(common_theta)) AS DOUBLE) AS value,
    CAST(ROUND(COUNT(DISTINCT CASE WHEN fresh = 1 AND (common_theta >= 1 OR point < common_theta) THEN h END) / MIN(common_theta)) AS DOUBLE) AS new_value
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
    CAST(ROUND(COUNT(DISTINCT CASE WHEN common_theta >= 1 OR point < common_theta THEN h END) / MIN(common_theta)) AS DOUBLE) AS value,
    CAST(ROUND(COUNT(DISTINCT CASE WHEN fresh = 1 AND (common_theta >= 1 OR point < common_theta) THEN h END) / MIN(common_theta)) AS DOUBLE) AS new_value
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
  SELECT org_id, user_id, hour_start, CAST(MAX(download_bytes) AS BIGINT) AS download_bytes_5m
  FROM bytes_five
  GROUP BY org_id, user_id, hour_start
),
calls_five AS (
  SELECT s.org_id, s.user_id, s.hour_start, s.five, m.class AS class,
    SUM(m.calls) AS calls, SUM(m.errors) AS errors, SUM(m.rate_limited) AS rate_limited
  FROM (SELECT *, UNNEST(methods) AS m FROM slices) AS s
  GROUP BY s.org_id, s.user_id, s.hour_start, s.five, m.class
),
calls_class AS (
  SELECT org_id, user_id, hour_start, class, CAST(SUM(calls) AS BIGINT) AS calls, CAST(SUM(errors) AS BIGINT) AS errors,
    CAST(SUM(rate_limited) AS BIGINT) AS rate_limited, CAST(MAX(calls) AS BIGINT) AS calls_5m
  FROM calls_five
  GROUP BY org_id, user_id, hour_start, class
),
calls_hour AS (
  SELECT org_id, user_id, hour_start, list_sort(list({'class': class, 'calls': calls, 'errors': errors, 'rate_limited': rate_limited, 'calls_5m': calls_5m})) AS calls
  FROM calls_class
  GROUP BY org_id, user_id, hour_start
),
methods_class AS (
  SELECT s.org_id, s.user_id, s.hour_start, m.class AS class, m.method AS method, CAST(SUM(m.calls) AS BIGINT) AS calls
  FROM (SELECT *, UNNEST(methods) AS m FROM slices) AS s
  GROUP BY s.org_id, s.user_id, s.hour_start, m.class, m.method
),
methods_hour AS (
  SELECT org_id, user_id, hour_start, list_sort(list({'class': class, 'method': method, 'calls': calls})) AS methods
  FROM methods_class
  GROUP BY org_id, user_id, hour_start
),
facets AS (
  SELECT s.org_id, s.user_id, s.hour_start, f.session_id AS session_id, f.events AS events,
    COALESCE(f.client.family, '') AS family, COALESCE(f.client.ja4, '') AS ja4, COALESCE(f.client.class, '') AS class, COALESCE(f.client.asn, 0) AS asn
  FROM (SELECT *, UNNEST(facets) AS f FROM slices) AS s
),
sessions_hour AS (
  SELECT org_id, user_id, hour_start, COUNT(DISTINCT NULLIF(session_id, '')) AS sessions
  FROM facets
  GROUP BY org_id, user_id, hour_start
),
clients_use AS (
  SELECT org_id, user_id, hour_start, family, ja4, class, asn,
    COUNT(DISTINCT NULLIF(session_id, '')) AS sessions, CAST(SUM(events) AS BIGINT) AS events
  FROM facets
  GROUP BY org_id, user_id, hour_start, family, ja4, class, asn
),
clients_hour AS (
  SELECT org_id, user_id, hour_start, list_sort(list({'family': family, 'ja4': ja4, 'class': class, 'asn': asn, 'sessions': sessions, 'events': events})) AS clients
  FROM clients_use
  GROUP BY org_id, user_id, hour_start
),
totals AS (
  SELECT org_id, user_id, hour_start, MAX(user_type) AS user_type, CAST(SUM(events) AS BIGINT) AS events,
    CAST(SUM(download_bytes) AS BIGINT) AS download_bytes, CAST(SUM(bytes) AS BIGINT) AS bytes
  FROM slices
  GROUP BY org_id, user_id, hour_start
)
SELECT t.org_id, t.user_id, t.hour_start AS hour, t.user_type, t.events, COALESCE(n.sessions, 0) AS sessions,
  CAST(COALESCE(dh.value, 0) AS BIGINT) AS downloads, CAST(COALESCE(rh.value, 0) AS BIGINT) AS reads, t.download_bytes, t.bytes,
  CAST(COALESCE(db.five, 0) AS BIGINT) AS downloads_5m, CAST(COALESCE(rb.five, 0) AS BIGINT) AS reads_5m, b.download_bytes_5m,
  CAST(COALESCE(db.quarter, 0) AS BIGINT) AS downloads_15m, CAST(COALESCE(rb.quarter, 0) AS BIGINT) AS reads_15m,
  CAST(COALESCE(dh.new_value, 0) AS BIGINT) AS new_downloads, CAST(COALESCE(rh.new_value, 0) AS BIGINT) AS new_reads,
  CAST(COALESCE(db.new_five, 0) AS BIGINT) AS new_downloads_5m, CAST(COALESCE(rb.new_five, 0) AS BIGINT) AS new_reads_5m,
  CAST(COALESCE(db.new_quarter, 0) AS BIGINT) AS new_downloads_15m, CAST(COALESCE(rb.new_quarter, 0) AS BIGINT) AS new_reads_15m,
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
