// SPDX-License-Identifier: Apache-2.0

package feedback

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/warehouse"
)

// Rows brings the feedback in a folder into a database, which then knows what was an attack: its baselines leave those
// days out. Every line becomes a row, also what its author took back later: the database goes by the latest itself.
//
// What was brought is not brought again by the same Rows, nor what the database had before; a row that appears twice
// all the same, because two processes brought it, counts once there.
type Rows struct {
	dir   string
	to    warehouse.Writer
	known map[string]bool
	size  int64 // of the file when it was read last
}

// NewRows brings the file in dir into the database, which holds the rows with the ids of known already.
func NewRows(dir string, to warehouse.Writer, known []string) *Rows {
	r := &Rows{dir: dir, to: to, known: map[string]bool{}, size: -1}
	for _, id := range known {
		r.known[id] = true
	}
	return r
}

// Database is a warehouse that knows its rows.
type Database interface {
	warehouse.Writer
	SQL() *sql.DB
}

// RowsOf is NewRows on a database, which is asked what it holds.
func RowsOf(ctx context.Context, dir string, db Database) (*Rows, error) {
	known, err := idsIn(ctx, db.SQL())
	if err != nil {
		return nil, fmt.Errorf("looking for feedback in the warehouse: %w", err)
	}
	return NewRows(dir, db, known), nil
}

func idsIn(ctx context.Context, db *sql.DB) (ids []string, err error) {
	rows, err := db.QueryContext(ctx, "SELECT DISTINCT id FROM "+string(warehouse.Feedback))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// Bring adds what is new in the file and says how many rows that was. Nothing is lost if it fails: call it again. Lines
// that cannot be read are left out and named in bad; one that is being written is read when the file has changed.
func (r *Rows) Bring(ctx context.Context) (n int, bad []error, err error) {
	info, err := os.Stat(filepath.Join(r.dir, File))
	if os.IsNotExist(err) || err == nil && info.Size() == r.size {
		return 0, nil, nil
	}
	if err != nil {
		return 0, nil, fmt.Errorf("looking for feedback: %w", err)
	}
	var rows []proto.Message
	err = warehouse.ReadNDJSON(r.dir, warehouse.Feedback, func(m proto.Message, err error) error {
		if err != nil {
			bad = append(bad, err)
			return nil
		}
		if f := m.(*aerv1.Feedback); !r.known[f.GetId()] {
			rows = append(rows, f)
		}
		return nil
	})
	if err == nil {
		err = r.to.Append(ctx, warehouse.Feedback, rows...)
	}
	if err != nil {
		return 0, bad, fmt.Errorf("bringing feedback into the warehouse: %w", err)
	}
	for _, m := range rows {
		r.known[m.(*aerv1.Feedback).GetId()] = true
	}
	r.size = info.Size()
	return len(rows), bad, nil
}
