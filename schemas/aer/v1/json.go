// SPDX-License-Identifier: Apache-2.0

package aerv1

import (
	"bytes"
	"encoding/json"
	"fmt"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

var (
	toJSON   = protojson.MarshalOptions{UseProtoNames: true}
	fromJSON = protojson.UnmarshalOptions{DiscardUnknown: true}
)

// MarshalJSONLine renders m as one line of JSON with snake_case names and no trailing newline. Unlike protojson's own
// output, which varies its white space on purpose, equal messages give equal bytes.
func MarshalJSONLine(m proto.Message) ([]byte, error) {
	raw, err := toJSON.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("rendering %s as JSON: %w", m.ProtoReflect().Descriptor().Name(), err)
	}
	var out bytes.Buffer
	out.Grow(len(raw))
	if err := json.Compact(&out, raw); err != nil {
		return nil, fmt.Errorf("compacting JSON of %s: %w", m.ProtoReflect().Descriptor().Name(), err)
	}
	return out.Bytes(), nil
}

// UnmarshalJSONLine parses what MarshalJSONLine wrote. Unknown fields are ignored.
func UnmarshalJSONLine(b []byte, m proto.Message) error {
	if err := fromJSON.Unmarshal(b, m); err != nil {
		return fmt.Errorf("reading %s from JSON: %w", m.ProtoReflect().Descriptor().Name(), err)
	}
	return nil
}
