-- Rendered from sinks/warehouse/sqlgen/sqlgentest by go generate ./schemas. Do not edit.

-- int of a sum: 3.
-- Aggregate functions: SUM of INT64 is INT64 (DuckDB's is HUGEINT, hence int).
SELECT CAST(CAST(SUM(x) AS INT64) AS STRING) FROM (SELECT 1 AS x UNION ALL SELECT 2) AS r;

-- int of a whole float: 3.
-- Mathematical functions: ROUND rounds halfway cases away from zero. CAST AS INT64 would too, and DuckDB's would not: round first.
SELECT CAST(CAST(ROUND(x) AS INT64) AS STRING) FROM (SELECT CAST(2.5 AS FLOAT64) AS x) AS r;

-- float divides: 35.
-- Operators: the division of INT64 and of FLOAT64 is FLOAT64.
SELECT CAST(CAST(CAST(7 AS FLOAT64) / 2 * 10 AS INT64) AS STRING);

-- safeDiv: 35.
-- Mathematical functions: SAFE_DIVIDE is the division operator, of INT64 FLOAT64 as well.
SELECT CAST(CAST(SAFE_DIVIDE(7, 2) * 10 AS INT64) AS STRING);

-- safeDiv by zero: true.
-- Mathematical functions: SAFE_DIVIDE returns NULL if an error occurs, such as a division by zero.
SELECT CAST(SAFE_DIVIDE(a, b) IS NULL AS STRING) FROM (SELECT 7 AS a, 0 AS b) AS r;

-- div: 1.
-- Mathematical functions: DIV returns the result of the integer division.
SELECT CAST(DIV(599999, 300000) AS STRING);

-- div of a multiple: 2.
-- Mathematical functions: DIV returns the result of the integer division.
SELECT CAST(DIV(600000, 300000) AS STRING);

-- q quotes reserved words: x.
-- Lexical structure: a quoted identifier, in backquotes, may be a reserved keyword.
SELECT `end` FROM (SELECT 'x' AS `end`) AS r;

-- text of a boolean: true.
-- Conversion functions: CAST of BOOL AS STRING is true or false.
SELECT CAST(1 < 2 AS STRING);

-- trunc to the hour: true.
-- Timestamp functions: TIMESTAMP_TRUNC truncates to the beginning of the granularity, in UTC unless told otherwise.
SELECT CAST(TIMESTAMP_TRUNC(TIMESTAMP '2024-02-29 13:59:59.999', HOUR) = TIMESTAMP '2024-02-29 13:00:00' AS STRING);

-- trunc to the day: true.
-- Timestamp functions: TIMESTAMP_TRUNC truncates to the beginning of the granularity, in UTC unless told otherwise.
SELECT CAST(TIMESTAMP_TRUNC(TIMESTAMP '2024-02-29 23:59:59', DAY) = TIMESTAMP '2024-02-29 00:00:00' AS STRING);

-- a timestamp's date is that of UTC: 2024-02-29.
-- Conversion functions: CAST of TIMESTAMP AS DATE is by the default time zone, UTC.
SELECT FORMAT_DATE('%F', CAST(TIMESTAMP '2024-02-29 23:59:59' AS DATE));

-- addHours: true.
-- Timestamp functions: TIMESTAMP_ADD adds units independent of any time zone.
SELECT CAST(TIMESTAMP_ADD(TIMESTAMP '2024-02-29 23:30:00', INTERVAL (-24) HOUR) = TIMESTAMP '2024-02-28 23:30:00' AS STRING);

-- addMinutes: true.
-- Timestamp functions: TIMESTAMP_ADD adds units independent of any time zone.
SELECT CAST(TIMESTAMP_ADD(TIMESTAMP '2024-02-29 23:30:00', INTERVAL (n * 60 + 15) MINUTE) = TIMESTAMP '2024-03-01 01:45:00' AS STRING) FROM (SELECT 2 AS n) AS r;

-- addDays over a leap day: 2024-03-01.
-- Date functions: DATE_ADD adds an interval of days.
SELECT FORMAT_DATE('%F', DATE_ADD(DATE '2024-02-28', INTERVAL (2) DAY));

-- addDays backwards: 2024-02-29.
-- Date functions: DATE_ADD takes a negative interval.
SELECT FORMAT_DATE('%F', DATE_ADD(DATE '2024-03-01', INTERVAL (-1) DAY));

-- addDays takes an expression: 2024-02-29.
-- Date functions: DATE_ADD takes any INT64 expression.
SELECT FORMAT_DATE('%F', DATE_ADD(d, INTERVAL (0 - n - 1) DAY)) FROM (SELECT DATE '2024-03-08' AS d, 7 AS n) AS r;

-- ms of a time: rounding down is dividing: 719161.
-- Timestamp functions: UNIX_MILLIS is the number of milliseconds since 1970-01-01; there were 719,162 days before it.
SELECT CAST(DIV((UNIX_MILLIS(TIMESTAMP '1969-12-31 23:00:00') + 62135596800000), 86400000) AS STRING);

-- sinceYear1 of milliseconds since 1970: true.
-- Timestamp functions: UNIX_MILLIS of a time before 1970-01-01 is negative.
SELECT CAST((-3600000 + 62135596800000) = (UNIX_MILLIS(TIMESTAMP '1969-12-31 23:00:00') + 62135596800000) AS STRING);

-- timeOf: true.
-- Timestamp functions: TIMESTAMP_MILLIS is the inverse of UNIX_MILLIS.
SELECT CAST(TIMESTAMP_MILLIS(d * 86400000 - 62135596800000) = TIMESTAMP '1969-12-31 00:00:00' AS STRING) FROM (SELECT CAST(719161 AS INT64) AS d) AS r;

-- dayNumber: 14238.
-- Date functions: UNIX_DATE(DATE '2008-12-25') is 14238.
SELECT CAST(UNIX_DATE(DATE '2008-12-25') AS STRING);

-- dayNumber before 1970: -1.
-- Date functions: UNIX_DATE is the number of days since 1970-01-01.
SELECT CAST(UNIX_DATE(DATE '1969-12-31') AS STRING);

-- weekday from dayNumber: Monday is 0: 0.
-- Date functions: UNIX_DATE: 1970-01-01 was a Thursday.
SELECT CAST(MOD(UNIX_DATE(DATE '2024-01-01') + 3, 7) AS STRING);

-- dayText pads months and days: 2024-01-02.
-- Format elements: %F is %Y-%m-%d.
SELECT FORMAT_DATE('%F', DATE '2024-01-02');

-- unnest: x1, x2.
-- Query syntax: a CROSS JOIN with UNNEST of the row's own array joins each row to its elements.
WITH r AS (SELECT [1, 2] AS a, 'x' AS b) SELECT CONCAT(s.b, CAST(e AS STRING)) FROM r AS s CROSS JOIN UNNEST(s.a) AS e ORDER BY 1;

-- unnest of structs: x.
-- Query syntax: UNNEST of an array of structs; its alias gives the struct.
WITH r AS (SELECT ARRAY_AGG(STRUCT(n, c) ORDER BY n) AS a FROM (SELECT 7 AS n, 'x' AS c) AS q) SELECT e.c FROM r AS s CROSS JOIN UNNEST(s.a) AS e WHERE e.n = 7;

-- unnest of no or an empty array gives no row: 1.
-- Query syntax: UNNEST treats NULL and empty arrays alike: zero rows.
WITH r AS (SELECT [1] AS a UNION ALL SELECT NULL UNION ALL SELECT []) SELECT CAST(e AS STRING) FROM r AS s CROSS JOIN UNNEST(s.a) AS e;

-- unnestDays includes both ends: 2024-02-28, 2024-02-29, 2024-03-01.
-- Array functions: GENERATE_DATE_ARRAY: start_date and end_date determine the inclusive start and end.
WITH r AS (SELECT DATE '2024-02-28' AS f) SELECT FORMAT_DATE('%F', d) FROM r AS s CROSS JOIN UNNEST(GENERATE_DATE_ARRAY(f, DATE_ADD(f, INTERVAL (2) DAY))) AS d ORDER BY 1;

-- unnestDays backwards gives no row: .
-- Array functions: GENERATE_DATE_ARRAY is empty where start_date is after end_date.
WITH r AS (SELECT DATE '2024-02-28' AS f) SELECT FORMAT_DATE('%F', d) FROM r AS s CROSS JOIN UNNEST(GENERATE_DATE_ARRAY(f, DATE_ADD(f, INTERVAL (-1) DAY))) AS d;

-- unnestInts includes both ends: x0, x1, x2.
-- Array functions: GENERATE_ARRAY: start_expression and end_expression determine the inclusive start and end.
WITH r AS (SELECT 'x' AS b) SELECT CONCAT(b, CAST(n AS STRING)) FROM r AS s CROSS JOIN UNNEST(GENERATE_ARRAY(0, 2)) AS n ORDER BY 1;

-- values above zero, sorted by metric and horizon: a 7d 2, b 1h 2, b 5m 2.
-- Array functions: ARRAY(subquery ORDER BY) is ordered; a WHERE that is NULL drops the row.
SELECT CONCAT(v.metric, ' ', v.horizon, v.class, ' ', CAST(CAST(v.value AS INT64) AS STRING)) FROM (SELECT ARRAY(SELECT entry FROM UNNEST([STRUCT('a' AS metric, '1h' AS horizon, '' AS class, CAST(y AS FLOAT64) AS value),
    STRUCT('a' AS metric, '7d' AS horizon, '' AS class, CAST(x AS FLOAT64) AS value),
    STRUCT('b' AS metric, '1h' AS horizon, '' AS class, CAST(x AS FLOAT64) AS value),
    STRUCT('b' AS metric, '5m' AS horizon, '' AS class, CAST(x AS FLOAT64) AS value),
    STRUCT('c' AS metric, '5m' AS horizon, '' AS class, CAST(z AS FLOAT64) AS value)]) AS entry WHERE entry.value > 0 ORDER BY entry.metric, entry.horizon) AS list FROM (SELECT 2 AS x, 0 AS y, NULLIF(1, 1) AS z) AS q) AS r CROSS JOIN UNNEST(r.list) AS v;

-- concat of arrays: 1, 2, 3.
-- Array functions: ARRAY_CONCAT joins arrays in the order given.
WITH r AS (SELECT ARRAY_CONCAT([1, 2], [3]) AS a) SELECT CAST(e AS STRING) FROM r AS s CROSS JOIN UNNEST(s.a) AS e ORDER BY 1;

-- countIf: 1.
-- Aggregate functions: COUNT(expression) counts what is not NULL; CASE without ELSE is NULL.
SELECT CAST(COUNT(CASE WHEN x THEN 1 END) AS STRING) FROM (SELECT TRUE AS x UNION ALL SELECT FALSE UNION ALL SELECT NULL) AS r;

-- last: 2.
-- Operators: SAFE_ORDINAL begins at one.
SELECT CAST(a[SAFE_ORDINAL(ARRAY_LENGTH(a))] AS STRING) FROM (SELECT [3, 1, 2] AS a) AS r;

-- last of none is NULL: false, true.
-- Operators: SAFE_ORDINAL returns NULL where the index is out of range.
SELECT CAST(a[SAFE_ORDINAL(ARRAY_LENGTH(a))] IS NULL AS STRING) FROM (SELECT [1] AS a UNION ALL SELECT []) AS r ORDER BY 1;

-- structs are sorted and named: 30a.
-- Aggregate functions: ARRAY_AGG with ORDER BY gives the elements in that order.
SELECT CONCAT(CAST(e.n AS STRING), e.name) FROM (SELECT a[SAFE_ORDINAL(ARRAY_LENGTH(a))] AS e FROM (SELECT ARRAY_AGG(STRUCT(n, name) ORDER BY n) AS a FROM (SELECT 'b' AS name, 2 AS n UNION ALL SELECT 'a', 30 UNION ALL SELECT 'c', 4) AS r) AS s) AS t;

-- quantiles of the documentation's example: 5 9.
-- Approximate aggregate functions: APPROX_QUANTILES(x, 2) of 1 1 1 4 5 6 7 8 9 10 is [1, 5, 10], and element 90 of 100 is 9: rank ceil(q n), which small groups have exactly by ARRAY_AGG with ORDER BY.
WITH r AS (SELECT [1, 1, 1, 4, 5, 6, 7, 8, 9, 10] AS a) SELECT CONCAT(CAST(IF(q.n <= 1000, q.least[SAFE_ORDINAL(CAST(CEIL(q.n * 500 / 1000) AS INT64))], q.approx[OFFSET(500)]) AS STRING), ' ', CAST(IF(q.n <= 1000, q.least[SAFE_ORDINAL(CAST(CEIL(q.n * 900 / 1000) AS INT64))], q.approx[OFFSET(900)]) AS STRING)) FROM (SELECT STRUCT(COUNT(x) AS n, ARRAY_AGG(x IGNORE NULLS ORDER BY x LIMIT 1000) AS least, APPROX_QUANTILES(x, 1000) AS approx) AS q FROM r AS s CROSS JOIN UNNEST(s.a) AS x) AS t;

-- quantiles of four: rank ceil(0.5 n), and the largest: 2 40 40.
-- Aggregate functions: ARRAY_AGG with ORDER BY is exact; CEIL of 3.96 is 4.
WITH r AS (SELECT [1, 2, 30, 40] AS a) SELECT CONCAT(CAST(IF(q.n <= 1000, q.least[SAFE_ORDINAL(CAST(CEIL(q.n * 500 / 1000) AS INT64))], q.approx[OFFSET(500)]) AS STRING), ' ', CAST(IF(q.n <= 1000, q.least[SAFE_ORDINAL(CAST(CEIL(q.n * 990 / 1000) AS INT64))], q.approx[OFFSET(990)]) AS STRING), ' ', CAST(IF(q.n <= 1000, q.least[SAFE_ORDINAL(CAST(CEIL(q.n * 999 / 1000) AS INT64))], q.approx[OFFSET(999)]) AS STRING)) FROM (SELECT STRUCT(COUNT(x) AS n, ARRAY_AGG(x IGNORE NULLS ORDER BY x LIMIT 1000) AS least, APPROX_QUANTILES(x, 1000) AS approx) AS q FROM r AS s CROSS JOIN UNNEST(s.a) AS x) AS t;

-- quantiles leave NULL out: 3.
-- Aggregate functions: ARRAY_AGG with IGNORE NULLS and COUNT of an expression leave NULL out, as APPROX_QUANTILES does.
SELECT CAST(IF(q.n <= 1000, q.least[SAFE_ORDINAL(CAST(CEIL(q.n * 500 / 1000) AS INT64))], q.approx[OFFSET(500)]) AS STRING) FROM (SELECT STRUCT(COUNT(x) AS n, ARRAY_AGG(x IGNORE NULLS ORDER BY x LIMIT 1000) AS least, APPROX_QUANTILES(x, 1000) AS approx) AS q FROM (SELECT 3 AS x UNION ALL SELECT NULL) AS r) AS t;

-- exactQuantile: rank ceil(0.95 n): 19.
-- Aggregate functions: ARRAY_AGG with ORDER BY is exact; CEIL of a FLOAT64 quotient that is whole is that number.
WITH r AS (SELECT 1 AS one) SELECT CAST(ARRAY_AGG(x ORDER BY x)[ORDINAL(CAST(CEIL(COUNT(*) * 950 / 1000) AS INT64))] AS STRING) FROM r AS s CROSS JOIN UNNEST(GENERATE_ARRAY(1, 20)) AS x;

-- exactQuantile of nineteen is the largest: 19.
-- Mathematical functions: CEIL returns the smallest integral value that is not less: of 18.05, 19.
WITH r AS (SELECT 1 AS one) SELECT CAST(ARRAY_AGG(x ORDER BY x)[ORDINAL(CAST(CEIL(COUNT(*) * 950 / 1000) AS INT64))] AS STRING) FROM r AS s CROSS JOIN UNNEST(GENERATE_ARRAY(1, 19)) AS x;

-- largest: 7.
-- Aggregate functions: ARRAY_AGG with ORDER BY and LIMIT keeps the first of the order.
SELECT CAST(ARRAY_AGG(x ORDER BY x DESC LIMIT 2)[SAFE_ORDINAL(2)] AS STRING) FROM (SELECT 5 AS x UNION ALL SELECT 9 UNION ALL SELECT 7) AS r;

-- largest counts equals: 9.
-- Aggregate functions: ARRAY_AGG keeps duplicates unless told otherwise.
SELECT CAST(ARRAY_AGG(x ORDER BY x DESC LIMIT 2)[SAFE_ORDINAL(2)] AS STRING) FROM (SELECT 9 AS x UNION ALL SELECT 9 UNION ALL SELECT 7) AS r;

-- largest of too few is NULL: true.
-- Operators: SAFE_ORDINAL returns NULL where the index is out of range.
SELECT CAST(ARRAY_AGG(x ORDER BY x DESC LIMIT 2)[SAFE_ORDINAL(2)] IS NULL AS STRING) FROM (SELECT 5 AS x) AS r;

-- hash01 keeps the unsigned order: 0, 25, 75.
-- Conversion functions: CAST of INT64 AS FLOAT64 is close but may be inexact: of the first 53 bits it is exact.
SELECT CAST(CAST((CAST(h AS FLOAT64) / 18446744073709551616.0 + CASE WHEN h < 0 THEN 1.0 ELSE 0.0 END) * 100 AS INT64) AS STRING) FROM (SELECT CAST(4611686018427387904 AS INT64) AS h UNION ALL SELECT CAST(-4611686018427387904 AS INT64) UNION ALL SELECT CAST(0 AS INT64)) AS r ORDER BY 1;

-- least with a NULL is not asked for: 3.
-- Mathematical functions: LEAST is NULL if any argument is, and DuckDB's is not: arguments must not be NULL.
SELECT CAST(LEAST(COALESCE(x, 9), 3) AS STRING) FROM (SELECT CAST(NULL AS INT64) AS x) AS r;

-- MAX of no rows is NULL: true.
-- Aggregate functions: MAX of zero rows is NULL.
SELECT CAST(MAX(x) IS NULL AS STRING) FROM (SELECT 1 AS x) AS r WHERE x > 1;

-- hours of a timestamp: 13.
-- Timestamp functions: EXTRACT, in UTC unless told otherwise.
SELECT CAST(EXTRACT(HOUR FROM TIMESTAMP '2024-02-29 13:59:59') AS STRING);

-- a week's running sum: 1, 11, 110.
-- Window function calls: RANGE goes by the value of the ordering column.
SELECT CAST(CAST(s AS INT64) AS STRING) FROM (SELECT d, SUM(v) OVER (ORDER BY UNIX_DATE(d) RANGE BETWEEN 6 PRECEDING AND CURRENT ROW) AS s FROM (SELECT DATE '2024-01-01' AS d, 1 AS v UNION ALL SELECT DATE '2024-01-07', 10 UNION ALL SELECT DATE '2024-01-08', 100) AS r) AS t ORDER BY d;

-- memory in days and milliseconds: 0.
-- Operators: the product of INT64 is INT64.
SELECT CAST(3024000000 - 86400000 * CAST(35 AS INT64) AS STRING);

-- lists of names: a, b.
-- Lexical structure: a string literal is in single quotes.
SELECT 'a, b';
