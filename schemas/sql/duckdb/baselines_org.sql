-- Rendered from schemas/sql and the protos by go generate ./schemas. Do not edit.

-- Distribution of each metric over PEOPLE, not events: first everybody's own habit, then quantiles of the habits. '*' is all
-- organisations together.
--
-- users counts those who did the thing at all in the history; metric 'events' counts everybody who was there.
-- Winsorised twice, by rank: a habit is the 95th percentile of a person's days (with 20 days and more the very largest day needs
-- to be repeated), and with ten people and more p99 and p999 do not exceed the second largest habit, so that one exporter in a
-- small organisation does not hide an attacker. max is the largest habit as it is.
WITH history AS (
  SELECT version_day, a.org_id, a.user_id, CAST(a.day AS DATE) AS d, a."values" AS day_values, a.methods, a.clients,
    x.day IS NOT NULL AS excluded, w.day IS NOT NULL AS excluded_week
  FROM (
    SELECT *
    FROM activity_daily_v
    WHERE day >= CAST(CAST(CAST($first_version AS DATE) + (-CAST($lag AS BIGINT) - CAST($habit AS BIGINT)) * INTERVAL 1 DAY AS DATE) AS TIMESTAMP)
      AND day < CAST(CAST(CAST($last_version AS DATE) + (-CAST($lag AS BIGINT)) * INTERVAL 1 DAY AS DATE) AS TIMESTAMP)
  ) AS a
  LEFT JOIN excluded_days_v AS x ON x.org_id = a.org_id AND x.user_id = a.user_id AND x.day = CAST(a.day AS DATE) AND NOT x.weekly
  LEFT JOIN excluded_days_v AS w ON w.org_id = a.org_id AND w.user_id = a.user_id AND w.day = CAST(a.day AS DATE) AND w.weekly
  CROSS JOIN UNNEST(CAST(generate_series(CAST(CAST(CAST(a.day AS DATE) + (CAST($lag AS BIGINT) + 1) * INTERVAL 1 DAY AS DATE) AS TIMESTAMP), CAST(CAST(CAST(a.day AS DATE) + (CAST($lag AS BIGINT) + CAST($habit AS BIGINT)) * INTERVAL 1 DAY AS DATE) AS TIMESTAMP), INTERVAL 1 DAY) AS DATE[])) AS u_version_day(version_day)
  WHERE version_day BETWEEN CAST($first_version AS DATE) AND CAST($last_version AS DATE)
),
metrics AS (
  SELECT version_day, org_id, user_id, d, v.metric AS metric, v.horizon AS horizon, v.class AS class, v.value AS value
  FROM history CROSS JOIN UNNEST(day_values) AS u_v(v)
  WHERE CASE WHEN v.horizon = '7d' THEN NOT excluded_week ELSE NOT excluded END
),
habits AS (
  SELECT version_day, org_id, user_id, metric, horizon, class, quantile_disc(value, 0.95) AS habit, COUNT(*) AS days
  FROM metrics
  GROUP BY version_day, org_id, user_id, metric, horizon, class
),
people AS (
  SELECT version_day, COALESCE(org_id, '*') AS org, metric, horizon, class, COUNT(*) AS users, CAST(SUM(days) AS BIGINT) AS user_days,
    quantile_disc(habit, 0.5) AS p50, quantile_disc(habit, 0.9) AS p90, quantile_disc(habit, 0.99) AS p99, quantile_disc(habit, 0.999) AS p999,
    MAX(habit) AS max_habit, max(habit, 2)[2] AS second_habit
  FROM habits
  GROUP BY GROUPING SETS ((version_day, org_id, metric, horizon, class), (version_day, metric, horizon, class))
)
SELECT strftime(version_day, '%Y-%m-%d') AS version, CAST(version_day AS TIMESTAMP) AS valid_from, CAST(CAST(version_day + (1) * INTERVAL 1 DAY AS DATE) AS TIMESTAMP) AS valid_until, org AS org_id, metric, horizon, class, users, user_days, p50, p90,
  CASE WHEN users >= 10 THEN LEAST(p99, second_habit) ELSE p99 END AS p99,
  CASE WHEN users >= 10 THEN LEAST(p999, second_habit) ELSE p999 END AS p999,
  max_habit AS "max"
FROM people
ORDER BY version, org_id, metric, horizon, class
