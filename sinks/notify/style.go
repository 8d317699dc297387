// SPDX-License-Identifier: Apache-2.0

package notify

import (
	"fmt"
	"net/url"
	"strings"
	"time"
	_ "time/tzdata" // containers often have no time zones

	"github.com/aer-project/aer/transforms/strict"
)

// Style is how the messages of a deployment are written.
type Style struct {
	// Link is the address at which owners and admins see a decision: a URL with {decision} or {anomaly}, and {org} if
	// wanted. Empty names the command aer explain instead.
	Link string `yaml:"link"`
	// Zone is the time zone in which times are told, such as Europe/Berlin; empty is UTC. The reader's own zone is not
	// known.
	Zone string `yaml:"zone"`
}

// Validate checks every key; the error joins all that is wrong.
func (s Style) Validate() error {
	var k strict.Check
	if s.Link != "" {
		u, err := url.Parse(s.fill(func(string) string { return "x" }))
		k.Want(err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "", "link", s.Link,
			"a URL such as https://aer.example.com/decisions/{decision}")
		k.Want(strings.Contains(s.Link, "{decision}") || strings.Contains(s.Link, "{anomaly}"), "link", s.Link,
			"an address with {decision} or {anomaly} in it")
	}
	_, err := time.LoadLocation(s.Zone)
	k.Want(err == nil, "zone", s.Zone, "a name such as Europe/Berlin, or nothing for UTC")
	return k.Err()
}

func (s Style) fill(value func(name string) string) string {
	return strings.NewReplacer("{decision}", value("decision"), "{anomaly}", value("anomaly"), "{org}",
		value("org")).Replace(s.Link)
}

// Renderer writes messages in a Style. It is safe for concurrent use.
type Renderer struct {
	Style
	zone *time.Location
}

// plain is the Renderer of the zero Style.
var plain = &Renderer{zone: time.UTC}

// NewRenderer checks the style.
func NewRenderer(s Style) (*Renderer, error) {
	if err := s.Validate(); err != nil {
		return nil, fmt.Errorf("setting the style of messages: %w", err)
	}
	zone, err := time.LoadLocation(s.Zone)
	if err != nil {
		return nil, fmt.Errorf("setting the style of messages: %w", err)
	}
	return &Renderer{Style: s, zone: zone}, nil
}

// link says where a decision can be seen: a URL, or the command. Ids are untrusted and escaped for where they stand.
func (re *Renderer) link(s Story) string {
	if re.Link == "" {
		return "aer explain " + shellWord(clean(s.Anomaly.GetId(), maxLine))
	}
	ids := map[string]string{"decision": s.Decision.GetId(), "anomaly": s.Anomaly.GetId(), "org": s.Decision.GetOrgId()}
	return re.fill(func(name string) string { return url.PathEscape(clip(strings.ToValidUTF8(ids[name], "?"), maxLine)) })
}

// clip cuts s to at most max characters.
func clip(s string, max int) string {
	if r := []rune(s); len(r) > max {
		return string(r[:max])
	}
	return s
}
