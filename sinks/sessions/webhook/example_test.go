// SPDX-License-Identifier: Apache-2.0

package webhook_test

import (
	"fmt"
	"net/http"
	"time"

	"github.com/aer-project/aer/sinks/sessions/webhook"
)

// A receiver believes a request only if one of the secrets signed it within the tolerance; a changed body is refused.
func ExampleVerify() {
	const secret = "0123456789abcdef0123456789abcdef"
	sent := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	body := []byte(`{"type":"sessions.revoke","org_id":"O1","user_id":"U1"}`)
	header := http.Header{}
	header.Set(webhook.HeaderTimestamp, fmt.Sprint(sent.Unix()))
	header.Set(webhook.HeaderSignature, webhook.Sign(sent.Unix(), body, secret))

	now := sent.Add(2 * time.Second)
	fmt.Println(webhook.Verify(header, body, now, webhook.Tolerance, secret))
	fmt.Println(webhook.Verify(header, []byte("another body"), now, webhook.Tolerance, secret))
	fmt.Println(webhook.Verify(header, body, now.Add(time.Hour), webhook.Tolerance, secret))
	// Output:
	// <nil>
	// signature is wrong
	// timestamp is too far from now: by 1h0m2s
}
