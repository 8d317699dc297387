// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/strict"
)

// With returns settings like s with one value changed, and their version: the path is that of the key in a file,
// without the organisation (detectors.tor.mode, limits.cooldown), the value is written as there ("log", "36h", "[U1,
// U2]"). A list replaces the list. Errors are as with Parse, without a file.
func With(s *aerv1.Settings, path, value string) (*aerv1.Settings, error) {
	keys := strings.Split(path, ".")
	src := value
	for i := len(keys) - 1; i >= 0; i-- {
		if keys[i] == "" {
			return nil, fmt.Errorf("%s: an empty key; write for example detectors.tor.mode", strict.Clip(path))
		}
		src = fmt.Sprintf("{%s: %s}", strconv.QuoteToASCII(strings.ToValidUTF8(keys[i], "?")), src)
	}
	if strings.ContainsAny(value, "\r\n") {
		return nil, fmt.Errorf("%s: the value has more than one line", strict.Clip(path))
	}
	alone := &decoder{} // a value that closes a bracket of ours is none
	if list, ok := alone.Parse([]byte("[" + value + "]")).(*ast.SequenceNode); !ok || len(list.Values) > 1 {
		return nil, fmt.Errorf("%s: %q is not one value", strict.Clip(path), strict.Clip(value))
	}
	d := &decoder{}
	out := proto.Clone(s).(*aerv1.Settings)
	root := d.Parse([]byte(src))
	if root == nil && len(d.Errs) == 0 {
		return nil, fmt.Errorf("%s: no value", strict.Clip(path))
	}
	if root != nil {
		if keys[0] == "trusted" {
			out.Trusted = nil
		}
		d.org(out, d.Fields(root, "", "write key=value"))
	}
	if err := d.Err(); err != nil {
		return nil, err
	}
	return versioned(out)
}

// Check returns s as a file would give it back, complete, sorted and with its version, or what is wrong with it:
// settings that were put together by hand are as valid as those that were read.
func Check(s *aerv1.Settings) (*aerv1.Settings, error) {
	return versioned(proto.Clone(s).(*aerv1.Settings))
}

// versioned renders and reads back. What is wrong then is told by key, because nobody has seen the lines.
func versioned(s *aerv1.Settings) (*aerv1.Settings, error) {
	all, err := Parse("", Render([]*aerv1.Settings{s}))
	if err != nil {
		return nil, err
	}
	all[0].ChangedAt, all[0].ChangedBy = s.GetChangedAt(), s.GetChangedBy()
	return all[0], nil
}
