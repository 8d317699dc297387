// SPDX-License-Identifier: Apache-2.0

package trial

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Files is a replay of files, which has no clock and so can be held to the local driver's in every field.
type Files struct {
	// Args are the events and what they are judged by, as aer replay takes them.
	Args        []string
	Parallelism int
	// Idle is what a job of one event takes, which is not counted; nil = it is not measured how long these take.
	Idle *Result
}

// replayed are the results of a replay that are compared.
var replayed = []string{"anomalies.ndjson", "decisions.ndjson", "dead_letters.ndjson"}

// Run replays on both.
func (f Files) Run(ctx context.Context, t Trial, name string) (res Result, err error) {
	want, got := filepath.Join(t.Dir, folder(name), "want"), filepath.Join(t.Dir, folder(name), "got")
	args := append([]string{"replay", "-o", "json"}, f.Args...)
	if _, err := t.aer(ctx, nil, append(args, "--out", want)...); err != nil {
		return res, err
	}
	before, began := t.Cluster.CPU(), time.Now()
	var out bytes.Buffer
	worker, err := t.aer(ctx, &out, append(args, "--out", got, "--engine", "flink", "--endpoint", t.Cluster.JobServer,
		"--flink-master", t.Cluster.Master, "--parallelism", fmt.Sprint(f.Parallelism))...)
	if err != nil {
		return res, err
	}
	var said struct{ Events, Anomalies int }
	if err := json.Unmarshal(out.Bytes(), &said); err != nil {
		return res, fmt.Errorf("reading what aer replay says: %w", err)
	}
	res = Result{Events: said.Events, Decisions: said.Anomalies}
	if f.Idle != nil {
		res.Took, res.CPU = time.Since(began)-f.Idle.Took, worker+t.Cluster.CPU()-before-f.Idle.CPU
	}
	for _, file := range replayed {
		if err := sameFile(filepath.Join(want, file), filepath.Join(got, file)); err != nil {
			return res, err
		}
	}
	return res, nil
}

func sameFile(want, got string) error {
	a, err := os.ReadFile(want)
	b, err2 := os.ReadFile(got)
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	if !bytes.Equal(a, b) {
		return fmt.Errorf("%s on Flink differs from the local driver's", filepath.Base(want))
	}
	return nil
}
