// SPDX-License-Identifier: Apache-2.0

// Package jars fetches the Java archives that Flink and Beam's job server for it are made of, each once and only as it
// was listed.
package jars

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
	"golang.org/x/sync/errgroup"
)

// Central is the server that everybody has.
const Central = "https://repo.maven.apache.org/maven2"

//go:embed jars.txt
var list []byte

// atOnce is how many are fetched side by side, timeout how long one may take: the largest is 24 MB.
const (
	atOnce  = 4
	timeout = 5 * time.Minute
)

// jar is one archive.
type jar struct{ sum, path string }

// parse reads the list.
func parse(list []byte) (all []jar, err error) {
	for line := range strings.Lines(string(list)) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		f := strings.Fields(line)
		if len(f) != 2 || len(f[0]) != 2*sha256.Size || !strings.HasSuffix(f[1], ".jar") || !filepath.IsLocal(f[1]) {
			return nil, fmt.Errorf("list of archives: %q: want a sha256 and a path", line)
		}
		all = append(all, jar{f[0], f[1]})
	}
	return all, nil
}

// Fetch brings all archives into a folder of the user's cache and returns it. What is there already is not fetched
// again, so that a fetch which was interrupted goes on. told is called from several goroutines.
func Fetch(ctx context.Context, server string, told func(have, total int)) (lib string, err error) {
	all, err := parse(list)
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("looking for a place for archives: %w", err)
	}
	sum := sha256.Sum256(list) // another list, another folder: it is a class path as a whole
	lib = filepath.Join(cache, "aer", "flink-"+hex.EncodeToString(sum[:6]))
	return lib, fetch(ctx, server, lib, all, told)
}

func fetch(ctx context.Context, server, lib string, all []jar, told func(have, total int)) error {
	if err := os.MkdirAll(lib, 0o755); err != nil {
		return fmt.Errorf("making a place for archives: %w", err)
	}
	var missing []jar
	for _, j := range all {
		raw, err := os.ReadFile(filepath.Join(lib, path.Base(j.path)))
		if err != nil || !j.is(raw) {
			missing = append(missing, j)
		}
	}
	done := make(chan struct{}, len(missing))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for _, j := range missing {
		g.Go(func() error {
			_, err := backoff.Retry(ctx, func() (struct{}, error) { return struct{}{}, j.fetch(ctx, server, lib) },
				backoff.WithMaxTries(3))
			done <- struct{}{}
			told(len(all)-len(missing)+len(done), len(all))
			return err
		})
	}
	return g.Wait()
}

func (j jar) is(raw []byte) bool {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:]) == j.sum
}

// fetch brings one archive, which appears under its name only when it is whole.
func (j jar) fetch(ctx context.Context, server, lib string) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("fetching %s/%s: %w", server, j.path, err)
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, server+"/"+j.path, nil)
	if err != nil {
		return backoff.Permanent(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return errors.New(resp.Status)
	}
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if !j.is(raw) {
		return backoff.Permanent(errors.New("it is not the archive that is listed: its sha256 differs"))
	}
	part := filepath.Join(lib, path.Base(j.path)+".part")
	if err := os.WriteFile(part, raw, 0o644); err != nil {
		return err
	}
	return os.Rename(part, strings.TrimSuffix(part, ".part"))
}
