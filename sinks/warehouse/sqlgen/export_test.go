// SPDX-License-Identifier: Apache-2.0

package sqlgen

import (
	"maps"
	"slices"
)

// Functions lists the names of the dialect functions, sorted.
func (r Renderer) Functions() ([]string, error) {
	funcs, err := r.funcs()
	return slices.Sorted(maps.Keys(funcs)), err
}
