// SPDX-License-Identifier: Apache-2.0

package trial

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// A keying tells by what decisions of two runs are matched, and what of them must be equal.
type keying func(anomaly, decision map[string]any) (id, equal string)

// exact is all of them, but for the time on the clock and the mode.
func exact(anomaly, decision map[string]any) (id, equal string) {
	delete(anomaly, "detected_at")
	raw, _ := json.Marshal(anomaly) // of what was just read
	return fmt.Sprint(decision["anomaly_id"]), fmt.Sprint(decision["outcome"], string(raw))
}

// roughly is who was found for what. After a crash messages come in another order than they were published, so that
// what is found may rest on other events.
func roughly(anomaly, decision map[string]any) (id, equal string) {
	return fmt.Sprint(anomaly["org_id"], anomaly["user_id"], anomaly["type"]), fmt.Sprint(decision["outcome"])
}

// decided is what was decided in a folder of results.
type decided struct {
	all map[string]string // by the keying
	// again are the rows that were written more than once, wanted the decisions to end sessions.
	again, wanted int
}

func readDecided(dir string, key keying) (d decided, err error) {
	anomalies := map[any]map[string]any{}
	err = eachLine(filepath.Join(dir, "anomalies.ndjson"), func(m map[string]any) { anomalies[m["id"]] = m })
	d.all = map[string]string{}
	seen := map[any]bool{}
	err = errors.Join(err, eachLine(filepath.Join(dir, "decisions.ndjson"), func(m map[string]any) {
		if seen[m["anomaly_id"]] {
			d.again++
			return
		}
		seen[m["anomaly_id"]] = true
		if m["outcome"] == "RESPOND" || m["outcome"] == "PERSISTING" {
			d.wanted++
		}
		id, equal := key(anomalies[m["anomaly_id"]], m)
		d.all[id] = equal
	}))
	return d, err
}

func eachLine(path string, do func(map[string]any)) error {
	raw, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(raw)) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			return fmt.Errorf("reading %s: %w", path, err)
		}
		do(m)
	}
	return nil
}
