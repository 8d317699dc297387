// SPDX-License-Identifier: Apache-2.0

package ndjson

import (
	"bytes"
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

const text = "{\"id\":\"a\"}\n\n{\"id\":\"b\",\"unknown\":1}"

func write(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestEachUnpacksByContent(t *testing.T) {
	var gz, zs bytes.Buffer
	g := gzip.NewWriter(&gz)
	g.Write([]byte(text))
	g.Close()
	z, _ := zstd.NewWriter(&zs)
	z.Write([]byte(text))
	z.Close()
	for name, content := range map[string][]byte{"plain": []byte(text), "gzip": gz.Bytes(), "zstd": zs.Bytes()} {
		var ids []string
		err := EachMessage(write(t, name, content), func(a *aerv1.Anomaly) { ids = append(ids, a.GetId()) })
		if err != nil || strings.Join(ids, ",") != "a,b" {
			t.Errorf("%s: got %v, %v", name, ids, err)
		}
	}
}

func TestErrorsNameTheLine(t *testing.T) {
	path := write(t, "x", []byte("{}\n\n{}\n"))
	n := 0
	err := Each(path, func([]byte) error {
		if n++; n == 2 {
			return errors.New("bad")
		}
		return nil
	})
	if err == nil || !strings.HasSuffix(err.Error(), ":3: bad") {
		t.Errorf("got %v", err)
	}
	if err := EachMessage(write(t, "y", []byte("{")), func(*aerv1.Anomaly) {}); err == nil {
		t.Error("truncated JSON was taken")
	}
	if err := Each(write(t, "z", []byte("\x1f\x8bgarbage")), nil); err == nil {
		t.Error("a broken gzip header was taken")
	}
	if err := Each(write(t, "empty", nil), nil); err != nil {
		t.Errorf("an empty file: %v", err)
	}
	if err := Each(filepath.Join(t.TempDir(), "none"), nil); err == nil {
		t.Error("a missing file was taken")
	}
}
