// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/aer-project/aer/cmd/aer/evaluate"
	"github.com/aer-project/aer/cmd/aer/evaluate/page"
	"github.com/aer-project/aer/transforms/event"
)

func (a *app) evaluateCommand() *cobra.Command {
	var f evaluate.Files
	var show []string
	var html string
	cmd := &cobra.Command{
		Use:   "evaluate --events FILE... --truth FILE --anomalies FILE",
		Short: "Measure anomalies against labelled incidents", Args: noArgs,
		Long: `Measures anomalies against labelled incidents: recall and time to detect by kind of attack, alarms on
look-alikes, false alarms per 10,000 user-days elsewhere, and the same by detector. Files may be compressed with gzip
or zstd.

An attack is found if an anomaly of an expected type has its time in [start, end + 15 min] for that account; if the
truth says "respond": true, only one that would end sessions counts. Any anomaly in the span of a look-alike is a
false alarm. The background is every day on which an account older than 21 days was active outside incidents and
excluded spans; there, one alarm a user, day and type counts. What was not the person, signed in, and what was taken
for a common cause accuses nobody: it finds no attack and is no false alarm. Time to detect runs from the start of the
incident to the moment the evidence was complete (known_at), and also from crossed_at if the truth has it: when the
limit was truly crossed.

Without --decisions, all anomalies are decided anew under default settings. --feedback takes what people said about
anomalies, one {"anomaly_id", "org_id", "user_id", "verdict", "author", "reason", "time"} a line with the verdict
true_positive or false_positive, and adds the precision by detector and what it speaks for changing.

--html draws a page that needs nothing else: the tables, the times to detect, and for missed attacks and false alarms
what the account did over time, with the evidence against its threshold. It reads the events a second time.`,
		Example: `  aer simulate --out sim
  aer replay --events sim/events.ndjson.gz --tor sim/tor.tsv --settings sim/settings.yaml --out sim/out
  aer evaluate --events sim/events.ndjson.gz --truth sim/truth.ndjson --anomalies sim/out/anomalies.ndjson \
    --decisions sim/out/decisions.ndjson --show missed,false --html report.html`,
		RunE: func(*cobra.Command, []string) error {
			shown, err := parseShow(show)
			if err != nil {
				return err
			}
			if err := required("events", strings.Join(f.Events, ""), "truth", f.Truth, "anomalies", f.Anomalies); err != nil {
				return err
			}
			if html != "" && slices.Contains(f.Events, event.Stdin) {
				return usagef("--html reads the events twice and so cannot read standard input")
			}
			return a.evaluate(f, shown, html)
		},
	}
	flags := cmd.Flags()
	flags.StringSliceVar(&f.Events, "events", nil, "`files` of the events that were replayed")
	organisationFlags(flags, &f.Decode)
	flags.StringVar(&f.Truth, "truth", "", "`file` of labelled incidents, one JSON object a line")
	flags.StringVar(&f.Anomalies, "anomalies", "", "`file` of anomalies that a replay wrote")
	flags.StringVar(&f.Decisions, "decisions", "",
		"`file` of decisions, to tell what would respond from what only logs (default: decided under default settings)")
	flags.StringVar(&f.Feedback, "feedback", "", "`file` of what people found out about anomalies, one verdict a line")
	flags.StringVar(&f.Excluded, "excluded", "", "`file` of user spans that are not scored either way")
	flags.StringVar(&html, "html", "",
		"`file` to draw the report in, with timelines of what was missed and what was false")
	flags.StringSliceVar(&show, "show", nil, "`lists` to add: missed, false")
	return cmd
}

func (a *app) evaluate(f evaluate.Files, show map[string]bool, html string) error {
	bar := a.bytesBar("reading events")
	f.Progress = bar.at
	report, err := evaluate.Run(f)
	bar.done()
	if err != nil {
		return err
	}
	if html != "" {
		if err := a.drawEvaluation(f, report, html); err != nil {
			return err
		}
	}
	if a.output == outputJSON {
		return a.printJSON(report)
	}
	report.Print(a.printer(), show)
	return nil
}

// drawEvaluation writes the report as a page.
func (a *app) drawEvaluation(f evaluate.Files, report *evaluate.Report, path string) error {
	bar := a.bytesBar("reading timelines")
	f.Progress = bar.at
	missed, alarms, err := evaluate.Timelines(f, report)
	bar.done()
	if err != nil {
		return fmt.Errorf("reading timelines: %w", err)
	}
	var b bytes.Buffer
	if err := page.Write(&b, report, missed, alarms); err != nil {
		return err
	}
	return os.WriteFile(path, b.Bytes(), 0o644) // the error names the operation and the path
}

func parseShow(lists []string) (map[string]bool, error) {
	show := map[string]bool{}
	for _, l := range lists {
		if l != evaluate.ShowMissed && l != evaluate.ShowFalse {
			return nil, usagef("--show %s: must be missed or false", l)
		}
		show[l] = true
	}
	return show, nil
}
