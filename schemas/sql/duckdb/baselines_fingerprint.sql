-- Rendered from schemas/sql and the protos by go generate ./schemas. Do not edit.

-- TLS fingerprints by the client family that claimed them, over all organisations: how many people, in how many sessions
-- (a session counts once a day).
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
uses AS (
  SELECT h.version_day, c.family AS family, c.ja4 AS ja4, h.org_id, h.user_id, SUM(c.sessions) AS sessions
  FROM history AS h CROSS JOIN UNNEST(h.clients) AS u_c(c)
  WHERE NOT h.excluded AND c.family <> '' AND c.ja4 <> ''
  GROUP BY h.version_day, c.family, c.ja4, h.org_id, h.user_id
)
SELECT strftime(version_day, '%Y-%m-%d') AS version, CAST(version_day AS TIMESTAMP) AS valid_from, CAST(CAST(version_day + (1) * INTERVAL 1 DAY AS DATE) AS TIMESTAMP) AS valid_until, family, ja4, COUNT(*) AS users, CAST(SUM(sessions) AS BIGINT) AS observations
FROM uses
GROUP BY version_day, family, ja4
ORDER BY version, family, ja4
