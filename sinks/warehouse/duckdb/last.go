// SPDX-License-Identifier: Apache-2.0

package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/aer-project/aer/sinks/warehouse/sqlgen"
)

// LastAnomalies prints the latest anomalies with the verdict and what was done, latest first, as a table for people.
// The query is that of `last_anomalies` in schemas/sql, which runs in BigQuery too.
func (db *DB) LastAnomalies(ctx context.Context, w io.Writer, howMany int) error {
	query, err := sqlgen.Render("last_anomalies", sqlgen.DuckDB)
	if err != nil {
		return err
	}
	rows, err := db.sql.QueryContext(ctx, query, sql.Named("how_many", howMany))
	if err != nil {
		return fmt.Errorf("querying the last anomalies: %w", err)
	}
	defer rows.Close()
	tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tab, "TIME\tORG\tUSER\tTYPE\tSEVERITY\tEVIDENCE\tOUTCOME\tMODE\tSESSIONS ENDED\tANOMALY")
	for rows.Next() {
		var at sql.NullTime
		var id, org, user, typ, severity, signal, summary, outcome, mode, reason sql.NullString
		var observed, threshold sql.NullFloat64
		var reset sql.NullInt64
		if err := rows.Scan(&at, &id, &org, &user, &typ, &severity, &signal, &observed, &threshold, &summary, &outcome, &mode,
			&reason, &reset); err != nil {
			return fmt.Errorf("reading the last anomalies: %w", err)
		}
		evidence := summary.String
		if evidence == "" {
			evidence = fmt.Sprintf("%s %g against %g", signal.String, observed.Float64, threshold.Float64)
		}
		ended := "-"
		if reset.Valid {
			ended = fmt.Sprint(reset.Int64)
		}
		cells := []string{at.Time.UTC().Format(time.RFC3339), org.String, user.String, typ.String, severity.String, evidence,
			outcome.String, mode.String, ended, id.String}
		for i := range cells {
			cells[i] = printable(cells[i])
		}
		fmt.Fprintln(tab, strings.Join(cells, "\t"))
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("reading the last anomalies: %w", err)
	}
	return tab.Flush()
}

// printable keeps what came from an event from moving the cursor or breaking the table.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, s)
}
