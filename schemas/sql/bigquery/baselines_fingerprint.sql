-- Rendered from schemas/sql and the protos by go generate ./schemas. Do not edit.

-- TLS fingerprints by the client family that claimed them, over all organisations: how many people are known with it, and in
-- how many sessions until then (a session counts once a day). A person is known with a fingerprint from the second day on
-- which it was seen: who comes once, as a thief does, teaches nothing. What is known stays known within the history.
WITH history AS (
  SELECT a.org_id, a.user_id, CAST(a.day AS DATE) AS d, a.clients, x.day IS NOT NULL AS excluded, w.day IS NOT NULL AS excluded_week
  FROM `aer.activity_daily_v` AS a
  LEFT JOIN `aer.excluded_days_v` AS x ON x.org_id = a.org_id AND x.user_id = a.user_id AND x.day = CAST(a.day AS DATE) AND NOT x.weekly
  LEFT JOIN `aer.excluded_days_v` AS w ON w.org_id = a.org_id AND w.user_id = a.user_id AND w.day = CAST(a.day AS DATE) AND w.weekly
  WHERE a.day >= CAST(DATE_ADD(@first_version, INTERVAL (-@lag - @habit) DAY) AS TIMESTAMP)
    AND a.day < CAST(DATE_ADD(@last_version, INTERVAL (-@lag) DAY) AS TIMESTAMP)
),
day_rows AS (
  SELECT h.org_id, h.user_id, h.d, c.family AS family, c.ja4 AS ja4, MAX(c.class) AS class, SUM(c.sessions) AS sessions
  FROM history AS h CROSS JOIN UNNEST(h.clients) AS c
  WHERE NOT h.excluded AND c.family <> '' AND c.ja4 <> ''
  GROUP BY h.org_id, h.user_id, h.d, c.family, c.ja4
),
numbered AS (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY org_id, user_id, family, ja4 ORDER BY d) AS n
  FROM day_rows
),
people AS (
  SELECT org_id, user_id, family, ja4, MAX(class) AS class, MAX(d) AS d, SUM(sessions) AS sessions
  FROM numbered
  WHERE n <= 2
  GROUP BY org_id, user_id, family, ja4
  HAVING COUNT(*) = 2
),
-- One row per day, before it is repeated for every version of the years to come.
known AS (
  SELECT d, family, ja4, MAX(class) AS class, COUNT(*) AS users, SUM(sessions) AS sessions
  FROM people
  GROUP BY d, family, ja4
),
uses AS (
  SELECT version_day, family, ja4, class, users, sessions
  FROM known AS r CROSS JOIN UNNEST(GENERATE_DATE_ARRAY(GREATEST(@first_version, DATE_ADD(d, INTERVAL (@lag + 1) DAY)), LEAST(@last_version, DATE_ADD(d, INTERVAL (@lag + @habit) DAY)))) AS version_day
)
SELECT FORMAT_DATE('%F', version_day) AS version, CAST(version_day AS TIMESTAMP) AS valid_from, CAST(DATE_ADD(version_day, INTERVAL (1) DAY) AS TIMESTAMP) AS valid_until, family, ja4, MAX(class) AS class, CAST(SUM(users) AS INT64) AS users, CAST(SUM(sessions) AS INT64) AS observations
FROM uses
GROUP BY version_day, family, ja4
ORDER BY version, family, ja4
