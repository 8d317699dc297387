// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aer-project/aer/cmd/aer/explain"
)

// aerFinds reads the summary of aer replay and what it wrote to a folder.
func aerFinds(dir string) func(out []byte) (Found, error) {
	return func(out []byte) (f Found, err error) {
		var said struct {
			Events      int
			DeadLetters int `json:"dead_letters"`
			Allocated   struct{ Objects, Bytes float64 }
		}
		if err := json.Unmarshal(out, &said); err != nil {
			return f, err
		}
		anomalies, err := identities(filepath.Join(dir, explain.AnomaliesFile))
		if err != nil {
			return f, err
		}
		decisions, err := identities(filepath.Join(dir, explain.DecisionsFile))
		if err != nil {
			return f, err
		}
		f.Events, f.Objects, f.Bytes = said.Events, said.Allocated.Objects, said.Allocated.Bytes
		f.Findings = fmt.Sprintf("%d events, %d dead letters, %d anomalies (%s), %d decisions (%s)", said.Events,
			said.DeadLetters, len(anomalies), digest(anomalies), len(decisions), digest(decisions))
		return f, nil
	}
}

// identities are what tells the anomalies or decisions in a file apart, in order.
func identities(path string) (ids []string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var of struct {
			ID, Outcome string
			AnomalyID   string `json:"anomaly_id"`
		}
		if err := json.Unmarshal(lines.Bytes(), &of); err != nil {
			return nil, fmt.Errorf("reading %s: %w", path, err)
		}
		ids = append(ids, of.ID+" "+of.AnomalyID+" "+of.Outcome)
	}
	slices.Sort(ids)
	return ids, lines.Err()
}

// digest is a short word for a list.
func digest(ids []string) string {
	sum := sha256.Sum256([]byte(strings.Join(ids, "\n")))
	return hex.EncodeToString(sum[:6])
}
