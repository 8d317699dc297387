// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"fmt"
	"path/filepath"

	"github.com/aer-project/aer/cmd/bench/child"
	"github.com/aer-project/aer/cmd/bench/streams"
)

// Programs are what is compared.
type Programs struct {
	AER string
	// Limit is "" where there is none.
	Limit string
	// Out is a folder for results.
	Out string
}

// Names of yardsticks.
const (
	limitJSON  = "limit, JSON, 1 core"
	limitJSON2 = "limit, JSON, 2 workers"
	limitProto = "limit, protobuf, 1 core"
)

// Names of what is followed over cores and streams.
const (
	growing  = "AER, Slack JSON, 1 core"
	growing2 = "AER, Slack JSON, 2 cores"
)

// cores has a Go program use so many cores.
func cores(n int) []string { return []string{fmt.Sprintf("GOMAXPROCS=%d", n)} }

// Subjects are all that is run on a stream: the yardsticks, and AER by engine, form and number of cores.
func (p Programs) Subjects(s streams.Stream) (all []Subject) {
	first := s.Native
	if s.Slack != "" && p.Limit != "" {
		first = s.Slack
		all = append(all, p.limit(limitJSON, s, s.Slack, 1, "-mode", "scan", "-det", "local"),
			p.limit(limitJSON2, s, s.Slack, 2, "-mode", "scan", "-det", "shuffle"),
			p.limit(limitProto, s, s.LimitProto, 1, "-mode", "pbscan", "-det", "local"))
	}
	if s.Slack != "" {
		all = append(all, p.replay(growing, limitJSON, s, s.Slack, 1, "none"),
			p.replay(growing2, limitJSON2, s, s.Slack, 2, "none"))
	}
	return append(all, p.replay("AER, native JSON, 1 core", limitJSON, s, s.Native, 1, "none"),
		p.replay("AER, protobuf, 1 core", limitProto, s, s.Proto, 1, "none"),
		p.replay("AER, rolling baselines, 2 cores", limitJSON2, s, first, 2, "rolling"),
		p.replay("AER, part of the stream, 2 cores", limitJSON2, s, s.Part, 2, "none"),
		p.replay("AER on Beam, the same part, 2 cores", limitJSON2, s, s.Part, 2, "none", "--engine", "beam"))
}

// Growth are the yardstick and AER on one core, on a stream that is a fourth of another one.
func (p Programs) Growth(s streams.Stream) (all []Subject) {
	for _, one := range p.Subjects(s) {
		if one.Name == limitJSON || one.Name == growing {
			all = append(all, one)
		}
	}
	return all
}

func (p Programs) limit(name string, s streams.Stream, in string, workers int, args ...string) Subject {
	return Subject{
		Name: name, Stream: s.Name, Same: "the limit on " + s.Name, Finds: limitFinds,
		Command: child.Command{Env: cores(workers), Args: append([]string{
			p.Limit, "-in", in, "-tor", s.Tor, "-par", fmt.Sprint(workers),
		}, args...)},
	}
}

func (p Programs) replay(name, limit string, s streams.Stream, in string, procs int, baseline string,
	args ...string) Subject {
	out := filepath.Join(p.Out, "results")
	same := s.Name + " with baseline " + baseline
	if in == s.Part {
		same = "the part of " + same
	}
	return Subject{
		Name: name, Stream: s.Name, Limit: limit, Same: same, Finds: aerFinds(out),
		Command: child.Command{Env: cores(procs), Args: append([]string{
			p.AER, "replay", "-o", "json", "--events", in, "--tor", s.Tor, "--baseline", baseline, "--out", out,
		}, args...)},
	}
}
