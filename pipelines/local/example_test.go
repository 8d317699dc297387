// SPDX-License-Identifier: Apache-2.0

package local_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/aer-project/aer/pipelines/local"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/detector"
	"github.com/aer-project/aer/transforms/event"
)

// printed writes what a replay produces.
type printed struct{}

func (printed) Anomaly(a *aerv1.Anomaly) error {
	fmt.Println(a.UserId, a.Type, a.Summary)
	return nil
}

func (printed) Decision(d *aerv1.Decision) error {
	fmt.Println(d.UserId, d.Outcome, "in mode", d.Mode)
	return nil
}

func (printed) DeadLetter(d *aerv1.DeadLetter) error {
	fmt.Println(d.Reason, d.Detail)
	return nil
}

// A replay judges recorded events with what an organisation has chosen, here nothing, and never acts.
func ExampleReplay() {
	events := strings.NewReader(`
{"id":"e-1","time":"2026-11-22T10:00:00Z","org_id":"O1","user_id":"U1","session_id":"S1","action":"user_login","client":{"ip":"198.51.100.7"}}
{"id":"e-2","time":"2026-11-22T10:00:09Z","org_id":"O1","user_id":"U1"}
`)
	in := event.Merge(event.NewLines(events, "events.ndjson", event.Options{}))
	exit := func(ev *aerv1.Event) { ev.Client.Facts = &aerv1.ClientFacts{Tor: ev.Client.Ip == "198.51.100.7"} }
	cfg := local.Config{Enrich: exit, Detectors: detector.NewSet(detector.All(), nil)}
	sum, err := local.Replay(context.Background(), in, cfg, decision.Config{Mode: aerv1.ModeReplay}, printed{}, nil)
	fmt.Println(sum.Events, "event", sum.DeadLetters, "dead letter", err)
	// Output:
	// missing_field action is missing or empty: want what was done, e.g. "user_login"
	// U1 tor Activity through the Tor exit 198.51.100.7
	// U1 RESPOND in mode replay
	// 1 event 1 dead letter <nil>
}
