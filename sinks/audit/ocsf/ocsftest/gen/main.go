// SPDX-License-Identifier: Apache-2.0

// Command gen renders what the tests need of a published OCSF schema: gen SCHEMA_DIR > schema.json.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/aer-project/aer/sinks/audit/ocsf/ocsftest"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1) //nolint:forbidigo // this is main of a program of its own
	}
}

func run(args []string, w io.Writer) error {
	if len(args) != 1 {
		return fmt.Errorf("%d arguments, want the folder of the schema", len(args))
	}
	s, err := ocsftest.Compile(os.DirFS(args[0]), ocsftest.Classes, ocsftest.Objects)
	if err != nil {
		return err
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	return e.Encode(s)
}
