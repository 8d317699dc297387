-- Rendered from schemas/sql and the protos by go generate ./schemas. Do not edit.

-- How the day of each version, as far as it is over, compares with what its hours of the week let expect.
--
-- What to expect of an hour is its mean over the weeks, as it is: shrunk like baselines_hour, the busy hours of an ordinary day would
-- look busier than expected. A row counts complete hours only and holds from a quarter past: late events are taken for ten minutes,
-- and the query takes some.
-- factor = observed so far / expected so far, between 1 and 3 (Start): a busy day raises thresholds, and a quiet one never lowers them,
-- because an attack on a quiet day is no smaller. It is 1 until the hours so far were expected to see 20 people in all (Start: a
-- Poisson count of 20 is off by 22 %), and where the history has fewer than 14 days (Start: every hour of the week twice).
-- The calls of the day are winsorised at the mean cap of the history, and nobody is left out: who attacks today is one person.
WITH history_hours AS (
  SELECT a.org_id, a.user_id, CAST(a.hour AS DATE) AS d, EXTRACT(HOUR FROM a.hour) AS hour_of_day, a.calls AS class_calls
  FROM `aer.activity_hourly_v` AS a
  LEFT JOIN `aer.excluded_days_v` AS x ON x.org_id = a.org_id AND x.user_id = a.user_id AND x.day = CAST(a.hour AS DATE) AND NOT x.weekly
  WHERE a.hour >= CAST(DATE_ADD(@first_version, INTERVAL (0 - @lag - @habit) DAY) AS TIMESTAMP)
    AND a.hour < CAST(DATE_ADD(@last_version, INTERVAL (0 - @lag) DAY) AS TIMESTAMP)
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
  SELECT org_id, d, IF(q.n <= 1000, q.least[SAFE_ORDINAL(CAST(CEIL(q.n * 900 / 1000) AS INT64))], q.approx[OFFSET(900)]) AS cap_calls
  FROM (SELECT org_id, d, STRUCT(COUNT(calls) AS n, ARRAY_AGG(calls IGNORE NULLS ORDER BY calls LIMIT 1000) AS least, APPROX_QUANTILES(calls, 1000) AS approx) AS q FROM user_hours WHERE calls > 0 GROUP BY org_id, d) AS called
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
  SELECT version_day, org_id, MIN(d) AS first_d, UNIX_DATE(version_day) - @lag - UNIX_DATE(MIN(d)) AS days
  FROM org_days AS r CROSS JOIN UNNEST(GENERATE_DATE_ARRAY(GREATEST(@first_version, DATE_ADD(d, INTERVAL (@lag + 1) DAY)), LEAST(@last_version, DATE_ADD(d, INTERVAL (@lag + @habit) DAY)))) AS version_day
  GROUP BY version_day, org_id
),
weekdays AS (
  SELECT version_day, org_id, MOD(UNIX_DATE(calendar_day) + 3, 7) AS weekday, COUNT(*) AS weeks
  FROM windows AS w CROSS JOIN UNNEST(GENERATE_DATE_ARRAY(first_d, DATE_ADD(version_day, INTERVAL (0 - @lag - 1) DAY))) AS calendar_day
  GROUP BY version_day, org_id, MOD(UNIX_DATE(calendar_day) + 3, 7)
),
seen AS (
  SELECT version_day, org_id, metric, MOD(UNIX_DATE(d) + 3, 7) * 24 + hour_of_day AS hour_of_week, SUM(value) AS total
  FROM hour_values AS r CROSS JOIN UNNEST(GENERATE_DATE_ARRAY(GREATEST(@first_version, DATE_ADD(d, INTERVAL (@lag + 1) DAY)), LEAST(@last_version, DATE_ADD(d, INTERVAL (@lag + @habit) DAY)))) AS version_day
  WHERE MOD(UNIX_DATE(d) + 3, 7) = MOD(UNIX_DATE(version_day) + 3, 7)
  GROUP BY version_day, org_id, metric, MOD(UNIX_DATE(d) + 3, 7) * 24 + hour_of_day
),
grid AS (
  SELECT version_day, org_id, days, m.metric,
    MOD(UNIX_DATE(version_day) + 3, 7) * 24 + n AS hour_of_week
  FROM windows AS w CROSS JOIN UNNEST(GENERATE_ARRAY(0, 23)) AS n
  CROSS JOIN (SELECT 'users' AS metric UNION ALL SELECT 'calls') AS m
),
totals AS (
  SELECT g.version_day, g.org_id, g.metric, g.hour_of_week, g.days, COALESCE(w.weeks, 0) AS weeks, COALESCE(s.total, 0) AS total
  FROM grid AS g
  LEFT JOIN weekdays AS w ON w.version_day = g.version_day AND w.org_id = g.org_id AND w.weekday = DIV(g.hour_of_week, 24)
  LEFT JOIN seen AS s ON s.version_day = g.version_day AND s.org_id = g.org_id AND s.metric = g.metric AND s.hour_of_week = g.hour_of_week
),
today_hours AS (
  SELECT a.org_id, a.user_id, CAST(a.hour AS DATE) AS d, EXTRACT(HOUR FROM a.hour) AS hour_of_day, a.calls AS class_calls
  FROM `aer.activity_hourly_v` AS a
  WHERE a.hour >= CAST(@first_version AS TIMESTAMP) AND a.hour < CAST(DATE_ADD(@last_version, INTERVAL (1) DAY) AS TIMESTAMP)
),
today_users AS (
  SELECT h.org_id, h.user_id, h.d, h.hour_of_day, CAST(COALESCE(MAX(s.calls), 0) AS FLOAT64) AS calls
  FROM today_hours AS h
  LEFT JOIN (
    SELECT c.org_id, c.user_id, c.d, c.hour_of_day, SUM(k.calls) AS calls
    FROM today_hours AS c CROSS JOIN UNNEST(c.class_calls) AS k
    GROUP BY c.org_id, c.user_id, c.d, c.hour_of_day
  ) AS s ON s.org_id = h.org_id AND s.user_id = h.user_id AND s.d = h.d AND s.hour_of_day = h.hour_of_day
  GROUP BY h.org_id, h.user_id, h.d, h.hour_of_day
),
version_caps AS (
  SELECT version_day AS d, org_id, AVG(cap_calls) AS cap_calls
  FROM day_caps AS r CROSS JOIN UNNEST(GENERATE_DATE_ARRAY(GREATEST(@first_version, DATE_ADD(d, INTERVAL (@lag + 1) DAY)), LEAST(@last_version, DATE_ADD(d, INTERVAL (@lag + @habit) DAY)))) AS version_day
  GROUP BY version_day, org_id
),
today AS (
  SELECT org_id, d, hour_of_day, 'users' AS metric, CAST(COUNT(*) AS FLOAT64) AS value
  FROM today_users
  GROUP BY org_id, d, hour_of_day
  UNION ALL
  SELECT p.org_id, p.d, p.hour_of_day, 'calls' AS metric, ROUND(SUM(LEAST(p.calls, k.cap_calls)), 6) AS value
  FROM today_users AS p
  JOIN version_caps AS k ON k.org_id = p.org_id AND k.d = p.d
  WHERE p.calls > 0
  GROUP BY p.org_id, p.d, p.hour_of_day
),
by_hour AS (
  SELECT w.version_day, w.org_id, w.metric, MOD(w.hour_of_week, 24) AS hour_of_day, w.days,
    COALESCE(SAFE_DIVIDE(w.total, w.weeks), 0) AS expected, COALESCE(t.value, 0) AS observed
  FROM totals AS w
  LEFT JOIN today AS t ON t.org_id = w.org_id AND t.d = w.version_day AND t.metric = w.metric AND t.hour_of_day = MOD(w.hour_of_week, 24)
),
so_far AS (
  SELECT version_day, org_id, metric, days, hour_of_day + 1 AS hours,
    SUM(observed) OVER (PARTITION BY version_day, org_id, metric ORDER BY hour_of_day) AS observed,
    SUM(expected) OVER (PARTITION BY version_day, org_id, metric ORDER BY hour_of_day) AS expected,
    SUM(CASE WHEN metric = 'users' THEN expected ELSE 0 END) OVER (PARTITION BY version_day, org_id ORDER BY hour_of_day) AS people
  FROM by_hour
)
SELECT FORMAT_DATE('%F', version_day) AS version, TIMESTAMP_ADD(CAST(version_day AS TIMESTAMP), INTERVAL (hours * 60 + 15) MINUTE) AS valid_from,
  LEAST(TIMESTAMP_ADD(CAST(version_day AS TIMESTAMP), INTERVAL (hours * 60 + 75) MINUTE), CAST(DATE_ADD(version_day, INTERVAL (1) DAY) AS TIMESTAMP)) AS valid_until,
  org_id, metric, hours, observed, expected,
  CASE WHEN people >= 20 AND days >= 14 THEN LEAST(3.0, GREATEST(1.0, COALESCE(SAFE_DIVIDE(observed, expected), 1))) ELSE 1.0 END AS factor
FROM so_far
WHERE hours < 24
ORDER BY version, org_id, metric, hours
