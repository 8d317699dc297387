// SPDX-License-Identifier: Apache-2.0

package bigquery

import (
	"testing"

	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/sinks/warehouse/warehousetest"
)

// TestIntegrationReader: the contract of every reader. Slices and findings are left out, because what the emulator gets
// by its Storage Write API it cannot read again where lists and STRUCTs are nested, as facets.client is: for those see
// TestMessageOfARow in package warehouse.
func TestIntegrationReader(t *testing.T) {
	c := emulator(t)
	d := prepared(t, c)
	w, err := Open(t.Context(), c, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	warehousetest.RunReader(t, w, d, warehouse.Decisions)
}
