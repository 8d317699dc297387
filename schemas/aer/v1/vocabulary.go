// SPDX-License-Identifier: Apache-2.0

// Package aerv1 holds AER's messages, generated from the protos beside it, and the words that their string fields use.
package aerv1

import (
	"strings"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// Anomaly types (Anomaly.type), which are also the names of the detectors and the keys of Settings.detectors.
const (
	TypeTor                     = "tor"
	TypeSessionFingerprint      = "session_fingerprint"
	TypeUnexpectedUserAgent     = "unexpected_user_agent"
	TypeSpoofedUserAgent        = "spoofed_user_agent"
	TypeUnexpectedScraping      = "unexpected_scraping"
	TypeExcessiveDownloads      = "excessive_downloads"
	TypeUnexpectedAPICallVolume = "unexpected_api_call_volume"
)

// AnomalyTypes lists every anomaly type in the order of tables and help.
var AnomalyTypes = []string{
	TypeTor, TypeSessionFingerprint, TypeUnexpectedUserAgent, TypeSpoofedUserAgent,
	TypeUnexpectedScraping, TypeExcessiveDownloads, TypeUnexpectedAPICallVolume,
}

// Outcomes of an event (Event.outcome); empty is unknown.
const (
	OutcomeOK          = "ok"
	OutcomeDenied      = "denied"
	OutcomeError       = "error"
	OutcomeRateLimited = "rate_limited"
)

// Kinds of user (Event.user_type, Person.type); empty is unknown.
const (
	UserMember   = "member"
	UserGuest    = "guest"
	UserExternal = "external"
	UserBot      = "bot"
)

// Who acted, and how that is known (Event.actor_kind). Slices, anomalies and decisions leave ActorSignedIn out: what
// they say nothing about is the person's own.
const (
	// ActorSignedIn: the person, in a session. Only this may cost the account its sessions.
	ActorSignedIn = "signed_in"
	// ActorAttempt: refused, denied or not signed in. Whoever it was is not known to be the person.
	ActorAttempt = "attempt"
	// ActorApp: a program acting under the person's name.
	ActorApp = "app"
	// ActorSystem: the platform's back end and its placeholder users.
	ActorSystem = "system"
	// ActorRecord: something that was done to the user.
	ActorRecord = "record"
)

// Kinds of new things (NewThing.kind): a TLS fingerprint; a network, by its AS or, where that is unknown, its address
// range; a program with its version; an API method.
const (
	NewJA4    = "ja4"
	NewASN    = "asn"
	NewAgent  = "agent"
	NewMethod = "method"
)

// newThingsOfSigns says which kind of new thing a sign (Sign.code) is about.
var newThingsOfSigns = map[string]string{
	"ja4_changed":                    NewJA4,
	"fingerprint_unknown_for_family": NewJA4,
	"tls_start_unknown_for_family":   NewJA4,
	"tls_start_of_library":           NewJA4,
	"own_client_speaks_otherwise":    NewJA4,
	"asn_new":                        NewASN,
	"asn_hosting":                    NewASN,
	"country_new":                    NewASN,
	"place_new":                      NewASN,
	"fork_network":                   NewASN,
	"network_new":                    NewASN,
	"network_of_servers":             NewASN,
	"fingerprint_of_library":         NewJA4,
	"http2_not_offered":              NewJA4,
	"ja3_changed":                    NewJA4,
	"client_new":                     NewAgent,
	"version_downgrade":              NewAgent,
	"family_changed":                 NewAgent,
}

// NewThingOfSign is the kind of new thing that a sign is about; empty for those about the device, the system or a
// cookie, which are nothing that an organisation could share.
func NewThingOfSign(code string) string { return newThingsOfSigns[code] }

// ActorKinds lists them in the order of tables and help.
var ActorKinds = []string{ActorSignedIn, ActorAttempt, ActorApp, ActorSystem, ActorRecord}

// What an organisation lets become of findings about apps (Settings.apps).
const (
	AppsOff     = "off"
	AppsLog     = "log"
	AppsRespond = "respond"
)

// Classes of client (ClientFacts.class).
const (
	ClassOfficial  = "official"
	ClassBrowser   = "browser"
	ClassMobileApp = "mobile_app"
	ClassLibrary   = "library"
	ClassHeadless  = "headless"
	ClassBot       = "bot"
	ClassOther     = "other"
	ClassEmpty     = "empty"
)

// Modes of a detector in an organisation's settings (DetectorSettings.mode).
const (
	DetectorOff     = "off"
	DetectorLog     = "log"
	DetectorRespond = "respond"
)

// Modes of a run (Decision.mode): whether outcomes are carried out.
const (
	ModeEnforce = "enforce"
	ModeObserve = "observe"
	ModeReplay  = "replay"
)

// Sensitivities (DetectorSettings.sensitivity).
const (
	SensitivityLow    = "low"
	SensitivityMedium = "medium"
	SensitivityHigh   = "high"
)

// Roles that are notified (Person.roles, Notification.roles).
const (
	RoleActingUser      = "acting_user"
	RoleOrgPrimaryOwner = "org_primary_owner"
	RoleSecurityAdmin   = "security_admin"
)

// Verdicts of people on anomalies (Feedback.verdict).
const (
	VerdictTruePositive  = "true_positive"
	VerdictFalsePositive = "false_positive"
)

// ActionSessionsReset is the action of the audit entry that AER writes when it ended a user's sessions (Slack's name).
const ActionSessionsReset = "user_sessions_reset_by_anomaly_event_response"

// ActionAppAccessEnded is that of the entry it writes when it ended the access of an app instead (our name: Slack has
// none).
const ActionAppAccessEnded = "app_access_ended_by_anomaly_event_response"

// ActionSettingsChanged is the action of the audit entry of every change of an organisation's settings (Slack's name).
const ActionSettingsChanged = "pref.anomaly_event_response_changed"

// namespace is the UUIDv5 namespace of every id that AER derives: the UUIDv5 of the project's URL in the URL namespace.
var namespace = uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://github.com/aer-project/aer"))

// NewID derives a UUIDv5 from a kind ("anomaly", "decision", ...) and the parts that identify the thing.
// Parts are escaped before they are joined, so no two different lists of parts give the same name, whatever bytes they
// hold.
func NewID(kind string, parts ...string) string {
	var b strings.Builder
	b.WriteString(kind)
	for _, p := range parts {
		b.WriteByte(0)
		b.WriteString(strings.ReplaceAll(strings.ReplaceAll(p, "\\", `\\`), "\x00", `\0`))
	}
	return uuid.NewSHA1(namespace, []byte(b.String())).String()
}

// Time converts t to a Timestamp in UTC, cut to microseconds, the precision of all times that AER writes.
func Time(t time.Time) *timestamppb.Timestamp {
	return timestamppb.New(t.UTC().Truncate(time.Microsecond))
}

// TimeMS converts Unix milliseconds to a Timestamp.
func TimeMS(ms int64) *timestamppb.Timestamp { return timestamppb.New(time.UnixMilli(ms).UTC()) }

// What a response ends (ResponseSettings.scope): every session of the person, or only those behind the anomaly.
// ScopeApp, the grant of an app, is never chosen: it follows from the decision being about one.
const (
	ScopeAll     = "all"
	ScopeSession = "session"
	ScopeApp     = "app"
)
