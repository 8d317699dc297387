-- Rendered from schemas/sql and the protos by go generate ./schemas. Do not edit.

-- Distribution of each metric over the days of one person: their own habit, as it is (not winsorised: a monthly export is
-- somebody's habit). Days without the metric are not in the quantiles.
WITH history AS (
  SELECT a.org_id, a.user_id, CAST(a.day AS DATE) AS d, a."values" AS day_values, x.day IS NOT NULL AS excluded, w.day IS NOT NULL AS excluded_week
  FROM activity_daily_v AS a
  LEFT JOIN excluded_days_v AS x ON x.org_id = a.org_id AND x.user_id = a.user_id AND x.day = CAST(a.day AS DATE) AND NOT x.weekly
  LEFT JOIN excluded_days_v AS w ON w.org_id = a.org_id AND w.user_id = a.user_id AND w.day = CAST(a.day AS DATE) AND w.weekly
  WHERE a.day >= CAST(CAST(CAST($first_version AS DATE) + (0 - CAST($lag AS BIGINT) - CAST($habit AS BIGINT)) * INTERVAL 1 DAY AS DATE) AS TIMESTAMP)
    AND a.day < CAST(CAST(CAST($last_version AS DATE) + (0 - CAST($lag AS BIGINT)) * INTERVAL 1 DAY AS DATE) AS TIMESTAMP)
),
metrics AS (
  SELECT h.org_id, h.user_id, h.d, v.metric AS metric, v.horizon AS horizon, v.class AS class, v.value AS value
  FROM (SELECT *, UNNEST(day_values) AS v FROM history) AS h
  WHERE CASE WHEN v.horizon = '7d' THEN NOT h.excluded_week ELSE NOT h.excluded END
),
days AS (
  SELECT org_id, user_id, d
  FROM history
  WHERE NOT excluded
),
active AS (
  SELECT version_day, org_id, user_id, COUNT(*) AS active_days
  FROM (SELECT *, CAST(UNNEST(generate_series(CAST(GREATEST(CAST($first_version AS DATE), CAST(d + (CAST($lag AS BIGINT) + 1) * INTERVAL 1 DAY AS DATE)) AS TIMESTAMP), CAST(LEAST(CAST($last_version AS DATE), CAST(d + (CAST($lag AS BIGINT) + CAST($habit AS BIGINT)) * INTERVAL 1 DAY AS DATE)) AS TIMESTAMP), INTERVAL 1 DAY)) AS DATE) AS version_day FROM days) AS r
  GROUP BY version_day, org_id, user_id
),
habits AS (
  SELECT version_day, org_id, user_id, metric, horizon, class, COUNT(*) AS days,
    quantile_disc(value, 0.5) AS p50, quantile_disc(value, 0.9) AS p90, quantile_disc(value, 0.99) AS p99, MAX(value) AS max_value
  FROM (SELECT *, CAST(UNNEST(generate_series(CAST(GREATEST(CAST($first_version AS DATE), CAST(d + (CAST($lag AS BIGINT) + 1) * INTERVAL 1 DAY AS DATE)) AS TIMESTAMP), CAST(LEAST(CAST($last_version AS DATE), CAST(d + (CAST($lag AS BIGINT) + CAST($habit AS BIGINT)) * INTERVAL 1 DAY AS DATE)) AS TIMESTAMP), INTERVAL 1 DAY)) AS DATE) AS version_day FROM metrics) AS r
  GROUP BY version_day, org_id, user_id, metric, horizon, class
)
SELECT strftime(version_day, '%Y-%m-%d') AS version, CAST(version_day AS TIMESTAMP) AS valid_from, CAST(CAST(version_day + (1) * INTERVAL 1 DAY AS DATE) AS TIMESTAMP) AS valid_until, org_id, user_id, metric, horizon, class, days, active_days, p50, p90, p99, max_value AS "max"
FROM habits
JOIN active USING (version_day, org_id, user_id)
ORDER BY version, org_id, user_id, metric, horizon, class
