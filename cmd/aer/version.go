// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// programVersion is the version of AER that this source is, as .github/CHANGELOG.md has it; "-dev" until that version
// is released.
const programVersion = "0.2.0-dev"

// versionInfo is what this binary was built from. Commit and its time are known to binaries built in a clone with git.
type versionInfo struct {
	Version  string `json:"version"`
	Commit   string `json:"commit,omitempty"`
	Time     string `json:"commit_time,omitempty"`
	Modified bool   `json:"modified,omitempty"`
	Go       string `json:"go"`
	Beam     string `json:"beam,omitempty"`
	Platform string `json:"platform"`
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Say what this binary was built from", Args: noArgs,
		Example: "  aer version\n  aer version -o json",
		RunE: func(*cobra.Command, []string) error {
			v := readVersion()
			if a.output == outputJSON {
				return a.printJSON(v)
			}
			fmt.Fprintf(a.out, "aer %s (%s%s, %s, Beam %s)\n", v.Version, v.source(), v.Go, v.Platform, v.Beam)
			return nil
		},
	}
}

// source is the commit in short form, its day, and whether there were changes besides:
// "1a2b3c4d5e6f of 2026-11-27, modified, ".
func (v versionInfo) source() string {
	if v.Commit == "" {
		return ""
	}
	text := v.Commit[:min(12, len(v.Commit))]
	if v.Time != "" {
		text += " of " + v.Time[:min(len("2006-01-02"), len(v.Time))]
	}
	if v.Modified {
		text += ", modified"
	}
	return text + ", "
}

func readVersion() versionInfo {
	v := versionInfo{Version: programVersion, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Commit = s.Value
		case "vcs.time":
			v.Time = s.Value
		case "vcs.modified":
			v.Modified = s.Value == "true"
		}
	}
	for _, d := range info.Deps {
		if d.Path == "github.com/apache/beam/sdks/v2" {
			v.Beam = d.Version
		}
	}
	return v
}
