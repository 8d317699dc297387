-- Rendered from schemas/sql and the protos by go generate ./schemas. Do not edit.

-- The latest anomalies with the verdict and what was done: the first thing to ask the warehouse. Parameter: how_many.
SELECT a.time, a.id AS anomaly_id, a.org_id, a.user_id, a.type, a.severity, a.evidence.signal AS signal,
  a.evidence.observed AS observed, a.evidence.threshold AS threshold, a.summary,
  d.outcome, d.mode, d.reason, r.sessions_reset
FROM `aer.anomalies_v` AS a
LEFT JOIN `aer.decisions_v` AS d ON d.anomaly_id = a.id
LEFT JOIN `aer.responses_v` AS r ON r.decision_id = d.id
ORDER BY a.time DESC, a.id
LIMIT @how_many
