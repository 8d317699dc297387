// SPDX-License-Identifier: Apache-2.0

package explain

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/schemas/ndjson"
)

// Names of the files in the folder of a run's results.
const (
	AnomaliesFile     = "anomalies.ndjson"
	DecisionsFile     = "decisions.ndjson"
	ResponsesFile     = "responses.ndjson"
	NotificationsFile = "notifications.ndjson"
	AuditFile         = "audit_log.ndjson"
)

// Found is an anomaly and the decision about it, nil if there is none.
type Found struct {
	Anomaly  *aerv1.Anomaly
	Decision *aerv1.Decision
}

// Results reads what a run found, in the order of its times: each anomaly once, though a retried write may repeat a
// line.
func Results(dir string) (all []Found, err error) {
	type key struct{ org, anomaly string }
	decisions, seen := map[key]*aerv1.Decision{}, map[key]bool{}
	if err := Read(dir, DecisionsFile,
		func(d *aerv1.Decision) { decisions[key{d.GetOrgId(), d.GetAnomalyId()}] = d }); err != nil {
		return nil, err
	}
	err = Read(dir, AnomaliesFile, func(a *aerv1.Anomaly) {
		if k := (key{a.GetOrgId(), a.GetId()}); !seen[k] {
			seen[k] = true
			all = append(all, Found{a, decisions[k]})
		}
	})
	slices.SortStableFunc(all,
		func(a, b Found) int { return a.Anomaly.GetTime().AsTime().Compare(b.Anomaly.GetTime().AsTime()) })
	return all, err
}

// Read reads a file of a run's results, if it is there: a run that finds nothing writes none of anomalies, and one that
// does not act none of responses.
func Read[M any, P interface {
	*M
	message
}](dir, name string, do func(P)) error {
	path := filepath.Join(dir, name)
	if !ndjson.Exists(path) {
		return nil
	}
	return ndjson.EachMessage(path, do)
}

// errNone is that a folder of results has no file of anomalies.
var errNone = errors.New("no anomaly has been written there")

// hasAnomalies says what is wrong with a folder that is to hold anomalies.
func hasAnomalies(dir string) error {
	_, err := os.Stat(filepath.Join(dir, AnomaliesFile))
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if _, err := os.Stat(dir); err != nil {
		return fmt.Errorf("%w; --dir names the folder that a run, a replay or the demo wrote to", err)
	}
	return fmt.Errorf("%s has no %s: %w", dir, AnomaliesFile, errNone)
}
