// SPDX-License-Identifier: Apache-2.0

package warehouse

import (
	"fmt"
	"strconv"
	"time"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Table names one table of the warehouse.
type Table string

// The tables, in the order in which data flows through them.
const (
	Activity             Table = "activity"
	ActivityHourly       Table = "activity_hourly"
	ActivityDaily        Table = "activity_daily"
	BaselinesOrg         Table = "baselines_org"
	BaselinesUser        Table = "baselines_user"
	BaselinesFingerprint Table = "baselines_fingerprint"
	BaselinesMethod      Table = "baselines_method"
	BaselinesClient      Table = "baselines_client"
	BaselinesHour        Table = "baselines_hour"
	BaselinesLive        Table = "baselines_live"
	BaselinesUserClient  Table = "baselines_user_client"
	BaselinesUserNetwork Table = "baselines_user_network"
	BaselinesVersion     Table = "baselines_version"
	Findings             Table = "findings"
	Anomalies            Table = "anomalies"
	Decisions            Table = "decisions"
	Responses            Table = "responses"
	Feedback             Table = "feedback"
	Notifications        Table = "notifications"
	AuditLog             Table = "audit_log"
	DeadLetters          Table = "dead_letters"
)

// Spec says what a table holds and how it is laid out. The columns follow from the proto: see Columns.
type Spec struct {
	Name Table
	// Doc is one sentence for people.
	Doc string
	// Message is the type of the rows. Member, if set, names the message field whose own fields become columns after the
	// others: the other message fields of a BaselineRow are left out.
	Message proto.Message
	Member  string
	// Derived are columns computed from a row's message; they come first.
	Derived []Derived
	// Time is the TIMESTAMP column whose UTC day is the partition.
	Time string
	// Cluster are the columns rows are kept together by.
	Cluster []string
	// Key identifies a row. Delivery is at least once: the view <name>_v keeps one row per key. Time is part of the key
	// where the content determines it, so that a filter on time still prunes partitions through the view.
	Key []string
	// Latest, if set, is the column by which the copy to keep is chosen: the greatest. Without it all copies are equal.
	Latest string
}

// Derived is a column that is not a field of the message.
type Derived struct {
	Name string
	Kind Kind
	Doc  string
	// Value computes the column: a string, an int64 or a time.Time in UTC; nil is NULL.
	Value func(proto.Message) (any, error)
}

// View is the name of the view without duplicates.
func (s Spec) View() string { return string(s.Name) + "_v" }

// Specs lists every table in the order of the constants. The messages in it are shared and must not be changed.
func Specs() []Spec { return specs }

// SpecOf looks a table up.
func SpecOf(t Table) (Spec, error) {
	for _, s := range specs {
		if s.Name == t {
			return s, nil
		}
	}
	return Spec{}, fmt.Errorf("unknown warehouse table %q", string(t))
}

var specs = []Spec{
	{Name: Activity,
		Doc:     "What one user did in one short window. Retained as the history that baselines are derived from.",
		Message: &aerv1.Slice{}, Time: "time", Cluster: []string{"org_id", "user_id"}, Key: []string{"id", "time"},
		Derived: []Derived{
			{Name: "id", Kind: KindString,
				Doc:   "UUIDv5 of the slice's content: a late pane of the same window is another row, a repeated delivery is not.",
				Value: sliceID},
			{Name: "time", Kind: KindTimestamp, Doc: "Start of the window.", Value: sliceTime},
		}},
	{Name: ActivityHourly, Doc: "What one user did in one hour, from activity.",
		Message: &aerv1.ActivityHour{}, Time: "hour", Cluster: []string{"org_id", "user_id"},
		Key: []string{"org_id", "user_id", "hour"}},
	{Name: ActivityDaily,
		Doc:     "What one user did on one day, from activity and activity_hourly: what baselines are made of.",
		Message: &aerv1.ActivityDay{}, Time: "day", Cluster: []string{"org_id", "user_id"},
		Key: []string{"org_id", "user_id", "day"}},
	baselineSpec(BaselinesOrg, "org", "Distribution of a metric over the people of an organisation.", "org_id", "metric",
		"horizon", "class"),
	baselineSpec(BaselinesUser, "user", "Distribution of a metric over the days of one person.", "org_id", "user_id",
		"metric", "horizon", "class"),
	baselineSpec(BaselinesFingerprint, "fingerprint",
		"TLS fingerprints seen under each claimed client family.", "family", "ja4"),
	baselineSpec(BaselinesMethod, "method", "API methods called in an organisation, by class of client.", "org_id",
		"class", "method"),
	baselineSpec(BaselinesClient, "client", "Client families seen in an organisation.", "org_id", "family"),
	baselineSpec(BaselinesHour, "hour", "What an organisation does in each hour of the week.", "org_id",
		"metric", "hour_of_week"),
	{Name: BaselinesLive, Doc: "How an organisation's day, as far as it is over, compares with what was expected of it.",
		Message: &aerv1.BaselineLive{}, Time: "valid_from", Cluster: []string{"org_id"},
		Key: []string{"version", "valid_from", "org_id", "metric"}},
	baselineSpec(BaselinesUserClient, "user_client", "Client families that a person is known by.", "org_id",
		"user_id", "family"),
	baselineSpec(BaselinesUserNetwork, "user_network", "Networks that a person is known by.", "org_id", "user_id", "asn"),
	baselineSpec(BaselinesVersion, "info", "The versions that are complete. Written with a version's last rows."),
	{Name: Findings,
		Doc: "All that detectors found, also what was folded into an anomaly or only hints: what decisions remember " +
			"follows from it.",
		Message: &aerv1.Anomaly{}, Time: "known_at", Cluster: []string{"org_id", "user_id"}, Key: []string{"id", "known_at"}},
	{Name: Anomalies, Doc: "Findings with their evidence, each told once.",
		Message: &aerv1.Anomaly{}, Time: "time", Cluster: []string{"org_id", "user_id"},
		Key: []string{"id", "time"}, Latest: "count"},
	{Name: Decisions, Doc: "The verdict on each anomaly, also when nothing is done.",
		Message: &aerv1.Decision{}, Time: "time", Cluster: []string{"org_id", "user_id"}, Key: []string{"id", "time"}},
	{Name: Responses, Doc: "What was done about a decision.",
		Message: &aerv1.Response{}, Time: "done_at", Cluster: []string{"org_id", "user_id"}, Key: []string{"id"},
		Latest: "done_at"},
	{Name: Feedback, Doc: "What people found anomalies to be.",
		Message: &aerv1.Feedback{}, Time: "time", Cluster: []string{"org_id", "user_id"}, Key: []string{"id", "time"}},
	{Name: Notifications, Doc: "Messages to people.",
		Message: &aerv1.Notification{}, Time: "time", Cluster: []string{"org_id", "user_id"}, Key: []string{"id"}},
	{Name: AuditLog, Doc: "Audit entries that AER wrote.",
		Message: &aerv1.AuditEntry{}, Time: "time", Cluster: []string{"org_id"}, Key: []string{"id", "time"},
		Derived: []Derived{
			{Name: "time", Kind: KindTimestamp, Doc: "date_create as a timestamp.", Value: auditTime},
			{Name: "org_id", Kind: KindString, Doc: "The organisation: context.location.id.", Value: auditOrg},
		}},
	{Name: DeadLetters, Doc: "Input that could not become an event.",
		Message: &aerv1.DeadLetter{}, Time: "received_at", Cluster: []string{"reason"}, Key: []string{"id"},
		Latest: "received_at"},
}

func baselineSpec(name Table, member, doc string, key ...string) Spec {
	cluster := []string{"version"}
	if len(key) > 0 {
		cluster = key[:1]
	}
	return Spec{Name: name, Doc: doc, Message: &aerv1.BaselineRow{}, Member: member, Time: "valid_from",
		Cluster: cluster, Key: append([]string{"version", "valid_from"}, key...)}
}

// sliceID hashes the whole content. Counting fields alone would merge two late panes that look alike.
func sliceID(m proto.Message) (any, error) {
	s := m.(*aerv1.Slice)
	raw, err := s.MarshalVT() // deterministic: a slice has no maps
	if err != nil {
		return nil, fmt.Errorf("hashing slice of %s at %d: %w", s.UserId, s.WindowStartMs, err)
	}
	return aerv1.NewID("slice", s.OrgId, s.UserId, strconv.FormatInt(s.WindowStartMs, 10), string(raw)), nil
}

func sliceTime(m proto.Message) (any, error) {
	return time.UnixMilli(m.(*aerv1.Slice).WindowStartMs).UTC(), nil
}

func auditTime(m proto.Message) (any, error) {
	return time.Unix(int64(m.(*aerv1.AuditEntry).DateCreate), 0).UTC(), nil
}

func auditOrg(m proto.Message) (any, error) {
	return m.(*aerv1.AuditEntry).GetContext().GetLocation().GetId(), nil
}
