-- Rendered from schemas/sql and the protos by go generate ./schemas. Do not edit.

-- Distribution of each metric over PEOPLE, not events: first everybody's own habit, then quantiles of the habits. '*' is all
-- organisations together.
--
-- users counts those who did the thing at all in the history; metric 'events' counts everybody who was there.
-- Winsorised twice, by rank: a habit is the 95th percentile of a person's days (with 20 days and more the very largest day needs
-- to be repeated), and with ten people and more p99 and p999 do not exceed the second largest habit, so that one exporter in a
-- small organisation does not hide an attacker. max is the largest habit as it is.
WITH history AS (
  SELECT version_day, a.org_id, a.user_id, CAST(a.day AS DATE) AS d, a.`values` AS day_values, a.methods, a.clients,
    x.day IS NOT NULL AS excluded, w.day IS NOT NULL AS excluded_week
  FROM (
    SELECT *
    FROM `aer.activity_daily_v`
    WHERE day >= CAST(DATE_ADD(@first_version, INTERVAL (-@lag - @habit) DAY) AS TIMESTAMP)
      AND day < CAST(DATE_ADD(@last_version, INTERVAL (-@lag) DAY) AS TIMESTAMP)
  ) AS a
  LEFT JOIN `aer.excluded_days_v` AS x ON x.org_id = a.org_id AND x.user_id = a.user_id AND x.day = CAST(a.day AS DATE) AND NOT x.weekly
  LEFT JOIN `aer.excluded_days_v` AS w ON w.org_id = a.org_id AND w.user_id = a.user_id AND w.day = CAST(a.day AS DATE) AND w.weekly
  CROSS JOIN UNNEST(GENERATE_DATE_ARRAY(DATE_ADD(CAST(a.day AS DATE), INTERVAL (@lag + 1) DAY), DATE_ADD(CAST(a.day AS DATE), INTERVAL (@lag + @habit) DAY))) AS version_day
  WHERE version_day BETWEEN @first_version AND @last_version
),
metrics AS (
  SELECT version_day, org_id, user_id, d, v.metric AS metric, v.horizon AS horizon, v.class AS class, v.value AS value
  FROM history CROSS JOIN UNNEST(day_values) AS v
  WHERE CASE WHEN v.horizon = '7d' THEN NOT excluded_week ELSE NOT excluded END
),
habits AS (
  SELECT version_day, org_id, user_id, metric, horizon, class, ARRAY_AGG(value ORDER BY value)[ORDINAL(CAST(CEIL(COUNT(*) * 950 / 1000) AS INT64))] AS habit, COUNT(*) AS days
  FROM metrics
  GROUP BY version_day, org_id, user_id, metric, horizon, class
),
people AS (
  SELECT version_day, COALESCE(org_id, '*') AS org, metric, horizon, class, COUNT(*) AS users, CAST(SUM(days) AS INT64) AS user_days,
    APPROX_QUANTILES(habit, 1000)[OFFSET(500)] AS p50, APPROX_QUANTILES(habit, 1000)[OFFSET(900)] AS p90, APPROX_QUANTILES(habit, 1000)[OFFSET(990)] AS p99, APPROX_QUANTILES(habit, 1000)[OFFSET(999)] AS p999,
    MAX(habit) AS max_habit, ARRAY_AGG(habit ORDER BY habit DESC LIMIT 2)[SAFE_ORDINAL(2)] AS second_habit
  FROM habits
  GROUP BY GROUPING SETS ((version_day, org_id, metric, horizon, class), (version_day, metric, horizon, class))
)
SELECT FORMAT_DATE('%F', version_day) AS version, CAST(version_day AS TIMESTAMP) AS valid_from, CAST(DATE_ADD(version_day, INTERVAL (1) DAY) AS TIMESTAMP) AS valid_until, org AS org_id, metric, horizon, class, users, user_days, p50, p90,
  CASE WHEN users >= 10 THEN LEAST(p99, second_habit) ELSE p99 END AS p99,
  CASE WHEN users >= 10 THEN LEAST(p999, second_habit) ELSE p999 END AS p999,
  max_habit AS `max`
FROM people
ORDER BY version, org_id, metric, horizon, class
