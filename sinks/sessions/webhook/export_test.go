// SPDX-License-Identifier: Apache-2.0

package webhook

import "encoding/hex"

// SignText signs with a timestamp that is no number, which Sign cannot.
func SignText(secret, timestamp, body string) string {
	return signatureVersion + "=" + hex.EncodeToString(mac(secret, timestamp, []byte(body)))
}
