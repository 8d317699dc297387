-- Rendered from schemas/sql and the protos by go generate ./schemas. Do not edit.

-- Networks (AS numbers) that each person is known by, with the days on which they were seen: at most 32 per person, those seen last. As
-- many as the live profile remembers.
WITH history AS (
  SELECT a.org_id, a.user_id, CAST(a.day AS DATE) AS d, a.clients, x.day IS NOT NULL AS excluded, w.day IS NOT NULL AS excluded_week
  FROM activity_daily_v AS a
  LEFT JOIN excluded_days_v AS x ON x.org_id = a.org_id AND x.user_id = a.user_id AND x.day = CAST(a.day AS DATE) AND NOT x.weekly
  LEFT JOIN excluded_days_v AS w ON w.org_id = a.org_id AND w.user_id = a.user_id AND w.day = CAST(a.day AS DATE) AND w.weekly
  WHERE a.day >= CAST(CAST(CAST($first_version AS DATE) + (0 - CAST($lag AS BIGINT) - CAST($habit AS BIGINT)) * INTERVAL 1 DAY AS DATE) AS TIMESTAMP)
    AND a.day < CAST(CAST(CAST($last_version AS DATE) + (0 - CAST($lag AS BIGINT)) * INTERVAL 1 DAY AS DATE) AS TIMESTAMP)
),
day_rows AS (
  SELECT h.org_id, h.user_id, h.d, c.asn AS asn, SUM(c.sessions) AS sessions
  FROM (SELECT *, UNNEST(clients) AS c FROM history) AS h
  WHERE NOT h.excluded AND c.asn > 0
  GROUP BY h.org_id, h.user_id, h.d, c.asn
),
known AS (
  SELECT version_day, org_id, user_id, asn, COUNT(*) AS days, CAST(SUM(sessions) AS BIGINT) AS sessions,
    MIN(d) AS first_d, MAX(d) AS last_d
  FROM (SELECT *, CAST(UNNEST(generate_series(CAST(GREATEST(CAST($first_version AS DATE), CAST(d + (CAST($lag AS BIGINT) + 1) * INTERVAL 1 DAY AS DATE)) AS TIMESTAMP), CAST(LEAST(CAST($last_version AS DATE), CAST(d + (CAST($lag AS BIGINT) + CAST($habit AS BIGINT)) * INTERVAL 1 DAY AS DATE)) AS TIMESTAMP), INTERVAL 1 DAY)) AS DATE) AS version_day FROM day_rows) AS r
  GROUP BY version_day, org_id, user_id, asn
)
SELECT strftime(version_day, '%Y-%m-%d') AS version, CAST(version_day AS TIMESTAMP) AS valid_from, CAST(CAST(version_day + (1) * INTERVAL 1 DAY AS DATE) AS TIMESTAMP) AS valid_until, org_id, user_id, asn, days, sessions,
  CAST(first_d AS TIMESTAMP) AS first_seen, CAST(last_d AS TIMESTAMP) AS last_seen
FROM known
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY version_day, org_id, user_id ORDER BY last_d DESC, days DESC, asn) <= 32
ORDER BY version, org_id, user_id, asn
