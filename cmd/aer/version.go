package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// versionInfo is what this binary was built from.
type versionInfo struct {
	Version  string `json:"version"`
	Commit   string `json:"commit,omitempty"`
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
			fmt.Fprintf(a.out, "aer %s (%s, %s, Beam %s)\n", v.Version, v.Go, v.Platform, v.Beam)
			return nil
		},
	}
}

func readVersion() versionInfo {
	v := versionInfo{Version: "dev", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if info.Main.Version != "" && info.Main.Version != "(devel)" {
		v.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Commit = s.Value
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
