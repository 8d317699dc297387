// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/aer-project/aer/cmd/aer/explain"
	"github.com/aer-project/aer/cmd/aer/term"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Whom explain can tell the story.
const (
	forAnalyst = "analyst"
	forUser    = "user"
)

// outDefault is where the demo writes, and so where explain looks first.
const outDefault = "aer-out"

// explainOptions are what to explain, and to whom.
type explainOptions struct {
	dir, audience, directory, language string
	only                               explain.Filter
}

func (a *app) explainCommand() *cobra.Command {
	var o explainOptions
	cmd := &cobra.Command{
		Use: "explain [ANOMALY_ID]", Short: "List anomalies, or tell the whole story of one",
		Long: `Tells the whole story of one anomaly from the files of a run: the evidence with its numbers, the baseline it
was judged by, the client as seen and as known before, each gate of the decision, and what was done. The id may be cut
to any unique beginning.

Without an id it lists the anomalies there, newest last, with the beginning of the id to ask with; -o json writes one
object a line.

--for user tells it as the mail to the person concerned does, in plain words and without numbers or thresholds: the mail
itself if one was sent, else what it would say.`,
		Example: `  aer explain
  aer explain --org brightwater --outcome RESPOND
  aer explain 5f3a
  aer explain --dir sim/out 5f3a90c1 -o json
  aer explain 5f3a --for user --directory directory.yaml`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef("want one anomaly id, or none to list them, got %d", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(cmd, len(args) == 0); err != nil {
				return err
			}
			if len(args) == 0 {
				return a.explainList(o)
			}
			return a.explainOne(o, args[0])
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.dir, "dir", outDefault, "`directory` that a run, a replay or the demo wrote to")
	f.StringVar(&o.audience, "for", forAnalyst, "`whom` to tell: analyst or user")
	f.StringVar(&o.directory, "directory", "", "YAML `file` of people, for --for user: names the person and whom to ask")
	f.StringVar(&o.language, "language", "", "`language` for --for user (default: the person's, else English)")
	f.StringVar(&o.only.Org, "org", "", "list only those of the organisation with this `id`")
	f.StringVar(&o.only.User, "user", "", "list only those of the person with this `id`")
	f.StringVar(&o.only.Type, "type", "", "list only those of this `type`, such as tor")
	f.StringVar(&o.only.Outcome, "outcome", "", "list only those with this `outcome` of the decision, such as RESPOND")
	f.IntVar(&o.only.Limit, "limit", 50, "list so many at most, the newest; 0 is all")
	return cmd
}

// listFlags make sense without an id, and oneFlags with one.
var (
	listFlags = []string{"org", "user", "type", "outcome", "limit"}
	oneFlags  = []string{"for", "directory", "language"}
)

func (o *explainOptions) check(cmd *cobra.Command, list bool) error {
	o.only.Outcome = strings.ToUpper(o.only.Outcome)
	var outcomes []string
	for _, d := range explain.Outcomes() {
		outcomes = append(outcomes, d.String())
	}
	switch {
	case o.audience != forAnalyst && o.audience != forUser:
		return usagef("--for %s: must be %s or %s", o.audience, forAnalyst, forUser)
	case o.only.Type != "" && !slices.Contains(aerv1.AnomalyTypes, o.only.Type):
		return usagef("--type %s: must be one of %s", o.only.Type, strings.Join(aerv1.AnomalyTypes, ", "))
	case o.only.Outcome != "" && !slices.Contains(outcomes, o.only.Outcome):
		return usagef("--outcome %s: must be one of %s", o.only.Outcome, strings.Join(outcomes, ", "))
	case o.only.Limit < 0:
		return usagef("--limit %d: must be 0, which is all, or more", o.only.Limit)
	}
	wrong, why := oneFlags, "is about one anomaly: give its id"
	if !list {
		wrong, why = listFlags, "is for the list of anomalies: leave the id out"
	}
	for _, name := range wrong {
		if cmd.Flags().Changed(name) {
			return usagef("--%s %s", name, why)
		}
	}
	return nil
}

func (a *app) explainList(o explainOptions) error {
	l, err := explain.LoadList(o.dir, o.only)
	if err != nil {
		return err
	}
	if a.output == outputJSON {
		return l.WriteJSON(a.out)
	}
	switch {
	case l.Total == 0:
		a.logf("no anomalies in %s", o.dir)
		return nil
	case l.Matching == 0:
		a.logf("none of the %d anomalies in %s is like that", l.Total, o.dir)
		return nil
	}
	l.Print(a.printer())
	if left := l.Matching - len(l.Rows); left > 0 {
		a.logf("%d older ones are left out; --limit 0 lists all", left)
	}
	a.logf("the story of one: %s", explainCommandLine(o.dir, term.ID(l.Rows[len(l.Rows)-1].Anomaly.GetId())))
	return nil
}

// explainCommandLine is how to ask about the anomaly with an id, or for the list of them, in a folder of results.
func explainCommandLine(dir, id string) string {
	line := self() + " explain"
	if dir != outDefault {
		line += " --dir " + dir
	}
	return strings.TrimRight(line+" "+id, " ")
}

func (a *app) explainOne(o explainOptions, id string) error {
	story, err := explain.Load(o.dir, id)
	if err != nil {
		return err
	}
	if o.audience == forUser {
		return a.explainToUser(story, o.directory, o.language)
	}
	if a.output == outputJSON {
		return story.WriteJSON(a.out)
	}
	story.Print(a.printer())
	return nil
}

// explainToUser writes plain words; they are data, whatever the format, since there is nothing in them to parse.
func (a *app) explainToUser(story *explain.Story, directory, language string) error {
	people, err := explain.Directory(directory, story.Anomaly.GetOrgId())
	if err != nil {
		return err
	}
	words, err := story.ForUser(people, language)
	if err != nil {
		return err
	}
	if a.output == outputJSON {
		return a.printJSON(words)
	}
	words.Print(a.printer())
	return nil
}
