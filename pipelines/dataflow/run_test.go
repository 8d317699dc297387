// SPDX-License-Identifier: Apache-2.0

package dataflow

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/log"
	api "google.golang.org/api/dataflow/v1b3"

	"github.com/aer-project/aer/pipelines"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/process"
	"github.com/aer-project/aer/transforms/source"
)

func TestMain(m *testing.M) {
	log.LogLevel = "warn" // else a submission tells the whole model
	beam.Init()
	os.Exit(m.Run())
}

// cloud answers as Cloud Storage, Dataflow and the server of tokens do, as far as a submission asks them.
type cloud struct {
	*httptest.Server
	mu      sync.Mutex
	objects map[string]int // bytes by name
	job     api.Job        // as it was created
	asked   []string       // states
	// next gives the state of the job, by how often it was asked for.
	next func(asked []string) string
}

func newCloud(t *testing.T, next func(asked []string) string) *cloud {
	t.Helper()
	c := &cloud{objects: map[string]int{}, next: next}
	c.Server = httptest.NewServer(http.HandlerFunc(c.serve))
	t.Cleanup(c.Close)
	t.Setenv("STORAGE_EMULATOR_HOST", c.URL)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	private := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	account := map[string]string{"type": "service_account", "client_email": "aer@p.example", "token_uri": c.URL + "/token",
		"private_key": string(private)}
	raw, err := json.Marshal(account)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "account.json")
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", file)
	return c
}

func (c *cloud) serve(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	w.Header().Set("Content-Type", "application/json")
	path := strings.TrimPrefix(r.URL.Path, "/")
	jobs := "v1b3/projects/p/locations/europe-west1/jobs"
	switch {
	case path == "token":
		fmt.Fprint(w, `{"access_token":"t","token_type":"Bearer","expires_in":3600}`)
	case strings.HasPrefix(path, "b/"), strings.HasPrefix(path, "storage/v1/b/"):
		fmt.Fprint(w, `{"name":"b"}`)
	case strings.HasPrefix(path, "upload/"):
		_, meta, _ := strings.Cut(string(body), "\r\n\r\n")
		var object struct{ Name string }
		_ = json.NewDecoder(strings.NewReader(meta)).Decode(&object)
		c.objects[object.Name] = len(body)
		fmt.Fprintf(w, `{"name":%q,"bucket":"b"}`, object.Name)
	case path == jobs && r.Method == http.MethodPost:
		_ = json.Unmarshal(body, &c.job)
		fmt.Fprint(w, `{"id":"j-1"}`)
	case path == jobs+"/j-1" && r.Method == http.MethodPut:
		var want api.Job
		_ = json.Unmarshal(body, &want)
		c.asked = append(c.asked, want.RequestedState)
		fmt.Fprint(w, `{"id":"j-1"}`)
	case path == jobs+"/j-1":
		fmt.Fprintf(w, `{"id":"j-1","currentState":%q}`, c.next(c.asked))
	default:
		http.NotFound(w, r)
	}
}

