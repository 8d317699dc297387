package transforms

import (
	"flag"
	"reflect"
	"sync"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/options/jobopts"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/ptest"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

func TestMain(m *testing.M) {
	flag.Parse()
	*jobopts.Experiments = "prism_disable_sdf_split"
	ptest.Main(m)
}

// A sink collects what arrives, in this process; tests on Prism run their DoFns here.
type sink struct {
	sync.Mutex
	got []any
}

var (
	sinksMu sync.Mutex
	sinks   = map[string]*sink{}
)

func newSink(t *testing.T) *sink {
	t.Helper()
	sinksMu.Lock()
	defer sinksMu.Unlock()
	s := &sink{}
	sinks[t.Name()] = s
	return s
}

func (s *sink) add(v any) {
	s.Lock()
	defer s.Unlock()
	s.got = append(s.got, v)
}

func sinkOf(name string) *sink {
	sinksMu.Lock()
	defer sinksMu.Unlock()
	return sinks[name]
}

func collected[T any](s *sink) []T {
	s.Lock()
	defer s.Unlock()
	var out []T
	for _, v := range s.got {
		if v, ok := v.(T); ok {
			out = append(out, v)
		}
	}
	return out
}

// collectMessages, collectAnomalies: a Reshuffle stands before every sink, see BEAM trap 8 in sinks.
func collectMessages(t *testing.T, s beam.Scope, col beam.PCollection) {
	beam.ParDo0(s, &messageSinkFn{t.Name()}, beam.Reshuffle(s, col))
}

func collectAnomalies(t *testing.T, s beam.Scope, col beam.PCollection) {
	beam.ParDo0(s, &anomalySinkFn{t.Name()}, beam.Reshuffle(s, col))
}

type messageSinkFn struct{ Name string }

func (fn *messageSinkFn) ProcessElement(m Message) { sinkOf(fn.Name).add(m) }

type anomalySinkFn struct{ Name string }

func (fn *anomalySinkFn) ProcessElement(a *aerv1.Anomaly) { sinkOf(fn.Name).add(a) }

func init() {
	register.DoFn1x0[Message](&messageSinkFn{})
	register.DoFn1x0[*aerv1.Anomaly](&anomalySinkFn{})
	beam.RegisterType(reflect.TypeFor[messageSinkFn]())
}
