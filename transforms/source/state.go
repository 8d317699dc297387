// SPDX-License-Identifier: Apache-2.0

package source

import (
	"fmt"
	"reflect"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

func init() {
	beam.RegisterType(reflect.TypeFor[aerv1.SourceState]())
	beam.RegisterCoder(reflect.TypeFor[*aerv1.SourceState](), encodeState, decodeState)
}

func encodeState(s *aerv1.SourceState) ([]byte, error) {
	out := &aerv1.SourceState{Version: aerv1.StateVersion, Done: s.Done, Read: s.Read, End: s.End, Pull: s.Pull}
	return out.MarshalVT()
}

// decodeState reads what encodeState wrote, and what was written before there were versions.
func decodeState(b []byte) (*aerv1.SourceState, error) {
	if aerv1.BeforeVersions(b) {
		return decodeUnversioned(b)
	}
	s := &aerv1.SourceState{}
	if err := aerv1.UnmarshalState(b, s); err != nil {
		return nil, fmt.Errorf("reading where a source goes on: %w", err)
	}
	return s, nil
}

// decodeUnversioned reads whether the source is done and then a block of either nothing, the number of records read, or
// a pull state.
func decodeUnversioned(b []byte) (*aerv1.SourceState, error) {
	outer := aerv1.Unversioned{Rest: b}
	s := &aerv1.SourceState{Done: outer.Int() != 0}
	u := aerv1.Unversioned{Rest: outer.Bytes(), Err: outer.Err}
	if len(u.Rest) > 0 {
		first := u.Int()
		if len(u.Rest) == 0 {
			s.Read = first
		} else {
			s.Pull = &aerv1.PullState{Pulled: first, WatermarkMs: u.Int(), RecentMs: ints(&u), Ahead: ints(&u)}
			for n := u.Count(); n > 0; n-- {
				s.Pull.Acks = append(s.Pull.Acks, string(u.Bytes()))
			}
		}
	}
	if u.Err != nil {
		return nil, fmt.Errorf("reading where a source goes on, written without a version: %w", u.Err)
	}
	return s, nil
}

func ints(u *aerv1.Unversioned) []int64 {
	list := make([]int64, u.Count())
	for i := range list {
		list[i] = u.Int()
	}
	return list
}
