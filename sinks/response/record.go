// SPDX-License-Identifier: Apache-2.0

package response

import (
	"encoding/json"
	"fmt"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// encode renders what a step leaves in the ledger.
func encode(m proto.Message) (string, error) {
	line, err := aerv1.MarshalJSONLine(m)
	return string(line), err
}

// decode reads what a step left in the ledger, of this version or an earlier one. What a newer program wrote is refused
// before it is misunderstood, and is pending, because that program will go on with it.
func decode(line string, m proto.Message) error {
	var says struct{ Version uint32 }
	if err := json.Unmarshal([]byte(line), &says); err != nil {
		return fmt.Errorf("reading %s: %w", m.ProtoReflect().Descriptor().Name(), err)
	}
	if says.Version > aerv1.StateVersion {
		return fmt.Errorf("%w: its %s is of version %d and this program knows up to %d: "+
			"a newer aer wrote it and must go on with it", ErrPending, m.ProtoReflect().Descriptor().Name(), says.Version,
			aerv1.StateVersion)
	}
	return aerv1.UnmarshalJSONLine([]byte(line), m)
}

// decodeClose reads how a round was closed.
func decodeClose(line string) (*aerv1.Response, error) {
	c := &aerv1.ResponseClose{}
	if err := decode(line, c); err != nil || c.GetResponse() != nil {
		return c.GetResponse(), err
	}
	resp := &aerv1.Response{} // written before there were versions
	return resp, aerv1.UnmarshalJSONLine([]byte(line), resp)
}
