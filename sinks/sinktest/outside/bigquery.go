// SPDX-License-Identifier: Apache-2.0

package outside

import (
	"fmt"
	"testing"
)

// BigQueryProject is the project that the emulator knows.
const BigQueryProject = "aer-test"

// BigQuery starts BigQuery's emulator, and returns the address of its API (http://host:port) and that of its Storage
// Write API (host:port).
func BigQuery(t testing.TB) (api, storage string) {
	t.Helper()
	path := Program(t, "bigquery-emulator", "make bin/bigquery-emulator")
	ports := Start(t, Server{Name: "BigQuery's emulator", Ports: 2, Args: func(ports []int) []string {
		return []string{path, "--project=" + BigQueryProject, "--host=127.0.0.1", fmt.Sprintf("--port=%d", ports[0]),
			fmt.Sprintf("--grpc-port=%d", ports[1])}
	}})
	return fmt.Sprintf("http://127.0.0.1:%d", ports[0]), fmt.Sprintf("127.0.0.1:%d", ports[1])
}
