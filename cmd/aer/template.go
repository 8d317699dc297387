// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

//go:generate sh -c "go run . run --print-template > deploy/dataflow/metadata.json"

// launcherRunner is what Dataflow's launchers call its runner.
const launcherRunner = "DataflowRunner"

// launched is the command line of this process. The launcher of a flex template (deploy/dataflow/Dockerfile) starts the
// binary that this variable names with flags alone, those of the template and its own: they are those of aer run.
func launched(args []string, env func(string) string) []string {
	if env("FLEX_TEMPLATE_GO_BINARY") == "" || len(args) == 0 || !strings.HasPrefix(args[0], "-") {
		return args
	}
	if !slices.ContainsFunc(args, func(a string) bool { return strings.HasPrefix(strings.TrimLeft(a, "-"), "runner") }) {
		args = append([]string{"--runner", runnerDataflow}, args...)
	}
	return append([]string{"run"}, args...)
}

// template is a flex template's metadata.json.
type template struct {
	Name                 string      `json:"name"`
	Description          string      `json:"description"`
	Streaming            bool        `json:"streaming"`
	SupportsAtLeastOnce  bool        `json:"supportsAtLeastOnce"`
	SupportsExactlyOnce  bool        `json:"supportsExactlyOnce"`
	DefaultStreamingMode string      `json:"defaultStreamingMode"`
	Parameters           []parameter `json:"parameters"`
}

// parameter is one of a template: a flag of aer run.
type parameter struct {
	Name       string   `json:"name"`
	Label      string   `json:"label"`
	HelpText   string   `json:"helpText"`
	IsOptional bool     `json:"isOptional"`
	Regexes    []string `json:"regexes,omitempty"`
}

// templateParameters are the flags that a template offers, with what their values look like. All else that a job can be
// given, such as its service account, gcloud and the console have fields for.
var templateParameters = []parameter{
	{Name: "config", Label: "Configuration", Regexes: []string{`^gs://[a-z0-9][a-z0-9._-]+/.+$`}},
	optional("enforce", "Carry decisions out", yesOrNo),
	optional("events-per-day", "Events a day", `^[0-9]+(\.[0-9]+)?(e[0-9]+)?$`),
	optional("update-from", "Version of the job to be replaced", `^[0-9]+\.[0-9]+$`),
	optional("worker_machine_type", "Machine of a worker", `^[a-z0-9]+(-[a-z0-9]+)+$`),
	optional("max_num_workers", "Most workers", `^[1-9][0-9]*$`),
	optional("no_use_public_ips", "Workers without public addresses", yesOrNo),
}

const yesOrNo = `^(true|false)$`

func optional(name, label, regex string) parameter {
	return parameter{Name: name, Label: label, IsOptional: true, Regexes: []string{regex}}
}

// printTemplate prints the metadata of a template, whose texts are those of the flags.
func (a *app) printTemplate(cmd *cobra.Command) error {
	t := template{
		Name:        "AER",
		Description: "Finds hijacked accounts in the access and audit events of a service, and ends their sessions.",
		Streaming:   true, SupportsExactlyOnce: true, DefaultStreamingMode: "EXACTLY_ONCE",
	}
	for _, p := range templateParameters {
		flag := cmd.Flags().Lookup(p.Name)
		if flag == nil {
			return fmt.Errorf("writing the template: aer run has no flag --%s", p.Name)
		}
		p.HelpText = strings.ReplaceAll(flag.Usage, "`", "")
		t.Parameters = append(t.Parameters, p)
	}
	return a.printJSON(t)
}
