// SPDX-License-Identifier: Apache-2.0

package dataflow

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	v1pb "github.com/apache/beam/sdks/v2/go/pkg/beam/core/runtime/graphx/v1"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/util/protox"
	pipepb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/pipeline_v1"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/aer-project/aer/pipelines"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/process"
	"github.com/aer-project/aer/transforms/source"
)

var update = flag.Bool("update-graph", false, "accept the graph as it is now: running jobs may not find their state")

const graphFile = "testdata/graph.txt"

// modelOf is the job as it is submitted.
func modelOf(t *testing.T, mode string) *pipepb.Pipeline {
	t.Helper()
	p := pipelines.Detect(pipelines.Config{
		Run: process.Run{ID: "aer", Mode: mode, Config: []byte(`{"Out":"aer-out"}`)}, Shards: 64, Activity: true,
		Source: source.Config{Kind: source.KindDataflow, PubSub: source.PubSub{
			Subscription: "projects/p/subscriptions/s", TimeAttribute: "time", IDAttribute: "id"}},
	})
	model, err := Marshal(t.Context(), p, "image")
	if err != nil {
		t.Fatal(err)
	}
	return model
}

// What an update looks for in a running job is what it was: names, coders, windows and cells. See the package's comment
// before this is accepted with -update-graph.
func TestTheGraphIsThatOfRunningJobs(t *testing.T) {
	enforcing := modelOf(t, aerv1.ModeEnforce)
	enforce, observe := describe(t, enforcing), describe(t, modelOf(t, aerv1.ModeObserve))
	var got strings.Builder
	fmt.Fprintf(&got, "# The runner must be able to: %s\n", strings.Join(enforcing.GetRequirements(), " "))
	got.WriteString("# Steps of the job, by name: kind, what comes in, cells and timers. Those with a + only enforce.\n")
	for _, name := range slices.Sorted(maps.Keys(enforce)) {
		mark := " "
		if observe[name] == "" {
			mark = "+"
		} else if observe[name] != enforce[name] {
			t.Errorf("%s is %q where decisions are carried out, and else %q", name, enforce[name], observe[name])
		}
		fmt.Fprintf(&got, "%s %-48s %s\n", mark, name, enforce[name])
	}
	for name := range observe {
		if enforce[name] == "" {
			t.Errorf("%s is there only while nothing is carried out", name)
		}
	}
	if *update {
		if err := os.WriteFile(graphFile, []byte(got.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(graphFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got.String(), "\n")); diff != "" {
		t.Errorf("the graph has changed: running jobs may not find what they had\n%s", diff)
	}
}

// describe tells of each step that is no composite what matters to an update.
func describe(t *testing.T, model *pipepb.Pipeline) map[string]string {
	t.Helper()
	out := map[string]string{}
	c := model.GetComponents()
	for _, tr := range c.GetTransforms() {
		if len(tr.GetSubtransforms()) > 0 || tr.GetSpec().GetUrn() == "" {
			continue
		}
		about := []string{kindOf(tr)}
		if in := slices.Sorted(maps.Values(tr.GetInputs())); len(in) > 0 { // those of a flatten are alike, no other has more
			node := c.GetPcollections()[in[0]]
			about = append(about, coderText(t, c, node.GetCoderId()))
			if kindOf(tr) == "group_by_key" {
				about = append(about, windowText(t, c.GetWindowingStrategies()[node.GetWindowingStrategyId()]))
			}
		}
		if pardo := pardoOf(t, tr); pardo != nil {
			for _, name := range slices.Sorted(maps.Keys(pardo.GetStateSpecs())) {
				about = append(about, "cell "+name+" "+cellText(t, c, pardo.StateSpecs[name]))
			}
			for name, f := range pardo.GetTimerFamilySpecs() {
				about = append(about, "timers "+name+" "+strings.ToLower(f.GetTimeDomain().String()))
			}
		}
		out[tr.GetUniqueName()] = strings.Join(about, ", ")
	}
	return out
}

func kindOf(tr *pipepb.PTransform) string {
	return strings.TrimSuffix(strings.TrimPrefix(tr.GetSpec().GetUrn(), "beam:transform:"), ":v1")
}

// pardoOf is nil for what is no ParDo.
func pardoOf(t *testing.T, tr *pipepb.PTransform) *pipepb.ParDoPayload {
	t.Helper()
	if kindOf(tr) != "pardo" {
		return nil
	}
	pardo := &pipepb.ParDoPayload{}
	if err := proto.Unmarshal(tr.GetSpec().GetPayload(), pardo); err != nil {
		t.Fatalf("%s: %v", tr.GetUniqueName(), err)
	}
	return pardo
}

func cellText(t *testing.T, c *pipepb.Components, spec *pipepb.StateSpec) string {
	t.Helper()
	switch s := spec.GetSpec().(type) {
	case *pipepb.StateSpec_BagSpec:
		return "bag of " + coderText(t, c, s.BagSpec.GetElementCoderId())
	case *pipepb.StateSpec_ReadModifyWriteSpec:
		return "value of " + coderText(t, c, s.ReadModifyWriteSpec.GetCoderId())
	default:
		return fmt.Sprintf("%T", s)
	}
}

func coderText(t *testing.T, c *pipepb.Components, id string) string {
	t.Helper()
	coder := c.GetCoders()[id]
	urn := coder.GetSpec().GetUrn()
	if urn == "beam:go:coder:custom:v1" {
		custom := &v1pb.CustomCoder{}
		if err := protox.DecodeBase64(string(coder.GetSpec().GetPayload()), custom); err != nil {
			t.Fatal(err)
		}
		typ := custom.GetType()
		for typ.GetKind() == v1pb.Type_PTR {
			typ = typ.GetElement()
		}
		if name := path.Base(typ.GetExternalKey()); name != "." {
			return name
		}
		return custom.GetName()
	}
	var parts []string
	for _, of := range coder.GetComponentCoderIds() {
		parts = append(parts, coderText(t, c, of))
	}
	name := strings.TrimSuffix(strings.TrimPrefix(urn, "beam:coder:"), ":v1")
	if name == "length_prefix" {
		return parts[0]
	}
	if len(parts) == 0 {
		return name
	}
	return name + "<" + strings.Join(parts, ", ") + ">"
}

func windowText(t *testing.T, w *pipepb.WindowingStrategy) string {
	t.Helper()
	urn, _, _ := strings.Cut(strings.TrimPrefix(w.GetWindowFn().GetUrn(), "beam:window_fn:"), ":")
	if urn == "fixed_windows" {
		fixed := &pipepb.FixedWindowsPayload{}
		if err := proto.Unmarshal(w.GetWindowFn().GetPayload(), fixed); err != nil {
			t.Fatal(err)
		}
		urn += " of " + fixed.GetSize().AsDuration().String()
	}
	trigger := protojson.MarshalOptions{}.Format(w.GetTrigger())
	return fmt.Sprintf("%s %s late %v trigger %s", urn, strings.ToLower(w.GetAccumulationMode().String()),
		time.Duration(w.GetAllowedLateness())*time.Millisecond, strings.ReplaceAll(trigger, " ", ""))
}
