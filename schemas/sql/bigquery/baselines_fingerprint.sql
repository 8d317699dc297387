-- Rendered from schemas/sql and the protos by go generate ./schemas. Do not edit.

-- TLS fingerprints by organisation and by the client family that claimed them: how many people are known with it, and in how
-- many sessions until then (a session counts once a day). A person is known with a fingerprint from the second day on which it
-- was seen: who comes once, as a thief does, teaches nothing. What is known stays known within the history.
--
-- An empty family stands for all programs of one kind, which then is the class: 'interactive' for what a person sits in front
-- of, 'library' for HTTP libraries. Its users are people, not a sum over families in which one account counts several times.
--
-- '*' is all organisations together, but only from five that know it (orgs): neither an account nor a tenant may teach others.
-- An organisation knows what one of its people is known with. What '*' says is not repeated for each organisation, because
-- there are as many rows as organisations times fingerprints else.
WITH history AS (
  SELECT a.org_id, a.user_id, CAST(a.day AS DATE) AS d, a.clients, x.day IS NOT NULL AS excluded, w.day IS NOT NULL AS excluded_week
  FROM `aer.activity_daily_v` AS a
  LEFT JOIN `aer.excluded_days_v` AS x ON x.org_id = a.org_id AND x.user_id = a.user_id AND x.day = CAST(a.day AS DATE) AND NOT x.weekly
  LEFT JOIN `aer.excluded_days_v` AS w ON w.org_id = a.org_id AND w.user_id = a.user_id AND w.day = CAST(a.day AS DATE) AND w.weekly
  WHERE a.day >= CAST(DATE_ADD(@first_version, INTERVAL (0 - @lag - @habit) DAY) AS TIMESTAMP)
    AND a.day < CAST(DATE_ADD(@last_version, INTERVAL (0 - @lag) DAY) AS TIMESTAMP)
),
family_days AS (
  SELECT h.org_id, h.user_id, h.d, c.family AS family, '' AS kind, c.ja4 AS ja4, MAX(c.class) AS class, SUM(c.sessions) AS sessions
  FROM history AS h CROSS JOIN UNNEST(h.clients) AS c
  WHERE NOT h.excluded AND c.family <> '' AND c.ja4 <> ''
  GROUP BY h.org_id, h.user_id, h.d, c.family, c.ja4
),
kind_days AS (
  SELECT org_id, user_id, d, '' AS family, CASE WHEN class = 'library' THEN 'library' ELSE 'interactive' END AS kind, ja4, sessions
  FROM family_days
  WHERE class IN ('browser', 'official', 'mobile_app', 'library')
),
day_rows AS (
  SELECT org_id, user_id, d, family, kind, ja4, class, sessions FROM family_days
  UNION ALL
  SELECT org_id, user_id, d, family, kind, ja4, MAX(kind) AS class, SUM(sessions) AS sessions
  FROM kind_days
  GROUP BY org_id, user_id, d, family, kind, ja4
),
numbered AS (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY org_id, user_id, family, kind, ja4 ORDER BY d) AS n
  FROM day_rows
),
people AS (
  SELECT org_id, user_id, family, kind, ja4, MAX(class) AS class, MAX(d) AS d, SUM(sessions) AS sessions
  FROM numbered
  WHERE n <= 2
  GROUP BY org_id, user_id, family, kind, ja4
  HAVING COUNT(*) = 2
),
-- One row per day, before it is repeated for every version of the years to come.
known AS (
  SELECT d, org_id, family, kind, ja4, MAX(class) AS class, COUNT(*) AS users, SUM(sessions) AS sessions
  FROM people
  GROUP BY d, org_id, family, kind, ja4
),
own AS (
  SELECT version_day, org_id, family, kind, ja4, MAX(class) AS class, SUM(users) AS users, SUM(sessions) AS sessions
  FROM known AS r CROSS JOIN UNNEST(GENERATE_DATE_ARRAY(GREATEST(@first_version, DATE_ADD(d, INTERVAL (@lag + 1) DAY)), LEAST(@last_version, DATE_ADD(d, INTERVAL (@lag + @habit) DAY)))) AS version_day
  GROUP BY version_day, org_id, family, kind, ja4
),
everyone AS (
  SELECT version_day, family, kind, ja4, MAX(class) AS class, SUM(users) AS users, SUM(sessions) AS sessions, COUNT(*) AS orgs
  FROM own
  GROUP BY version_day, family, kind, ja4
  HAVING COUNT(*) >= 5
),
said AS (
  SELECT version_day, family, ja4, class, users, sessions, '*' AS org, orgs
  FROM everyone
  UNION ALL
  SELECT o.version_day, o.family, o.ja4, o.class, o.users, o.sessions, o.org_id AS org, 1 AS orgs
  FROM own AS o
  LEFT JOIN everyone AS e ON e.version_day = o.version_day AND e.family = o.family AND e.kind = o.kind AND e.ja4 = o.ja4
  WHERE e.orgs IS NULL
)
SELECT FORMAT_DATE('%F', version_day) AS version, CAST(version_day AS TIMESTAMP) AS valid_from, CAST(DATE_ADD(version_day, INTERVAL (1) DAY) AS TIMESTAMP) AS valid_until, family, ja4, CAST(users AS INT64) AS users, CAST(sessions AS INT64) AS observations, class, org AS org_id, orgs
FROM said
ORDER BY version, org_id, family, ja4, class
