// SPDX-License-Identifier: Apache-2.0

package sqlgen

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/aer-project/aer/sinks/warehouse"
)

// Schedule says what the queries build that a warehouse runs by the clock. Zero values are the defaults: BigQuery's
// scheduled queries on DefaultDataset, with the parameters run_date and run_time that BigQuery sets itself.
type Schedule struct {
	Dialect Dialect
	// Dataset holds the tables: "dataset" or "project.dataset".
	Dataset string
	// HabitDays and LagDays are those of a version: see DefaultHabitDays and DefaultLagDays. LagDays < 0 = no lag.
	HabitDays, LagDays int
	// RunDate and RunTime are SQL expressions that stand in place of the parameters, to run a script for one's own day.
	RunDate, RunTime string
}

func (s Schedule) withDefaults() Schedule {
	if s.Dialect == "" {
		s.Dialect = BigQuery
	}
	if s.Dataset == "" {
		s.Dataset = DefaultDataset
	}
	if s.HabitDays <= 0 {
		s.HabitDays = DefaultHabitDays
	}
	switch {
	case s.LagDays == 0:
		s.LagDays = DefaultLagDays
	case s.LagDays < 0:
		s.LagDays = 0
	}
	return s
}

// versionTables are the tables that the daily script fills for each version.
var versionTables = []warehouse.Table{
	warehouse.BaselinesOrg, warehouse.BaselinesUser, warehouse.BaselinesFingerprint, warehouse.BaselinesMethod,
	warehouse.BaselinesClient,
	warehouse.BaselinesHour, warehouse.BaselinesUserClient, warehouse.BaselinesUserNetwork,
}

const dailyHeader = `-- Scheduled query, daily at 00:30 UTC: derives the activity of the last two days, and from the history the baseline version that
-- is valid on the day of the run (run_date, which BigQuery sets). The version is called by its day.
--
-- All of it is one transaction, and the rows are written only where the version is not complete yet: running it again, by hand or
-- twice at once, never changes a version that anybody has been judged by. (Two runs at once delete the same hours: one is refused.)
`

// Daily renders the script for once a day: it writes the baseline version of that day, if it is not there yet.
func (s Schedule) Daily() (string, error) {
	w, err := s.withDefaults().script(dailyHeader, map[string]string{
		"start":     `CAST({{addDays (dateParam "run_date") -2}} AS TIMESTAMP)`,
		"until":     `CAST({{dateParam "run_date"}} AS TIMESTAMP)`,
		"first_day": `{{addDays (dateParam "run_date") -2}}`, "last_day": `{{addDays (dateParam "run_date") -1}}`,
		"first_version": `{{dateParam "run_date"}}`, "last_version": `{{dateParam "run_date"}}`,
	})
	if err != nil {
		return "", err
	}
	w.replace(warehouse.ActivityHourly)
	w.replace(warehouse.ActivityDaily)
	missing := w.text(
		`NOT EXISTS (SELECT 1 FROM {{table "baselines_version"}} WHERE valid_from = CAST({{dateParam "run_date"}} AS TIMESTAMP))`)
	for _, t := range versionTables {
		w.insert(t, missing)
	}
	w.line(`
-- The version is complete.
INSERT INTO {{table "baselines_version"}} (version, valid_from, valid_until, habit_days, lag_days, built_at)
SELECT {{dayText (dateParam "run_date")}}, CAST({{dateParam "run_date"}} AS TIMESTAMP), CAST({{addDays (dateParam "run_date") 1}} AS TIMESTAMP),
  ` + fmt.Sprintf("%d, %d", w.schedule.HabitDays, w.schedule.LagDays) + `, {{timeParam "run_time"}}
FROM (SELECT 1 AS one) AS once
WHERE ` + missing + `;`)
	return w.end()
}

const hourlyHeader = `-- Scheduled query, every hour at a quarter past: derives the hour that is complete (late events are taken for ten minutes), and
-- writes how each organisation's day compares with what its hours of the week let expect, valid for the hour that begins now.
-- Rows that are there are never changed. Which objects are new is not looked up here (it would read five weeks of activity every
-- hour): in the rows of activity_hourly of today all objects count as new, until the daily run derives them again.
`