func submit(t *testing.T, c *cloud, more flags, log func(string)) error {
	t.Helper()
	worker := filepath.Join(t.TempDir(), "aer")
	if err := os.WriteFile(worker, []byte("a worker"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := flags{"project": "p", "region": "europe-west1", "staging_location": "gs://b/staging", "worker_binary": worker,
		"dataflow_endpoint": c.URL + "/", "service_account_email": "worker@p.example"}
	maps.Copy(f, more)
	if _, err := Apply(f, Choose(planFor(20e6, 100e3))); err != nil {
		t.Fatal(err)
	}
	p := pipelines.Detect(pipelines.Config{
		Run: process.Run{ID: "aer", Mode: aerv1.ModeObserve}, Activity: true,
		Source: source.Config{Kind: source.KindDataflow, PubSub: source.PubSub{Subscription: "projects/p/subscriptions/s"}},
	})
	return Run(t.Context(), p, Options{Flags: f, Out: t.Output(), Poll: time.Millisecond,
		Signals: []os.Signal{syscall.SIGUSR1},
		Log:     func(format string, args ...any) { log(fmt.Sprintf(format, args...)) }})
}

// A job is staged, created with what was chosen, and drained by the first signal; its end is the end of the run.
func TestSubmitAndDrain(t *testing.T) {
	c := newCloud(t, func(asked []string) string {
		switch len(asked) {
		case 0:
			return "JOB_STATE_RUNNING"
		default:
			return "JOB_STATE_DRAINED"
		}
	})
	var said []string
	err := submit(t, c, nil, func(line string) {
		said = append(said, line)
		if strings.Contains(line, "JOB_STATE_RUNNING") {
			if err := syscall.Kill(syscall.Getpid(), syscall.SIGUSR1); err != nil {
				t.Error(err)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !slices.Equal(c.asked, []string{"JOB_STATE_DRAINED"}) {
		t.Errorf("asked for %v; it said %q", c.asked, said)
	}
	if len(c.objects) != 2 {
		t.Errorf("staged %v, want a worker and a model", c.objects)
	}
	pool := c.job.Environment.WorkerPools[0]
	if c.job.Type != "JOB_TYPE_STREAMING" || c.job.Name != "aer" || pool.MachineType != machineStandard ||
		pool.AutoscalingSettings.MaxNumWorkers != 2 || pool.DiskSizeGb != diskGiB ||
		c.job.Environment.ServiceAccountEmail != "worker@p.example" ||
		!slices.Contains(c.job.Environment.ServiceOptions, serviceUnits) {
		t.Errorf("the job is %+v with workers %+v", c.job, pool)
	}
}

// The second signal cancels, and what ends otherwise than by a drain is an error.
func TestCancelAndFail(t *testing.T) {
	kill := func(line string) {
		if strings.Contains(line, "RUNNING") || strings.Contains(line, "DRAINING") {
			if err := syscall.Kill(syscall.Getpid(), syscall.SIGUSR1); err != nil {
				t.Error(err)
			}
		}
	}
	c := newCloud(t, func(asked []string) string {
		return []string{"JOB_STATE_RUNNING", "JOB_STATE_DRAINING", "JOB_STATE_CANCELLED"}[len(asked)]
	})
	err := submit(t, c, nil, kill)
	c.mu.Lock()
	defer c.mu.Unlock()
	if !errors.Is(err, ErrEnded) || !slices.Equal(c.asked, []string{"JOB_STATE_DRAINED", "JOB_STATE_CANCELLED"}) {
		t.Errorf("asked for %v: %v", c.asked, err)
	}
	failing := newCloud(t, func([]string) string { return "JOB_STATE_FAILED" })
	if err := submit(t, failing, nil, func(string) {}); !errors.Is(err, ErrEnded) {
		t.Errorf("a job that fails: %v", err)
	}
}

// The launcher of a flex template only has the job staged; a dry run stages nothing, and --async does not wait.
func TestNotWaitedFor(t *testing.T) {
	for name, c := range map[string]struct {
		flags   flags
		objects int
		created bool
	}{
		"template": {flags{flagTemplate: "gs://b/job.json"}, 3, false},
		"dry run":  {flags{flagDryRun: "true"}, 0, false},
		"async":    {flags{"async": "true"}, 2, true},
	} {
		t.Run(name, func(t *testing.T) {
			cloud := newCloud(t, func([]string) string { return "JOB_STATE_RUNNING" })
			if err := submit(t, cloud, c.flags, func(string) {}); err != nil {
				t.Fatal(err)
			}
			cloud.mu.Lock()
			defer cloud.mu.Unlock()
			if len(cloud.objects) != c.objects || (cloud.job.Name != "") != c.created {
				t.Errorf("staged %v, created %q", cloud.objects, cloud.job.Name)
			}
		})
	}
}
