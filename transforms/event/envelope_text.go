// SPDX-License-Identifier: Apache-2.0

package event

import (
	"bytes"
	"encoding/base64"

	"github.com/go-json-experiment/json/jsontext"
)

// isJSON tells whether a text can be a record or several.
func isJSON(text []byte) bool {
	text = trimSpace(bytes.TrimPrefix(text, bom))
	return len(text) > 1 && (text[0] == '{' || text[0] == '[' || text[0] == '"')
}

// unquote gives the text of a JSON string, mended where it can be.
func unquote(quoted []byte) ([]byte, bool) {
	text, err := jsontext.AppendUnquote(nil, quoted)
	if err != nil {
		quoted, _ = mendText(quoted)
		text, err = jsontext.AppendUnquote(nil, quoted)
	}
	return text, err == nil
}

// decode64 reads base64 of either alphabet, padded or not.
func decode64(text []byte) ([]byte, error) {
	text = bytes.TrimRight(trimSpace(text), "=")
	encoding := base64.RawStdEncoding
	if bytes.ContainsAny(text, "-_") {
		encoding = base64.RawURLEncoding
	}
	data := make([]byte, encoding.DecodedLen(len(text)))
	n, err := encoding.Decode(data, text)
	return data[:n], err
}

// member gives the offset of the value of an object's member of that name, -1 if it has none. The object need not be
// valid.
func member(object []byte, name string) int {
	for i := skipSpace(object, 1); i < len(object) && object[i] == '"'; {
		end, _ := stringEnd(object, i)
		if end < 0 {
			return -1
		}
		at := skipSpace(object, end)
		if at >= len(object) || object[at] != ':' {
			return -1
		}
		if at = skipSpace(object, at+1); at >= len(object) {
			return -1
		}
		if string(object[i+1:end-1]) == name {
			return at
		}
		if i = skipSpace(object, valueEnd(object, at)); i < len(object) && object[i] == ',' {
			i = skipSpace(object, i+1)
		}
	}
	return -1
}

// valueEnd gives the offset after the value of a member that starts at raw[at]; it is at least one byte long.
func valueEnd(raw []byte, at int) int {
	switch raw[at] {
	case '{', '[':
		return frameObject(raw, at).end
	case '"':
		if end, _ := stringEnd(raw, at); end >= 0 {
			return end
		}
		return len(raw)
	}
	if i := bytes.IndexAny(raw[at:], ",}"); i > 0 {
		return at + i
	}
	return min(at+1, len(raw))
}
