// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"crypto/sha256"
	"encoding/hex"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// versionBytes of the hash are kept: 48 bits tell the few thousand versions of one organisation apart and fit a table.
const versionBytes = 6

// Version returns the name of what s chooses: 12 hexadecimal digits of the SHA-256 of its canonical rendering. The
// organisation, the author and the time of the change are left out: equal choices have equal versions.
func Version(s *aerv1.Settings) string {
	sum := sha256.Sum256(renderBody(s, ""))
	return hex.EncodeToString(sum[:versionBytes])
}
