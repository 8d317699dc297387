// SPDX-License-Identifier: Apache-2.0

package event

import (
	"bytes"
	"strings"
	"testing"
)

func TestDeadLetterIsBoundedAndStable(t *testing.T) {
	raw := []byte(strings.Repeat("é", 100_000))
	_, dead := Decode(raw, Source{Name: "sub", Offset: "m1"}, Options{ReceivedAt: at("2026-11-22T10:00:00.1234567Z")})
	d := dead[0]
	if len(d.Raw) != rawMax || !d.Truncated || d.Size != 200_000 {
		t.Errorf("%d bytes kept of %d, truncated %t", len(d.Raw), d.Size, d.Truncated)
	}
	if got := d.ReceivedAt.AsTime(); !got.Equal(at("2026-11-22T10:00:00.123456Z")) {
		t.Errorf("received at %s", got)
	}
	_, again := Decode(raw, Source{Name: "sub", Offset: "m1"}, Options{})
	if again[0].Id != d.Id || again[0].ReceivedAt != nil {
		t.Errorf("a redelivery gives %v", again[0])
	}
	_, other := Decode(raw, Source{Name: "sub", Offset: "m2"}, Options{})
	if other[0].Id == d.Id {
		t.Error("two messages share an id")
	}
	clear(raw)
	if bytes.Equal(d.Raw, raw[:rawMax]) {
		t.Error("the dead letter shares memory with the message")
	}
}

func TestDeadLetterDetailIsBounded(t *testing.T) {
	name := strings.Repeat("n", 5000)
	d := refused(t, `{"time":1,"org_id":"`+name+`","org_id":"O","user_id":"U"}`, Options{}, ReasonDuplicateKey)
	if len(d.Detail) > detailMax {
		t.Errorf("detail of %d bytes", len(d.Detail))
	}
}
