-- Rendered from schemas/sql and the protos by go generate ./schemas. Do not edit.

-- Distribution of each metric over the days of one person: their own habit, as it is (not winsorised: a monthly export is
-- somebody's habit). Days without the metric are not in the quantiles.
WITH history AS (
  SELECT a.org_id, a.user_id, CAST(a.day AS DATE) AS d, a.`values` AS day_values, x.day IS NOT NULL AS excluded, w.day IS NOT NULL AS excluded_week
  FROM `aer.activity_daily_v` AS a
  LEFT JOIN `aer.excluded_days_v` AS x ON x.org_id = a.org_id AND x.user_id = a.user_id AND x.day = CAST(a.day AS DATE) AND NOT x.weekly
  LEFT JOIN `aer.excluded_days_v` AS w ON w.org_id = a.org_id AND w.user_id = a.user_id AND w.day = CAST(a.day AS DATE) AND w.weekly
  WHERE a.day >= CAST(DATE_ADD(@first_version, INTERVAL (0 - @lag - @habit) DAY) AS TIMESTAMP)
    AND a.day < CAST(DATE_ADD(@last_version, INTERVAL (0 - @lag) DAY) AS TIMESTAMP)
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
  FROM days AS r CROSS JOIN UNNEST(GENERATE_DATE_ARRAY(GREATEST(@first_version, DATE_ADD(d, INTERVAL (@lag + 1) DAY)), LEAST(@last_version, DATE_ADD(d, INTERVAL (@lag + @habit) DAY)))) AS version_day
  GROUP BY version_day, org_id, user_id
),
habits AS (
  SELECT version_day, org_id, user_id, metric, horizon, class, COUNT(*) AS days,
    ARRAY_AGG(value ORDER BY value)[ORDINAL(CAST(CEIL(COUNT(*) * 500 / 1000) AS INT64))] AS p50, ARRAY_AGG(value ORDER BY value)[ORDINAL(CAST(CEIL(COUNT(*) * 900 / 1000) AS INT64))] AS p90, ARRAY_AGG(value ORDER BY value)[ORDINAL(CAST(CEIL(COUNT(*) * 990 / 1000) AS INT64))] AS p99, MAX(value) AS max_value
  FROM metrics AS r CROSS JOIN UNNEST(GENERATE_DATE_ARRAY(GREATEST(@first_version, DATE_ADD(d, INTERVAL (@lag + 1) DAY)), LEAST(@last_version, DATE_ADD(d, INTERVAL (@lag + @habit) DAY)))) AS version_day
  GROUP BY version_day, org_id, user_id, metric, horizon, class
)
SELECT FORMAT_DATE('%F', version_day) AS version, CAST(version_day AS TIMESTAMP) AS valid_from, CAST(DATE_ADD(version_day, INTERVAL (1) DAY) AS TIMESTAMP) AS valid_until, org_id, user_id, metric, horizon, class, days, active_days, p50, p90, p99, max_value AS `max`
FROM habits
JOIN active USING (version_day, org_id, user_id)
ORDER BY version, org_id, user_id, metric, horizon, class
