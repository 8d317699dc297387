package main

import (
	"github.com/spf13/cobra"

	"github.com/aer-project/aer/cmd/aer/explain"
)

// Whom explain can tell the story.
const (
	forAnalyst = "analyst"
	forUser    = "user"
)

// outDefault is where the demo writes, and so where explain looks first.
const outDefault = "aer-out"

func (a *app) explainCommand() *cobra.Command {
	var dir, audience, directory, language string
	cmd := &cobra.Command{
		Use: "explain ANOMALY_ID", Short: "Tell the whole story of one anomaly",
		Long: `Tells the whole story of one anomaly from the files of a run: the evidence with its numbers, the baseline it was
judged by, the client as seen and as known before, each gate of the decision, and what was done.

The id may be cut to any unique beginning.

--for user tells it as the mail to the person concerned does, in plain words and without numbers or thresholds: the mail
itself if one was sent, else what it would say.`,
		Example: `  aer explain 5f3a
  aer explain --dir sim/out 5f3a90c1 -o json
  aer explain 5f3a --for user --directory directory.yaml`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("want one anomaly id, got %d", len(args))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if audience != forAnalyst && audience != forUser {
				return usagef("--for %s: must be %s or %s", audience, forAnalyst, forUser)
			}
			story, err := explain.Load(dir, args[0])
			if err != nil {
				return err
			}
			if audience == forUser {
				return a.explainToUser(story, directory, language)
			}
			if a.output == outputJSON {
				return story.WriteJSON(a.out)
			}
			story.Print(a.printer())
			return nil
		},
	}
	cmd.Flags().StringVar(&dir, "dir", outDefault, "`directory` that a run, a replay or the demo wrote to")
	cmd.Flags().StringVar(&audience, "for", forAnalyst, "`whom` to tell: analyst or user")
	cmd.Flags().StringVar(&directory, "directory", "", "YAML `file` of people, for --for user: names the person and whom to ask")
	cmd.Flags().StringVar(&language, "language", "", "`language` for --for user (default: the person's, else English)")
	return cmd
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