// Hourly renders the script for a quarter past every hour: it writes the live factors of the hour that begins, if they
// are not there yet.
func (s Schedule) Hourly() (string, error) {
	w, err := s.withDefaults().script(hourlyHeader, map[string]string{
		"start": `{{addHours (trunc "HOUR" (timeParam "run_time")) -1}}`, "until": `{{trunc "HOUR" (timeParam "run_time")}}`,
		"first_version": `CAST({{timeParam "run_time"}} AS DATE)`, "last_version": `CAST({{timeParam "run_time"}} AS DATE)`,
	})
	if err != nil {
		return "", err
	}
	w.render.memoryDays = new(int)
	w.replace(warehouse.ActivityHourly)
	now := w.text(`valid_from <= {{timeParam "run_time"}} AND valid_until > {{timeParam "run_time"}}`)
	w.insert(warehouse.BaselinesLive, fmt.Sprintf("%s AND NOT EXISTS (SELECT 1 FROM %s WHERE %s)", now,
		w.text(`{{table "baselines_live"}}`), now))
	return w.end()
}

// script is a script being written; the first error stays.
type script struct {
	schedule Schedule
	render   Renderer
	out      strings.Builder
	err      error
}

// script begins a transaction. values are templates of the expressions that stand for parameters.
func (s Schedule) script(header string, values map[string]string) (*script, error) {
	w := &script{schedule: s, render: Renderer{Dialect: s.Dialect, Dataset: s.Dataset, values: map[string]string{}}}
	if s.RunDate != "" {
		w.render.values["run_date"] = s.RunDate
	}
	if s.RunTime != "" {
		w.render.values["run_time"] = s.RunTime
	}
	rendered := map[string]string{}
	for name, text := range values {
		rendered[name] = w.text(text)
	}
	for name, text := range rendered {
		w.render.values[name] = text
	}
	w.out.WriteString(header + "BEGIN TRANSACTION;\n")
	return w, w.err
}

func (w *script) text(template string) string {
	text, err := w.render.RenderText(template)
	if err != nil && w.err == nil {
		w.err = err
	}
	return strings.TrimSpace(text)
}

func (w *script) line(template string) { w.out.WriteString("\n" + w.text(template) + "\n") }

func (w *script) end() (string, error) {
	w.out.WriteString("\nCOMMIT TRANSACTION;\n")
	return w.out.String(), w.err
}

// replace deletes what a table has for the days or hours of its query and inserts what the query gives.
func (w *script) replace(t warehouse.Table) {
	spec, err := warehouse.SpecOf(t)
	if err != nil {
		w.err = err
		return
	}
	from, until := w.render.values["start"], w.render.values["until"]
	w.line(fmt.Sprintf("DELETE FROM {{table %q}} WHERE {{q %q}} >= %s AND {{q %q}} < %s;", t, spec.Time, from,
		spec.Time, until))
	w.insert(t, "TRUE")
}

// insert inserts what the table's query gives, where the condition holds.
func (w *script) insert(t warehouse.Table, condition string) {
	habit, lag := History(t, w.schedule.HabitDays, w.schedule.LagDays)
	w.render.values["habit"], w.render.values["lag"] = strconv.Itoa(habit), strconv.Itoa(lag)
	query, err := w.render.Render(string(t), nil)
	if err != nil {
		w.err = err
		return
	}
	list, err := w.columns(t)
	if err != nil {
		w.err = err
		return
	}
	fmt.Fprintf(&w.out, "\nINSERT INTO %s (%s)\nSELECT %s FROM (\n%s) AS made\nWHERE %s;\n",
		w.text(fmt.Sprintf("{{table %q}}", t)), list, list, query, condition)
}

// columns lists a table's columns, quoted.
func (w *script) columns(t warehouse.Table) (string, error) {
	spec, err := warehouse.SpecOf(t)
	if err != nil {
		return "", err
	}
	cols, err := spec.Columns()
	if err != nil {
		return "", err
	}
	names := make([]string, len(cols))
	for i, c := range cols {
		names[i] = w.text(fmt.Sprintf("{{q %q}}", c.Name))
	}
	return strings.Join(names, ", "), nil
}
