// SPDX-License-Identifier: Apache-2.0

package dataflow

import (
	"strings"
	"testing"

	pipepb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/pipeline_v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// The service validates little before workers fail at it, so what must hold is checked here, whether decisions are
// carried out or not.
func TestNoTrapIsInTheGraph(t *testing.T) {
	for mode, want := range map[string]struct{ shuffles, stateful int }{
		aerv1.ModeObserve: {2, 6}, aerv1.ModeEnforce: {4, 7},
	} {
		t.Run(mode, func(t *testing.T) {
			model := modelOf(t, mode)
			kinds, stateful := map[string]int{}, 0
			for _, tr := range model.GetComponents().GetTransforms() {
				if kinds[kindOf(tr)]++; kindOf(tr) == "pubsub_read" {
					checkRead(t, tr.GetSpec().GetPayload())
				}
				if pardo := pardoOf(t, tr); pardo != nil {
					checkParDo(t, tr.GetUniqueName(), pardo)
					stateful += min(len(pardo.StateSpecs), 1)
				}
			}
			// One shuffle of events, as batches: everything that follows is rare. Reshuffles stand before what ends sessions,
			// and behind the two sinks, of which one is only there to carry out; to both is shuffled by their lanes.
			for kind, n := range map[string]int{
				"pubsub_read": 1, "group_by_key": want.shuffles, "reshuffle": want.shuffles - 1, "combine_per_key": 0, "impulse": 0,
			} {
				if kinds[kind] != n {
					t.Errorf("%d of %s, want %d", kinds[kind], kind, n)
				}
			}
			if stateful != want.stateful {
				t.Errorf("%d stateful stages, want %d: profiles, decide, common, two budgets and the sinks in lanes", stateful,
					want.stateful)
			}
			checkSinks(t, model)
			checkSize(t, model)
		})
	}
}

// checkRead: Dataflow's own source is told what ours is. It drops what comes again within ten minutes by itself.
func checkRead(t *testing.T, payload []byte) {
	t.Helper()
	read := &pipepb.PubSubReadPayload{}
	if err := proto.Unmarshal(payload, read); err != nil || read.GetSubscription() != "projects/p/subscriptions/s" ||
		read.GetTimestampAttribute() != "time" || read.GetIdAttribute() != "id" || !read.GetWithAttributes() {
		t.Errorf("Pub/Sub is read by %v, %v", read, err)
	}
}

// checkParDo holds a stage to what all of Prism, Dataflow and Flink run correctly.
func checkParDo(t *testing.T, name string, pardo *pipepb.ParDoPayload) {
	t.Helper()
	if len(pardo.TimerFamilySpecs) > 1 {
		t.Errorf("%s has %d timer families, want at most one", name, len(pardo.TimerFamilySpecs))
	}
	for family, spec := range pardo.TimerFamilySpecs {
		if spec.TimeDomain != pipepb.TimeDomain_EVENT_TIME {
			t.Errorf("%s: timer %s is in %s, want event time", name, family, spec.TimeDomain)
		}
	}
	if len(pardo.SideInputs) > 0 {
		t.Errorf("%s has a side input: one beside a timer fails when it fires, and we need none", name)
	}
	for cell, spec := range pardo.StateSpecs {
		switch spec.GetSpec().(type) {
		case *pipepb.StateSpec_BagSpec, *pipepb.StateSpec_ReadModifyWriteSpec:
		default:
			t.Errorf("%s: state %s is %T, want Value or Bag", name, cell, spec.GetSpec())
		}
	}
	if pardo.RequestsFinalization {
		t.Errorf("%s asks for bundle finalisation, which is called for the first bundle only", name)
	}
	if pardo.RestrictionCoderId != "" {
		t.Errorf("%s is splittable: sources of our own lose data where bundles are split", name)
	}
	if strings.Contains(name, "Join") {
		t.Errorf("%s is for Prism and Flink only", name)
	}
}

// checkSinks finds that whatever calls other systems begins a bundle of its own: it reads from a Reshuffle, or is
// shuffled to by a key for its state.
func checkSinks(t *testing.T, model *pipepb.Pipeline) {
	t.Helper()
	c := model.GetComponents()
	from := map[string]string{}
	for _, tr := range c.GetTransforms() {
		for _, out := range tr.GetOutputs() {
			if len(tr.GetSubtransforms()) == 0 {
				from[out] = tr.GetUniqueName()
			}
		}
	}
	for _, tr := range c.GetTransforms() {
		switch name := tr.GetUniqueName(); name {
		case "Write/sinks.writeFn", "Respond/sinks.respondFn":
			if len(pardoOf(t, tr).StateSpecs) == 0 {
				t.Errorf("%s has no state, by which it would be shuffled to", name)
			}
		case "Respond/sinks.endFn":
			for _, in := range tr.GetInputs() {
				if !strings.HasSuffix(from[in], "/Reshuffle/unreify") {
					t.Errorf("%s reads from %s, want a Reshuffle", name, from[in])
				}
			}
		}
	}
	for _, w := range c.GetWindowingStrategies() {
		if w.GetAccumulationMode() == pipepb.AccumulationMode_ACCUMULATING {
			t.Error("a window accumulates panes: late events would count again")
		}
		if strings.Contains(protojson.Format(w.GetTrigger()), "rocessingTime") { // also one beneath another
			t.Error("a window fires by processing time")
		}
		if strings.Contains(w.GetWindowFn().GetUrn(), "session") {
			t.Error("a session window is left unmerged")
		}
	}
}

// Limits of what is submitted. Each step that needs its process carries the configuration, which may be large, so that
// the model is a multiple of it; Dataflow refuses graphs of more than 10 MB, and we stay far from it.
const (
	modelBytesMax = 256 << 10
	stepBytesMax  = 16 << 10
)

// checkSize also finds coders that nobody chose: JSON, in which Beam writes what it knows no better form of. Elements
// of ours have a coder of their own, but for pairs that are rare (Decided) and rows, which are bytes in a struct.
func checkSize(t *testing.T, model *pipepb.Pipeline) {
	t.Helper()
	if n := proto.Size(model); n > modelBytesMax {
		t.Errorf("the model has %d bytes, want at most %d", n, modelBytesMax)
	}
	c := model.GetComponents()
	for _, tr := range c.GetTransforms() {
		if n := proto.Size(tr); n > stepBytesMax {
			t.Errorf("step %s has %d bytes, want at most %d", tr.GetUniqueName(), n, stepBytesMax)
		}
	}
	for id := range c.GetCoders() {
		if text := coderText(t, c, id); strings.Contains(text, "json") {
			t.Errorf("coder %s is %s", id, text)
		}
	}
}
