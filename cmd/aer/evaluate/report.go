// SPDX-License-Identifier: Apache-2.0

package evaluate

import "time"

// Report is the result of an evaluation. Rates are fractions, durations seconds.
type Report struct {
	Events      int           `json:"events"`
	Accounts    int           `json:"accounts"`
	Anomalies   int           `json:"anomalies"`
	Decided     bool          `json:"decided"`
	Outside     int           `json:"incidents_outside_period"`
	Attacks     []KindRow     `json:"attacks"`
	AllAttacks  KindRow       `json:"all_attacks"`
	LookAlikes  []KindRow     `json:"look_alikes"`
	AllLookLike KindRow       `json:"all_look_alikes"`
	Background  Background    `json:"background"`
	Common      Common        `json:"common_cause"`
	Detectors   []DetectorRow `json:"detectors"`
	All         DetectorRow   `json:"all_detectors"`
	Missed      []Incident    `json:"missed"`
	False       []FalseAlarm  `json:"false_alarms"`
	// Feedback is nil if none was given.
	Feedback *FeedbackReport `json:"feedback,omitempty"`
}

// KindRow is the score of one kind of incident. For look-alikes Found counts those with an alarm, which are faults.
type KindRow struct {
	Kind       string  `json:"kind"`
	Incidents  int     `json:"incidents"`
	Found      int     `json:"found"`
	Rate       float64 `json:"rate"`
	Responds   int     `json:"would_respond"`
	DetectP50S float64 `json:"time_to_detect_p50_s"`
	DetectP95S float64 `json:"time_to_detect_p95_s"`
	// ByType is the number of incidents in which each type of anomaly was raised, expected or not.
	ByType map[string]int `json:"incidents_by_type,omitempty"`
	// DetectS are all times to detect in rising order.
	DetectS []float64 `json:"times_to_detect_s"`
	Crossed
	detect []time.Duration
}

// Crossed is the time to detect since the threshold was truly crossed, of the incidents found whose truth says when.
type Crossed struct {
	Known   int     `json:"found_with_crossing_known"`
	P50S    float64 `json:"since_crossing_p50_s"`
	P95S    float64 `json:"since_crossing_p95_s"`
	crossed []time.Duration
}

// Background counts alarms in user-days that belong to no incident. One alarm a user, day and type counts.
type Background struct {
	UserDays     int     `json:"user_days"`
	FalseAlarms  int     `json:"false_alarms"`
	Responds     int     `json:"would_respond"`
	LogOnly      int     `json:"log_only"`
	Per10k       float64 `json:"per_10k_user_days"`
	RespondPer10 float64 `json:"would_respond_per_10k_user_days"`
	LogPer10k    float64 `json:"log_only_per_10k_user_days"`
}

// Common counts what was taken for a change of an organisation's environment (COMMON_CAUSE): neither an alarm of an
// attack nor a false one, wherever it falls.
type Common struct {
	// Notices to the admins, and the findings that they and what they stopped consist of.
	Notices  int `json:"notices"`
	Findings int `json:"findings"`
}

// DetectorRow is the score of one anomaly type.
type DetectorRow struct {
	Type string `json:"type"`
	// Attacks that expect this type, and how many of those this type found.
	Expected   int     `json:"expected"`
	Found      int     `json:"found"`
	Recall     float64 `json:"recall"`
	DetectP50S float64 `json:"time_to_detect_p50_s"`
	DetectP95S float64 `json:"time_to_detect_p95_s"`
	// All alarms, and where they fell.
	Alarms      int     `json:"alarms"`
	Right       int     `json:"in_attack_that_expects_it"`
	Wrong       int     `json:"in_attack_that_does_not"`
	LookAlike   int     `json:"in_look_alike"`
	Background  int     `json:"in_background"`
	Unscored    int     `json:"unscored"`
	Precision   float64 `json:"share_in_right_attack"`
	FalseDays   int     `json:"false_user_days"`
	RespondDays int     `json:"would_respond_user_days"`
	Per10k      float64 `json:"per_10k_user_days"`
	Near        int     `json:"within_10_percent_of_threshold"`
	// LookAlikes are the look-alikes in which the type was raised.
	LookAlikes int `json:"look_alikes_alarmed"`
	// The false user-days again, by what default settings (or the decisions given) would have done.
	RespondPer10k float64 `json:"would_respond_per_10k_user_days"`
	LogPer10k     float64 `json:"log_only_per_10k_user_days"`
	NearShare     float64 `json:"share_within_10_percent_of_threshold"`
	// RightShare is the share of those in attacks that are of a type the attack expects.
	RightShare float64 `json:"share_right_of_those_in_attacks"`
	// Outcomes counts the decisions about its alarms.
	Outcomes map[string]int `json:"decisions,omitempty"`
	Crossed
	detect []time.Duration
}

// FalseAlarm is an alarm in a look-alike or in the background.
type FalseAlarm struct {
	AnomalyID string    `json:"anomaly_id"`
	Type      string    `json:"type"`
	OrgID     string    `json:"org_id"`
	UserID    string    `json:"user_id"`
	Time      time.Time `json:"time"`
	Where     string    `json:"where"`
	Responds  bool      `json:"would_respond"`
	Outcome   string    `json:"outcome,omitempty"`
	Evidence  string    `json:"evidence"`
	Signal    string    `json:"signal"`
	Threshold float64   `json:"threshold"`
}
