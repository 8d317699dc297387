// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

// packages is the table of all packages of the module, with the first sentence of each one's documentation.
func packages() (string, error) {
	var b strings.Builder
	b.WriteString("| package | purpose |\n|---|---|\n")
	const format = "{{.Module.Path}}|{{.ImportPath}}|{{.Doc}}"
	list, err := exec.Command("go", "list", "-f", format, "github.com/aer-project/aer/...").Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("%w: %s", err, exit.Stderr)
		}
		return "", fmt.Errorf("listing packages: %w", err)
	}
	for line := range strings.Lines(string(list)) {
		f := strings.SplitN(strings.TrimSpace(line), "|", 3)
		purpose := strings.ReplaceAll(f[2], "|", "\\|")
		for _, kind := range []string{"Package ", "Command "} { // "Package tor notices ..." says "notices ..."
			if rest, ok := strings.CutPrefix(purpose, kind); ok {
				_, purpose, _ = strings.Cut(rest, " ")
			}
		}
		fmt.Fprintf(&b, "| `%s` | %s |\n", strings.TrimPrefix(f[1], f[0]+"/"), purpose)
	}
	return b.String(), nil
}
