-- Rendered from schemas/sql and the protos by go generate ./schemas. Do not edit.

-- Distribution of each metric over PEOPLE, not events: first everybody's own habit, then quantiles of the habits. '*' is all
-- organisations together.
--
-- users counts those who did the thing at all in the history; metric 'events' counts everybody who was there.
-- Winsorised twice, by rank: a habit is the 95th percentile of a person's days (with 20 days and more the very largest day needs
-- to be repeated), and with ten people and more p99 and p999 do not exceed the second largest habit, so that one exporter in a
-- small organisation does not hide an attacker. max is the largest habit as it is.
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
habits AS (
  SELECT version_day, org_id, user_id, metric, horizon, class, quantile_disc(value, 0.95) AS habit, COUNT(*) AS days
  FROM (SELECT *, CAST(UNNEST(generate_series(CAST(GREATEST(CAST($first_version AS DATE), CAST(d + (CAST($lag AS BIGINT) + 1) * INTERVAL 1 DAY AS DATE)) AS TIMESTAMP), CAST(LEAST(CAST($last_version AS DATE), CAST(d + (CAST($lag AS BIGINT) + CAST($habit AS BIGINT)) * INTERVAL 1 DAY AS DATE)) AS TIMESTAMP), INTERVAL 1 DAY)) AS DATE) AS version_day FROM metrics) AS r
  GROUP BY version_day, org_id, user_id, metric, horizon, class
),
people AS (
  SELECT version_day, COALESCE(org_id, '*') AS org, metric, horizon, class, COUNT(*) AS users, CAST(SUM(days) AS BIGINT) AS user_days,
    quantile_disc(habit, [0.5, 0.9, 0.99, 0.999]) AS q,
    MAX(habit) AS max_habit, max(habit, 2)[2] AS second_habit
  FROM habits
  GROUP BY GROUPING SETS ((version_day, org_id, metric, horizon, class), (version_day, metric, horizon, class))
)
SELECT strftime(version_day, '%Y-%m-%d') AS version, CAST(version_day AS TIMESTAMP) AS valid_from, CAST(CAST(version_day + (1) * INTERVAL 1 DAY AS DATE) AS TIMESTAMP) AS valid_until, org AS org_id, metric, horizon, class, users, user_days,
  q[1] AS p50, q[2] AS p90,
  CASE WHEN users >= 10 THEN LEAST(q[3], second_habit) ELSE q[3] END AS p99,
  CASE WHEN users >= 10 THEN LEAST(q[4], second_habit) ELSE q[4] END AS p999,
  max_habit AS "max"
FROM people
ORDER BY version, org_id, metric, horizon, class
