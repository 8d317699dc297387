// SPDX-License-Identifier: Apache-2.0

package dataflow

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/dataflow" // defines the flags
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/dataflow/dataflowlib"
)

// sdkExperiments are what the Go SDK's own submission asks for with every streaming job: Runner v2 and Streaming
// Engine. Without them the service takes a job for one of its older kinds, which know nothing of Go.
var sdkExperiments = []string{"beam_fn_api", "use_runner_v2", "use_unified_worker", "use_portable_job_submission",
	"enable_streaming_engine", "enable_windmill_service"}

// notOurs are Beam's flags that mean nothing for a streaming job submitted by us: given, they are refused instead of
// being ignored.
var notOurs = []string{"zone", "flexrs_goal", "cpu_profiling", "teardown_policy", "worker_harness_container_image",
	"environment_type", "environment_config", "endpoint", "parallelism"}

// defaultJobName is that of a job without --job_name: a replacement has to have the same.
const defaultJobName = "aer"

// image is that of the workers.
func image(f Flags) string {
	return cmp.Or(f.Value("sdk_container_image"), "gcr.io/cloud-dataflow/v1beta3/beam_go_sdk:"+core.SdkVersion)
}

// jobOptions reads Beam's flags.
func jobOptions(f Flags) (*dataflowlib.JobOptions, error) {
	r := reader{f: f}
	for _, name := range notOurs {
		if f.Given(name) {
			r.wrong("--%s: not for jobs of AER on Dataflow", name)
		}
	}
	for _, name := range []string{"staging_location", "temp_location", flagTemplate} {
		if v := f.Value(name); v != "" && !strings.HasPrefix(v, "gs://") {
			r.wrong("--%s %s: want gs://BUCKET/FOLDER", name, v)
		}
	}
	staging := strings.TrimSuffix(r.needed("staging_location", "gs://BUCKET/FOLDER"), "/")
	o := &dataflowlib.JobOptions{
		Name: cmp.Or(f.Value("job_name"), defaultJobName), Streaming: true, Options: beam.PipelineOptions.Export(),
		Project: r.needed("project", "the id of a project"), Region: r.needed("region", "as europe-west1"),
		TempLocation: cmp.Or(f.Value("temp_location"), staging+"/tmp"), TemplateLocation: f.Value(flagTemplate),
		KmsKey: f.Value("dataflow_kms_key"), Network: f.Value("network"), Subnetwork: f.Value("subnetwork"),
		NoUsePublicIPs: f.Value("no_use_public_ips") == "true" || f.Value("use_public_ips") == "false",
		NumWorkers:     r.number(flagWorkers), MaxNumWorkers: r.number(flagMax), Algorithm: f.Value(flagScaling),
		WorkerHarnessThreads: r.number("number_of_worker_harness_threads"),
		MachineType:          cmp.Or(f.Value(flagMachine), f.Value("machine_type")),
		DiskSizeGb:           r.number(flagDisk), DiskType: f.Value("disk_type"),
		DiskProvisionedIops:            r.number("disk_provisioned_iops"),
		DiskProvisionedThroughputMibps: r.number("disk_provisioned_throughput_mibps"),
		Experiments:                    list(withServices(f.Value("experiments"), strings.Join(sdkExperiments, ","))),
		DataflowServiceOptions:         list(f.Value(flagServices)),
		ServiceAccountEmail:            f.Value("service_account_email"),
		WorkerRegion:                   f.Value("worker_region"), WorkerZone: f.Value("worker_zone"),
		ContainerImage: image(f), Worker: f.Value("worker_binary"), Update: f.Value(flagUpdate) == "true",
	}
	if platform := f.Value("min_cpu_platform"); platform != "" {
		o.Experiments = append(o.Experiments, "min_cpu_platform="+platform)
	}
	r.json("labels", &o.Labels)
	r.json(flagMapping, &o.TransformNameMapping)
	if len(o.TransformNameMapping) > 0 && !o.Update {
		r.wrong("--%s: only with --%s", flagMapping, flagUpdate)
	}
	return o, errors.Join(r.errs...)
}

func list(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' })
}

// reader reads flags and collects what is wrong with them.
type reader struct {
	f    Flags
	errs []error
}

func (r *reader) wrong(format string, args ...any) {
	r.errs = append(r.errs, fmt.Errorf(format, args...))
}

func (r *reader) needed(name, want string) string {
	v := r.f.Value(name)
	if v == "" {
		r.wrong("missing --%s: %s", name, want)
	}
	return v
}

func (r *reader) number(name string) int64 {
	n, err := strconv.ParseInt(cmp.Or(r.f.Value(name), "0"), 10, 64)
	if err != nil || n < 0 {
		r.wrong("--%s %s: want a number of 0 or more", name, r.f.Value(name))
	}
	return n
}

func (r *reader) json(name string, to *map[string]string) {
	if v := r.f.Value(name); v != "" {
		if err := json.Unmarshal([]byte(v), to); err != nil {
			r.wrong(`--%s: want JSON of names and values, as {"team":"security"}: %w`, name, err)
		}
	}
}
