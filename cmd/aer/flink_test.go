// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/options/jobopts"

	"github.com/aer-project/aer/cmd/aer/config"
	"github.com/aer-project/aer/pipelines/flink"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

func TestWorkersOfFlink(t *testing.T) {
	kind, value := *jobopts.EnvironmentType, *jobopts.EnvironmentConfig
	defer func() { *jobopts.EnvironmentType, *jobopts.EnvironmentConfig = kind, value }()
	for name, c := range map[string]struct {
		kind, value string
		want        flink.Workers
		err         string
	}{
		"this process": {"", "", flink.Workers{}, ""},
		"loopback":     {"loopback", "", flink.Workers{}, ""},
		"command":      {"PROCESS", `{"command":"/opt/aer"}`, flink.Workers{Command: "/opt/aer"}, ""},
		"no command":   {"PROCESS", `{}`, flink.Workers{}, `want {"command"`},
		"no JSON":      {"PROCESS", `/opt/aer`, flink.Workers{}, `want {"command"`},
		"image":        {"DOCKER", "aer:1", flink.Workers{Image: "aer:1"}, ""},
		"no image":     {"docker", "", flink.Workers{}, "--environment_config is missing"},
		"pool":         {"EXTERNAL", "localhost:5000", flink.Workers{Pool: "localhost:5000"}, ""},
		"other":        {"SPARK", "", flink.Workers{}, "must be LOOPBACK"},
	} {
		*jobopts.EnvironmentType, *jobopts.EnvironmentConfig = c.kind, c.value
		got, err := flinkWorkers()
		if c.err != "" {
			if err == nil || !isUsage(err) || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: error is %v", name, err)
			}
			continue
		}
		if err != nil || got.Command != c.want.Command || got.Image != c.want.Image || got.Pool != c.want.Pool {
			t.Errorf("%s: %+v, %v, want %+v", name, got, err, c.want)
		}
	}
}

// What is acknowledged must be in a checkpoint.
func TestAcknowledgedIsCommitted(t *testing.T) {
	for _, c := range []struct{ every, ask, want time.Duration }{
		{10 * time.Second, 0, 30 * time.Second}, {time.Second, 5 * time.Second, 5 * time.Second},
		{10 * time.Second, 20 * time.Second, 0}, {time.Millisecond, 0, 0},
	} {
		o := flinkOptions{checkpoint: c.every}
		every, after, err := o.committed(c.ask)
		if isUsage := err != nil; isUsage != (c.want == 0) || err == nil && (after != c.want || every != c.every) {
			t.Errorf("checkpoints every %v, ack_after %v: %v, %v, %v", c.every, c.ask, every, after, err)
		}
	}
}

func TestFilesOfOneProcessAreNotShared(t *testing.T) {
	c := config.Default()
	c.Mode = aerv1.ModeEnforce
	if err := shareable(c, flink.Workers{}); err != nil {
		t.Errorf("one process: %v", err)
	}
	err := shareable(c, flink.Workers{Command: "aer"})
	if err == nil || !strings.Contains(err.Error(), "warehouse.kind") || !strings.Contains(err.Error(), "firestore:") {
		t.Errorf("several processes: %v", err)
	}
	c.Warehouse.Kind, c.Store = config.WarehouseNone, "firestore:projects/p"
	if err := shareable(c, flink.Workers{Command: "aer"}); err != nil {
		t.Errorf("what can be shared: %v", err)
	}
}

func TestARunnersWorkerIsTold(t *testing.T) {
	id, provision, ok := workerFor([]string{"--id=1-1", "--provision_endpoint=localhost:1", "--semi_persist_dir=/tmp"})
	if !ok || id != "1-1" || provision != "localhost:1" {
		t.Errorf("%q, %q, %v", id, provision, ok)
	}
	for _, args := range [][]string{{"run"}, {"run", "--id=1"}, {"--help"}, {"explain", "--id", "x", "y"}} {
		if _, _, ok := workerFor(args); ok {
			t.Errorf("%q is taken for a worker", args)
		}
	}
}
