// SPDX-License-Identifier: Apache-2.0

// Package feedback keeps what people found out about anomalies: was it an attack or not, and how do they know.
//
// It is a file of one JSON object a line (aer.v1.Feedback) beside the other results of a run, and so the warehouse's
// table of that name. Lines are only added, each in one write, so that it works while the pipeline runs on the same
// folder. Somebody who changes their mind gives feedback again: of each author the latest word counts.
package feedback

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/schemas/ndjson"
)

// File is the name of the file in the folder of a run's results.
const File = "feedback.ndjson"

// maxReason is the longest reason, in bytes: it is shown in tables and messages.
const maxReason = 1000

// New is feedback on an anomaly. The verdict is aerv1.VerdictTruePositive or VerdictFalsePositive; hyphens will do.
func New(a *aerv1.Anomaly, verdict, author, reason string, at time.Time) (*aerv1.Feedback, error) {
	verdict = strings.ReplaceAll(verdict, "-", "_")
	if verdict != aerv1.VerdictTruePositive && verdict != aerv1.VerdictFalsePositive {
		return nil, fmt.Errorf("verdict %q is unknown: want true-positive or false-positive", verdict)
	}
	for _, f := range []struct{ name, value string }{{"author", author}, {"reason", reason}} {
		switch {
		case strings.TrimSpace(f.value) == "":
			return nil, fmt.Errorf("%s is empty: feedback without one cannot be judged later", f.name)
		case !utf8.ValidString(f.value):
			return nil, fmt.Errorf("%s is not valid UTF-8", f.name)
		case len(f.value) > maxReason:
			return nil, fmt.Errorf("%s has %d bytes: at most %d", f.name, len(f.value), maxReason)
		}
	}
	t := aerv1.Time(at)
	return &aerv1.Feedback{
		Id:        aerv1.NewID("feedback", a.GetOrgId(), a.GetId(), author, verdict, t.AsTime().Format(time.RFC3339Nano)),
		AnomalyId: a.GetId(), OrgId: a.GetOrgId(), UserId: a.GetUserId(), Type: a.GetType(),
		Verdict: verdict, Author: author, Reason: reason, Time: t, AnomalyTime: a.GetTime(),
	}, nil
}

// Append adds feedback to the file in dir.
func Append(dir string, f *aerv1.Feedback) (err error) {
	line, err := aerv1.MarshalJSONLine(f)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(filepath.Join(dir, File), os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("keeping feedback: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	line = append(line, '\n')
	appending.Lock()
	defer appending.Unlock()
	if torn(file) {
		line = append([]byte{'\n'}, line...)
	}
	if _, err := file.Write(line); err != nil {
		return fmt.Errorf("keeping feedback: %w", err)
	}
	return file.Sync()
}

// appending keeps one writer from taking what another of this process is just writing for a line that was cut short.
// Between processes the worst that comes of it is an empty line.
var appending sync.Mutex

// torn says that the last line was cut short: the next must not be glued to it.
func torn(file *os.File) bool {
	info, err := file.Stat()
	if err != nil || info.Size() == 0 {
		return false
	}
	last := make([]byte, 1)
	_, err = file.ReadAt(last, info.Size()-1)
	return err == nil && last[0] != '\n'
}

// Read returns the feedback in dir that counts: of each author's on each anomaly the latest, oldest first. Without a
// file there is none.
func Read(dir string) ([]*aerv1.Feedback, error) {
	path := filepath.Join(dir, File)
	if !ndjson.Exists(path) {
		return nil, nil
	}
	type word struct{ org, anomaly, author string }
	latest := map[word]*aerv1.Feedback{}
	err := ndjson.EachMessage(path, func(f *aerv1.Feedback) {
		w := word{f.GetOrgId(), f.GetAnomalyId(), f.GetAuthor()}
		if was := latest[w]; was == nil || compare(was, f) <= 0 {
			latest[w] = f
		}
	})
	if err != nil {
		return nil, fmt.Errorf("reading feedback: %w", err)
	}
	all := make([]*aerv1.Feedback, 0, len(latest))
	for _, f := range latest {
		all = append(all, f)
	}
	slices.SortFunc(all, compare)
	return all, nil
}

func compare(a, b *aerv1.Feedback) int {
	return cmp.Or(a.GetTime().AsTime().Compare(b.GetTime().AsTime()), cmp.Compare(a.GetId(), b.GetId()))
}

// Of returns those on one anomaly of one organisation.
func Of(all []*aerv1.Feedback, orgID, anomalyID string) (on []*aerv1.Feedback) {
	for _, f := range all {
		if f.GetOrgId() == orgID && f.GetAnomalyId() == anomalyID {
			on = append(on, f)
		}
	}
	return on
}

// Words is a verdict as people say it.
func Words(verdict string) string {
	switch verdict {
	case aerv1.VerdictTruePositive:
		return "true positive"
	case aerv1.VerdictFalsePositive:
		return "false positive"
	}
	return verdict
}
