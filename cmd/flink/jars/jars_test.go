// SPDX-License-Identifier: Apache-2.0

package jars

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

func TestList(t *testing.T) {
	all, err := parse(list)
	if err != nil || len(all) < 100 {
		t.Errorf("%d archives, %v", len(all), err)
	}
	sum := strings.Repeat("0", 2*sha256.Size)
	for _, bad := range []string{"x a.jar", sum + " ../a.jar", sum + " a.zip", sum} {
		if _, err := parse([]byte(bad)); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

// What was fetched is not fetched again, what is damaged is, and what is not as listed never gets its name.
func TestFetch(t *testing.T) {
	bodies := map[string]string{"/g/a.jar": "A", "/g/b.jar": "B"}
	var asked atomic.Int64
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) == 1 {
			w.WriteHeader(http.StatusServiceUnavailable) // once is not for ever
			return
		}
		_, _ = w.Write([]byte(bodies[r.URL.Path]))
	}))
	defer srv.Close()
	of := func(name, body string) jar {
		sum := sha256.Sum256([]byte(body))
		return jar{hex.EncodeToString(sum[:]), name}
	}
	lib := t.TempDir()
	all := []jar{of("g/a.jar", "A"), of("g/b.jar", "B")}
	fetchAll := func(want int64) {
		t.Helper()
		asked.Store(0)
		if err := fetch(t.Context(), srv.URL, lib, all, func(int, int) {}); err != nil {
			t.Fatal(err)
		}
		if asked.Load() != want {
			t.Errorf("asked for %d archives, want %d", asked.Load(), want)
		}
	}
	fetchAll(3)
	fetchAll(0)
	if err := os.WriteFile(filepath.Join(lib, "a.jar"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	fetchAll(2)
	err := fetch(t.Context(), srv.URL, lib, []jar{of("g/c.jar", "C")}, func(int, int) {})
	if err == nil || !strings.Contains(err.Error(), "sha256 differs") {
		t.Errorf("error is %v", err)
	}
	if found, _ := filepath.Glob(filepath.Join(lib, "c.jar*")); len(found) > 0 {
		t.Errorf("%v are there", found)
	}
}
