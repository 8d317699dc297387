package main

import (
	"github.com/spf13/cobra"

	"github.com/aer-project/aer/cmd/aer/explain"
)

// outDefault is where the demo writes, and so where explain looks first.
const outDefault = "aer-out"

func (a *app) explainCommand() *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use: "explain ANOMALY_ID", Short: "Tell the whole story of one anomaly",
		Long: `Tells the whole story of one anomaly from the files of a run: the evidence with its numbers, the baseline it was
judged by, the client as seen and as known before, each gate of the decision, and what was done.

The id may be cut to any unique beginning.`,
		Example: `  aer explain 5f3a
  aer explain --dir sim/out 5f3a90c1 -o json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("want one anomaly id, got %d", len(args))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			story, err := explain.Load(dir, args[0])
			if err != nil {
				return err
			}
			if a.output == outputJSON {
				return story.WriteJSON(a.out)
			}
			story.Print(a.printer())
			return nil
		},
	}
	cmd.Flags().StringVar(&dir, "dir", outDefault, "`directory` that a run, a replay or the demo wrote to")
	return cmd
}
