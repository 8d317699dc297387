// SPDX-License-Identifier: Apache-2.0

package feedback

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/aer-project/aer/sinks/warehouse"
)

// kept is a warehouse of rows in memory, which fails as often as it is told to.
type kept struct {
	warehouse.Tee
	rows  []proto.Message
	fails int
}

func (k *kept) Append(_ context.Context, _ warehouse.Table, rows ...proto.Message) error {
	if k.fails > 0 {
		k.fails--
		return errors.New("the disk is full")
	}
	k.rows = append(k.rows, rows...)
	return nil
}

func TestEveryLineBecomesARowOnce(t *testing.T) {
	dir, db := t.TempDir(), &kept{}
	r := NewRows(dir, db, nil)
	bring := func(want int) {
		t.Helper()
		if n, bad, err := r.Bring(t.Context()); n != want || len(bad) > 0 || err != nil {
			t.Errorf("brought %d, %v, %v; want %d", n, bad, err, want)
		}
	}
	bring(0)
	a := anomaly("O1", "A1")
	first := give(t, dir, a, "false-positive", "kim", "r", at)
	bring(1)
	bring(0)
	second := give(t, dir, a, "true-positive", "kim", "r", at.Add(time.Minute))
	db.fails = 1
	if _, _, err := r.Bring(t.Context()); err == nil {
		t.Error("a failure of the warehouse is not told")
	}
	bring(1)
	if len(db.rows) != 2 || !proto.Equal(db.rows[0], first) || !proto.Equal(db.rows[1], second) {
		t.Errorf("rows %v", db.rows)
	}
	r = NewRows(dir, db, []string{first.GetId(), second.GetId()}) // after a restart
	bring(0)
}

func TestALineThatCannotBeReadHidesNoOther(t *testing.T) {
	dir, db := t.TempDir(), &kept{}
	if err := os.WriteFile(filepath.Join(dir, File), []byte("{\"id\":\"cut\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	give(t, dir, anomaly("O1", "A1"), "true-positive", "kim", "r", at)
	if n, bad, err := NewRows(dir, db, nil).Bring(t.Context()); n != 1 || len(bad) != 1 || err != nil {
		t.Errorf("brought %d, %v, %v", n, bad, err)
	}
}
