// SPDX-License-Identifier: Apache-2.0

// Package ocsf renders what AER found and did as events of the Open Cybersecurity Schema Framework 1.5, for tools that
// read that and not Slack's audit log.
//
//   - an anomaly is a Detection Finding (2004), Create
//   - ended sessions are an Authentication (3002), Logoff
//   - a change of an organisation's settings is an Entity Management (3004), Update
//
// Every event is valid by the published schema (https://github.com/ocsf/ocsf-schema, version 1.5.0), which the tests
// check with package ocsftest. Times are Unix milliseconds. metadata.uid tells a repeated event. What the schema has no
// place for is in unmapped, among it text where the schema wants an address of mail that can be one.
package ocsf

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"unicode"

	"golang.org/x/text/language"
	"google.golang.org/protobuf/types/known/timestamppb"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Version is the version of the schema.
const Version = "1.5.0"

// Event classes and their categories; type_uid is class_uid * 100 + activity_id.
const (
	classDetectionFinding = 2004
	classAuthentication   = 3002
	classEntityManagement = 3004
	categoryFindings      = 2
	categoryIAM           = 3

	activityCreate = 1 // of a finding
	activityLogoff = 2 // of an authentication
	activityUpdate = 3 // of an entity
	statusSuccess  = 1 // of an activity
	statusNew      = 1 // of a finding
	ja4TypeID      = 1 // of a JA4+ fingerprint: JA4

	typeUser  = 1  // of a user: a regular account
	typeOther = 99 // of anything: what its caption says

	// What an id of 0 is called.
	unknown = "Unknown"
)

// AER itself, as a product and as the one who acts.
const (
	appName = "Anomaly Event Response"
	appUID  = "aer"
)

// textMax is the longest text taken over, in characters: names and user agents come from outside.
const textMax = 1024

// base is what every event has, in the order of the schema.
type base struct {
	ActivityID   int            `json:"activity_id"`
	ActivityName string         `json:"activity_name"`
	CategoryUID  int            `json:"category_uid"`
	CategoryName string         `json:"category_name"`
	ClassUID     int            `json:"class_uid"`
	ClassName    string         `json:"class_name"`
	TypeUID      int            `json:"type_uid"`
	TypeName     string         `json:"type_name"`
	Time         int64          `json:"time"`
	SeverityID   int            `json:"severity_id"`
	Severity     string         `json:"severity"`
	StatusID     int            `json:"status_id"`
	Status       string         `json:"status"`
	Message      string         `json:"message,omitempty"`
	Metadata     metadata       `json:"metadata"`
	Unmapped     map[string]any `json:"unmapped,omitempty"`
}

type metadata struct {
	Version        string  `json:"version"`
	Product        product `json:"product"`
	UID            string  `json:"uid"`
	CorrelationUID string  `json:"correlation_uid,omitempty"`
	TenantUID      string  `json:"tenant_uid"`
	LogName        string  `json:"log_name"`
}

type product struct {
	Name       string `json:"name"`
	VendorName string `json:"vendor_name"`
	UID        string `json:"uid"`
}

type user struct {
	UID       string        `json:"uid,omitempty"`
	Name      string        `json:"name,omitempty"`
	EmailAddr string        `json:"email_addr,omitempty"`
	Type      string        `json:"type"`
	TypeID    int           `json:"type_id"`
	Org       *organization `json:"org,omitempty"`
}

type organization struct {
	UID  string `json:"uid,omitempty"`
	Name string `json:"name,omitempty"`
}

type session struct {
	UID         string `json:"uid"`
	CreatedTime int64  `json:"created_time,omitempty"`
}

type endpoint struct {
	IP               string            `json:"ip"`
	Location         *location         `json:"location,omitempty"`
	AutonomousSystem *autonomousSystem `json:"autonomous_system,omitempty"`
}

type location struct {
	Country string `json:"country"`
}

type autonomousSystem struct {
	Number uint32 `json:"number"`
}

type httpRequest struct {
	UserAgent string `json:"user_agent"`
}

// newBase fills in what follows from the class.
func newBase(class, category, activity int, className, categoryName, activityName string) base {
	return base{
		ActivityID: activity, ActivityName: activityName, CategoryUID: category, CategoryName: categoryName, ClassUID: class,
		ClassName: className,
		TypeUID:   class*100 + activity, TypeName: className + ": " + activityName,
		Metadata: metadata{Version: Version, Product: product{Name: appName, VendorName: "AER",
			UID: appUID}, LogName: appUID},
	}
}

// severities by our words (severity_id, OCSF dictionary).
var severities = map[string]int{"low": 2, "medium": 3, "high": 4, "critical": 5}

func severity(word string) (int, string) {
	id := severities[word]
	if id == 0 {
		return 0, unknown
	}
	return id, strings.ToUpper(word[:1]) + word[1:]
}

func millis(t *timestamppb.Timestamp) int64 {
	if t == nil {
		return 0
	}
	return t.AsTime().UnixMilli()
}

// endpointOf returns where a client was, or nil if its address is not one: consumers index it as an address.
func endpointOf(ip, country string, asn uint32) *endpoint {
	a, err := netip.ParseAddr(ip)
	if err != nil {
		return nil
	}
	e := &endpoint{IP: a.Unmap().WithZone("").String()}
	if code := countryCode(country); code != "" {
		e.Location = &location{Country: code}
	}
	if asn != 0 {
		e.AutonomousSystem = &autonomousSystem{Number: asn}
	}
	return e
}

// countryCode returns the ISO 3166-1 alpha-2 code in capitals, as the schema demands, of a country in any spelling of a
// code (de, DEU, UK); nothing of what is none, such as XX.
func countryCode(s string) string {
	r, err := language.ParseRegion(strings.TrimSpace(s))
	if err != nil {
		return ""
	}
	if r = r.Canonicalize(); !r.IsCountry() {
		return ""
	}
	return r.String()
}

func requestOf(userAgent string) *httpRequest {
	if userAgent == "" {
		return nil
	}
	return &httpRequest{UserAgent: text(userAgent)}
}

// text bounds untrusted text and replaces what forges lines or the direction of writing where it is displayed.
func text(s string) string {
	r := []rune(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?")))
	if len(r) > textMax {
		return string(r[:textMax-1]) + "…"
	}
	return string(r)
}

// uid makes the id of an event, the same for ever.
func uid(org, kind, id string) string { return aerv1.NewID("ocsf", org, kind, id) }

func encode(v any) ([]byte, error) {
	line, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("rendering OCSF event: %w", err)
	}
	return line, nil
}

// UID returns the metadata.uid of a rendered event, or nothing.
func UID(line []byte) string {
	var e struct{ Metadata struct{ UID string } }
	if json.Unmarshal(line, &e) != nil {
		return ""
	}
	return e.Metadata.UID
}
