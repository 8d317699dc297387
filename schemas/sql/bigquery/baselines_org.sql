-- Rendered from schemas/sql and the protos by go generate ./schemas. Do not edit.

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
  WHERE a.day >= CAST(DATE_ADD(@first_version, INTERVAL (0 - @lag - @habit) DAY) AS TIMESTAMP)
    AND a.day < CAST(DATE_ADD(@last_version, INTERVAL (0 - @lag) DAY) AS TIMESTAMP)
),
metrics AS (
  SELECT h.org_id, h.user_id, h.d, v.metric AS metric, v.horizon AS horizon, v.class AS class, v.value AS value
  FROM history AS h CROSS JOIN UNNEST(h.day_values) AS v
  WHERE CASE WHEN v.horizon = '7d' THEN NOT h.excluded_week ELSE NOT h.excluded END
),
habits AS (
  SELECT version_day, org_id, user_id, metric, horizon, class, ARRAY_AGG(value ORDER BY value)[ORDINAL(CAST(CEIL(COUNT(*) * 950 / 1000) AS INT64))] AS habit, COUNT(*) AS days
  FROM metrics AS r CROSS JOIN UNNEST(GENERATE_DATE_ARRAY(GREATEST(@first_version, DATE_ADD(d, INTERVAL (@lag + 1) DAY)), LEAST(@last_version, DATE_ADD(d, INTERVAL (@lag + @habit) DAY)))) AS version_day
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
