// SPDX-License-Identifier: Apache-2.0

package pipelines

import (
	"context"
	"strings"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/runtime/graphx"
	pipepb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/pipeline_v1"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/dataflow/dataflowlib"
	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/process"
	"github.com/aer-project/aer/transforms/source"
)

// The job for Dataflow, translated offline: the service validates little before workers fail at it, so what must hold
// is checked here.
func TestDataflowJob(t *testing.T) {
	p := Detect(Config{
		Run: process.Run{ID: "dataflow", Mode: aerv1.ModeEnforce}, Shards: 64, Activity: true,
		Source: source.Config{Kind: source.KindDataflow, PubSub: source.PubSub{Subscription: "projects/p/subscriptions/s"}},
	})
	edges, nodes, err := p.Build()
	if err != nil {
		t.Fatal(err)
	}
	if graph.Bounded(nodes) {
		t.Error("the pipeline is bounded: want a streaming job")
	}
	image := func(context.Context) string { return "gcr.io/p/aer:test" }
	env, err := graphx.CreateEnvironment(context.Background(), "beam:env:docker:v1", image)
	if err != nil {
		t.Fatal(err)
	}
	model, err := graphx.Marshal(edges, &graphx.Options{Environment: env})
	if err != nil {
		t.Fatal(err)
	}
	job, err := dataflowlib.Translate(context.Background(), model, &dataflowlib.JobOptions{
		Name: "aer", Project: "p", Region: "europe-west1", Streaming: true, ContainerImage: image(nil),
	}, "gs://b/worker", "gs://b/model", "hash")
	if err != nil {
		t.Fatal(err)
	}
	if job.Type != "JOB_TYPE_STREAMING" {
		t.Errorf("job type is %s, want JOB_TYPE_STREAMING", job.Type)
	}
	checkModel(t, model)
}

func checkModel(t *testing.T, model *pipepb.Pipeline) {
	t.Helper()
	urns := map[string]int{}
	stateful := 0
	for id, tr := range model.GetComponents().GetTransforms() {
		urn := tr.GetSpec().GetUrn()
		urns[urn]++
		if urn != "beam:transform:pardo:v1" {
			continue
		}
		pardo := &pipepb.ParDoPayload{}
		if err := proto.Unmarshal(tr.GetSpec().GetPayload(), pardo); err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		if len(pardo.StateSpecs) > 0 {
			stateful++
		}
		checkParDo(t, tr.GetUniqueName(), pardo)
	}
	if urns["beam:transform:pubsub_read:v1"] != 1 {
		t.Errorf("%d transforms read Pub/Sub, want Dataflow's own source once", urns["beam:transform:pubsub_read:v1"])
	}
	// One shuffle of events, as batches: everything that follows is rare. Reshuffles stand before the
	// two sinks, and behind them.
	if n := urns["beam:transform:group_by_key:v1"]; n != 5 {
		t.Errorf("%d group-by-keys, want 5: one of batches and one in each reshuffle", n)
	}
	if n := urns["beam:transform:reshuffle:v1"]; n != 4 {
		t.Errorf("%d reshuffles, want 4: before responses and the warehouse, and behind them", n)
	}
	if stateful != 5 {
		t.Errorf("%d stateful stages, want 5: profiles, decide, common and two budgets", stateful)
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
		if len(pardo.SideInputs) > 0 {
			t.Errorf("%s has a side input and a timer", name)
		}
	}
	for cell, spec := range pardo.StateSpecs {
		switch spec.GetSpec().(type) {
		case *pipepb.StateSpec_BagSpec, *pipepb.StateSpec_ReadModifyWriteSpec:
		default:
			t.Errorf("%s: state %s is %T, want Value or Bag", name, cell, spec.GetSpec())
		}
	}
	if pardo.RequestsFinalization {
		t.Errorf("%s asks for bundle finalisation", name)
	}
	if strings.Contains(name, "Join") {
		t.Errorf("%s is for Prism and Flink only", name)
	}
}
