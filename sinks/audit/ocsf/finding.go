// SPDX-License-Identifier: Apache-2.0

package ocsf

import (
	"cmp"
	"strconv"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

type finding struct {
	base
	FindingInfo     findingInfo       `json:"finding_info"`
	ConfidenceID    int               `json:"confidence_id"`
	Confidence      string            `json:"confidence"`
	ConfidenceScore int               `json:"confidence_score"`
	IsAlert         bool              `json:"is_alert"`
	StartTime       int64             `json:"start_time,omitempty"`
	EndTime         int64             `json:"end_time,omitempty"`
	Evidences       []evidence        `json:"evidences"`
	AnomalyAnalyses []anomalyAnalysis `json:"anomaly_analyses,omitempty"`
}

type findingInfo struct {
	UID          string         `json:"uid"`
	Title        string         `json:"title"`
	Desc         string         `json:"desc,omitempty"`
	Types        []string       `json:"types"`
	Analytic     analytic       `json:"analytic"`
	CreatedTime  int64          `json:"created_time,omitempty"`
	LastSeenTime int64          `json:"last_seen_time,omitempty"`
	Related      []relatedEvent `json:"related_events,omitempty"`
}

type analytic struct {
	Name   string `json:"name"`
	TypeID int    `json:"type_id"`
	Type   string `json:"type"`
	UID    string `json:"uid"`
}

type relatedEvent struct {
	UID string `json:"uid"`
}

type evidence struct {
	Name        string           `json:"name"`
	Actor       actor            `json:"actor"`
	SrcEndpoint *endpoint        `json:"src_endpoint,omitempty"`
	HTTPRequest *httpRequest     `json:"http_request,omitempty"`
	JA4         []ja4Fingerprint `json:"ja4_fingerprint_list,omitempty"`
}

type actor struct {
	User    *user    `json:"user,omitempty"`
	Session *session `json:"session,omitempty"`
	AppName string   `json:"app_name,omitempty"`
	AppUID  string   `json:"app_uid,omitempty"`
}

type ja4Fingerprint struct {
	TypeID int    `json:"type_id"`
	Type   string `json:"type"`
	Value  string `json:"value"`
}

type anomalyAnalysis struct {
	AnalysisTargets []analysisTarget `json:"analysis_targets"`
	Anomalies       []measured       `json:"anomalies"`
	Baselines       []measured       `json:"baselines"`
}

type analysisTarget struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// measured is an anomaly or a baseline: both have the same attributes.
type measured struct {
	ObservationType      string        `json:"observation_type"`
	ObservationParameter string        `json:"observation_parameter"`
	Observations         []observation `json:"observations"`
}

type observation struct {
	Value string `json:"value"`
	Count uint32 `json:"count,omitempty"`
}

// titles are short titles by type of anomaly.
var titles = map[string]string{
	aerv1.TypeTor:                     "Use through the Tor network",
	aerv1.TypeSessionFingerprint:      "A session used by another client",
	aerv1.TypeUnexpectedUserAgent:     "An unexpected client",
	aerv1.TypeSpoofedUserAgent:        "A client that pretends to be another",
	aerv1.TypeUnexpectedScraping:      "Automated collection of content",
	aerv1.TypeExcessiveDownloads:      "Excessive downloads",
	aerv1.TypeUnexpectedAPICallVolume: "Unexpected API calls",
}

// Finding renders an anomaly as a Detection Finding.
func Finding(a *aerv1.Anomaly) ([]byte, error) {
	f := finding{base: newBase(classDetectionFinding, categoryFindings, activityCreate, "Detection Finding",
		"Findings", "Create")}
	at := a.GetKnownAt()
	if at == nil {
		at = a.GetTime()
	}
	f.Time, f.Message, f.StatusID, f.Status = millis(at), text(a.GetSummary()), statusNew, "New"
	f.SeverityID, f.Severity = severity(a.GetSeverity())
	f.Metadata.UID, f.Metadata.CorrelationUID, f.Metadata.TenantUID = uid(a.GetOrgId(), "finding", a.GetId()),
		text(a.GetId()), text(a.GetOrgId())
	f.ConfidenceScore = score(a.GetConfidence())
	f.ConfidenceID, f.Confidence = confidence(f.ConfidenceScore)
	f.IsAlert = !a.GetLogOnly()
	f.StartTime, f.EndTime = millis(a.GetWindow().GetStart()), millis(a.GetWindow().GetEnd())
	f.FindingInfo = infoOf(a)
	f.Evidences = []evidence{evidenceOf(a)}
	f.AnomalyAnalyses = analysesOf(a)
	f.Unmapped = map[string]any{"reasons": texts(a.GetReasons()), "episode_key": text(a.GetEpisodeKey()),
		"formula": text(a.GetEvidence().GetFormulaFilled())}
	return encode(f)
}

// score is a confidence of 0 to 1 in hundredths; what is no number is 0.
func score(confidence float64) int {
	if !(confidence > 0) {
		return 0
	}
	return int(min(confidence, 1)*100 + 0.5)
}

// confidence in the thirds of OCSF's confidence_id.
func confidence(score int) (int, string) {
	switch {
	case score >= 67:
		return 3, "High"
	case score >= 34:
		return 2, "Medium"
	}
	return 1, "Low"
}

func infoOf(a *aerv1.Anomaly) findingInfo {
	title := titles[a.GetType()]
	if title == "" {
		title = "Unusual activity"
	}
	kind := cmp.Or(text(a.GetType()), unknown)
	info := findingInfo{
		UID: cmp.Or(text(a.GetId()), uid(a.GetOrgId(), "finding", "")), Title: title, Desc: text(a.GetSummary()),
		Types:       []string{kind},
		Analytic:    analytic{Name: kind, UID: kind, TypeID: 2, Type: "Behavioral"},
		CreatedTime: millis(a.GetKnownAt()), LastSeenTime: millis(a.GetTime()),
	}
	for _, id := range a.GetEventIds() {
		if id != "" {
			info.Related = append(info.Related, relatedEvent{text(id)})
		}
	}
	return info
}

func evidenceOf(a *aerv1.Anomaly) evidence {
	c := a.GetEvidence().GetClient()
	e := evidence{
		Name:        "client as seen",
		Actor:       actor{User: userOf(a.GetUserId(), "", "", a.GetOrgId(), a.GetUserType())},
		SrcEndpoint: endpointOf(c.GetIp(), c.GetCountry(), c.GetAsn()),
		HTTPRequest: requestOf(c.GetUserAgent()),
	}
	if ids := a.GetSessionIds(); len(ids) > 0 && ids[0] != "" {
		e.Actor.Session = &session{UID: text(ids[0]), CreatedTime: millis(a.GetSessionStartedAt())}
	}
	if j := c.GetJa4(); j != "" {
		e.JA4 = []ja4Fingerprint{{TypeID: ja4TypeID, Type: "JA4", Value: text(j)}}
	}
	return e
}

// analysesOf sets what was observed against what is normal; nothing if the finding is not a measurement.
func analysesOf(a *aerv1.Anomaly) []anomalyAnalysis {
	e := a.GetEvidence()
	if e.GetSignal() == "" {
		return nil
	}
	parameter := text(e.GetSignal())
	value := func(f float64) string { return strconv.FormatFloat(f, 'g', 6, 64) }
	baselines := []observation{{Value: value(e.GetThreshold()), Count: e.GetBaselineN()}}
	for _, row := range e.GetBaselineRows() {
		if row != "" {
			baselines = append(baselines, observation{Value: text(row)})
		}
	}
	return []anomalyAnalysis{{
		AnalysisTargets: []analysisTarget{{Name: cmp.Or(text(a.GetUserId()), unknown), Type: "User Account"}},
		Anomalies: []measured{{"Volume Analysis", parameter,
			[]observation{{Value: value(e.GetObserved()), Count: a.GetCount()}}}},
		Baselines: []measured{{"Volume Analysis", parameter, baselines}},
	}}
}

func texts(all []string) (out []string) {
	for _, s := range all {
		out = append(out, text(s))
	}
	return out
}
