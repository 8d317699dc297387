// SPDX-License-Identifier: Apache-2.0

package dataflow

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aer-project/aer/pipelines/capacity"
)

// flags are Beam's, as a command line gave them.
type flags map[string]string

func (f flags) Given(name string) bool       { return f[name] != "" }
func (f flags) Value(name string) string     { return f[name] }
func (f flags) Set(name, value string) error { f[name] = value; return nil }

func planFor(eventsPerDay, users float64) capacity.Plan {
	l := capacity.Load{EventsPerDay: eventsPerDay, Users: users}
	l.PeakPerSecond = capacity.PeakFactor * l.MeanPerSecond()
	return capacity.PlanFor(l, capacity.LayoutFor(users), capacity.DefaultMeasured())
}

func TestWorkersFor(t *testing.T) {
	for _, c := range []struct {
		eventsPerDay, users float64
		want                Workers
	}{
		{1e4, 100, Workers{machineStandard, standardGiB, 1, 2}},
		{20e6, 100e3, Workers{machineStandard, standardGiB, 1, 2}},
		{10e9, 47e6, Workers{machineHighmem, highmemGiB, 13, 14}},
		{100e9, 10e6, Workers{machineStandard, standardGiB, 6, 62}},
	} {
		p := planFor(c.eventsPerDay, c.users)
		got := WorkersFor(p)
		if got != c.want {
			t.Errorf("%g events of %g users: %+v, want %+v", c.eventsPerDay, c.users, got, c.want)
		}
		if float64(got.Min)*got.GiB*freeForProfiles*gib < p.HeapBytes {
			t.Errorf("%g users: the fewest workers do not hold %g bytes of profiles", c.users, p.HeapBytes)
		}
		if got.Max < got.Min {
			t.Errorf("%g users: at most %d workers, and at least %d", c.users, got.Max, got.Min)
		}
	}
}

func TestWhatIsGivenIsNotChosen(t *testing.T) {
	f := flags{flagMachine: "c4-standard-8", flagServices: "min_num_workers=3,enable_preflight_validation=false"}
	set, err := Apply(f, Choose(planFor(20e6, 100e3)))
	if err != nil {
		t.Fatal(err)
	}
	want := flags{flagMachine: "c4-standard-8", flagWorkers: "1", flagMax: "2", flagScaling: "THROUGHPUT_BASED",
		flagDisk:     "30",
		flagServices: "min_num_workers=3,enable_preflight_validation=false,enable_streaming_engine_resource_based_billing"}
	if !maps.Equal(f, want) {
		t.Errorf("flags are %v, want %v", f, want)
	}
	for _, o := range set {
		if o.Flag == flagMachine || o.Why == "" {
			t.Errorf("said to be chosen: %+v", o)
		}
	}
}

func TestCheck(t *testing.T) {
	for value, want := range map[string]string{
		"min_num_workers=3":            "",
		"streaming_mode_at_least_once": "sums would count what comes twice",
	} {
		err := Check(flags{flagServices: value})
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", value, err, want)
		}
	}
}

// Every new name is a step of today's graph, with the state that it takes over, and no old one is: else a job of this
// version could not be updated by it.
func TestRenamed(t *testing.T) {
	today := describe(t, modelOf(t, "enforce"))
	for version, names := range Renamed {
		for was, is := range names {
			if is != "" && !strings.Contains(today[is], "cell pending bag of bytes") {
				t.Errorf("%s: %s is called %s, which is no step with state: %q", version, was, is, today[is])
			}
			if today[was] != "" {
				t.Errorf("%s: %s is still called so", version, was)
			}
		}
	}
	if _, err := Mapping("0.1"); err != nil {
		t.Error(err)
	}
	if _, err := Mapping("0.9"); err == nil || !strings.Contains(err.Error(), "known are 0.1") {
		t.Errorf("a version that is not known: %v", err)
	}
}

func TestJobOptions(t *testing.T) {
	needed := func(more flags) flags {
		f := flags{"project": "p", "region": "r", "staging_location": "gs://b/s"}
		maps.Copy(f, more)
		return f
	}
	for name, c := range map[string]struct {
		flags flags
		wrong string
	}{
		"needed":                 {needed(nil), ""},
		"nothing":                {flags{}, "missing --staging_location: gs://BUCKET/FOLDER"},
		"a flag of batch jobs":   {needed(flags{"flexrs_goal": "X"}), "--flexrs_goal: not for jobs of AER"},
		"no bucket":              {needed(flags{"temp_location": "/tmp"}), "--temp_location /tmp: want gs://BUCKET/FOLDER"},
		"no number":              {needed(flags{flagDisk: "big"}), "--disk_size_gb big: want a number"},
		"labels":                 {needed(flags{"labels": "team"}), "--labels: want JSON"},
		"mapping without update": {needed(flags{flagMapping: `{"a":"b"}`}), "only with --update"},
	} {
		_, err := jobOptions(c.flags)
		if c.wrong == "" && err != nil || c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)) {
			t.Errorf("%s: %v, want %q", name, err, c.wrong)
		}
	}
	o, err := jobOptions(needed(flags{"experiments": "use_runner_v2,more", "no_use_public_ips": "true"}))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"use_runner_v2", "more", "beam_fn_api", "use_unified_worker", "use_portable_job_submission",
		"enable_streaming_engine", "enable_windmill_service"}
	if !slices.Equal(o.Experiments, want) || !o.NoUsePublicIPs || o.TempLocation != "gs://b/s/tmp" || o.Name != "aer" {
		t.Errorf("options are %+v", o)
	}
}
