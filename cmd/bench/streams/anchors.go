// SPDX-License-Identifier: Apache-2.0

package streams

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/aer-project/aer/cmd/bench/child"
)

// Anchors are the programs that AER is held against, which are no part of this module: a generator, a converter to
// protobuf, and the limit, which decodes the events and runs six simple detectors with nothing around.
type Anchors struct{ Gen, Conv, Limit string }

// BuildAnchors builds the module in a folder into another one. It fails where there is none, or where what it needs
// cannot be downloaded.
func BuildAnchors(ctx context.Context, module, into string) (*Anchors, error) {
	if _, err := os.Stat(filepath.Join(module, "go.mod")); err != nil {
		return nil, fmt.Errorf("looking for the limit: %w", err)
	}
	into, err := filepath.Abs(into)
	if err != nil {
		return nil, err
	}
	_, _, err = child.Command{Dir: module, Args: []string{
		"go", "build", "-o", into + string(filepath.Separator), "./gen", "./cmd/limit", "./cmd/conv",
	}}.Run(ctx)
	if err != nil {
		return nil, fmt.Errorf("building the limit: %w", err)
	}
	in := func(name string) string { return filepath.Join(into, name) }
	return &Anchors{Gen: in("gen"), Conv: in("conv"), Limit: in("limit")}, nil
}
