-- Rendered from schemas/sql and the protos by go generate ./schemas. Do not edit.

-- Client families seen, by organisation; '*' is all organisations together. A session counts once a day.
WITH history AS (
  SELECT a.org_id, a.user_id, CAST(a.day AS DATE) AS d, a.clients, x.day IS NOT NULL AS excluded, w.day IS NOT NULL AS excluded_week
  FROM activity_daily_v AS a
  LEFT JOIN excluded_days_v AS x ON x.org_id = a.org_id AND x.user_id = a.user_id AND x.day = CAST(a.day AS DATE) AND NOT x.weekly
  LEFT JOIN excluded_days_v AS w ON w.org_id = a.org_id AND w.user_id = a.user_id AND w.day = CAST(a.day AS DATE) AND w.weekly
  WHERE a.day >= CAST(CAST(CAST($first_version AS DATE) + (0 - CAST($lag AS BIGINT) - CAST($habit AS BIGINT)) * INTERVAL 1 DAY AS DATE) AS TIMESTAMP)
    AND a.day < CAST(CAST(CAST($last_version AS DATE) + (0 - CAST($lag AS BIGINT)) * INTERVAL 1 DAY AS DATE) AS TIMESTAMP)
),
day_rows AS (
  SELECT h.org_id, h.user_id, h.d, c.family AS family, c.sessions AS sessions
  FROM (SELECT *, UNNEST(clients) AS c FROM history) AS h
  WHERE NOT h.excluded AND c.family <> ''
),
uses AS (
  SELECT version_day, org_id, user_id, family, SUM(sessions) AS sessions
  FROM (SELECT *, CAST(UNNEST(generate_series(CAST(GREATEST(CAST($first_version AS DATE), CAST(d + (CAST($lag AS BIGINT) + 1) * INTERVAL 1 DAY AS DATE)) AS TIMESTAMP), CAST(LEAST(CAST($last_version AS DATE), CAST(d + (CAST($lag AS BIGINT) + CAST($habit AS BIGINT)) * INTERVAL 1 DAY AS DATE)) AS TIMESTAMP), INTERVAL 1 DAY)) AS DATE) AS version_day FROM day_rows) AS r
  GROUP BY version_day, org_id, user_id, family
),
counts AS (
  SELECT version_day, COALESCE(org_id, '*') AS org, family, COUNT(*) AS users, CAST(SUM(sessions) AS BIGINT) AS sessions
  FROM uses
  GROUP BY GROUPING SETS ((version_day, org_id, family), (version_day, family))
)
SELECT strftime(version_day, '%Y-%m-%d') AS version, CAST(version_day AS TIMESTAMP) AS valid_from, CAST(CAST(version_day + (1) * INTERVAL 1 DAY AS DATE) AS TIMESTAMP) AS valid_until, org AS org_id, family, users, sessions
FROM counts
ORDER BY version, org_id, family
