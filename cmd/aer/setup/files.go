// SPDX-License-Identifier: Apache-2.0

package setup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"cloud.google.com/go/storage"

	"github.com/aer-project/aer/cmd/aer/config"
	"github.com/aer-project/aer/transforms/strict"
)

// Bucket begins the names of files in Cloud Storage: gs://BUCKET/OBJECT.
const Bucket = "gs://"

// NamedFile is a file that a configuration names, with its key.
type NamedFile struct {
	Key  string
	Path *string
}

// NamedFiles are those that a run reads beside its events. Paths may be empty.
func NamedFiles(c *config.Config) []NamedFile {
	all := []NamedFile{{"settings", &c.Settings}, {"directory", &c.Directory}, {"baseline", &c.Baseline},
		{"enrich.network.hosting_file", &c.Enrich.Network.HostingFile}}
	for i := range c.Enrich.Tor {
		all = append(all, NamedFile{strict.Index("enrich.tor", i) + ".path", &c.Enrich.Tor[i].Path})
	}
	for i := range c.Enrich.Network.Databases {
		all = append(all, NamedFile{strict.Index("enrich.network.databases", i), &c.Enrich.Network.Databases[i]})
	}
	return all
}

// ReadObject reads a file in Cloud Storage, with the credentials of the environment.
func ReadObject(ctx context.Context, name string) ([]byte, error) {
	client, err := storage.NewClient(ctx)
	if err != nil {
		return nil, fmt.Errorf("opening Cloud Storage: %w", err)
	}
	defer client.Close()
	r, err := object(client, name).NewReader(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	defer r.Close()
	return io.ReadAll(r)
}

func object(client *storage.Client, name string) *storage.ObjectHandle {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(name, Bucket), "/")
	return client.Bucket(bucket).Object(key)
}

// copiesEvery is how often files in Cloud Storage are looked at: what reads their copies looks every few minutes.
const copiesEvery = time.Minute

// copies keeps local copies of files in Cloud Storage up to date, for workers that share no disk. What is read is as it
// would be of a file: a copy is replaced as a whole, and is as old as what it is of.
type copies struct {
	client *storage.Client
	dir    string
	of     []*copied
}

type copied struct {
	NamedFile
	name, local string
	generation  int64
}

// openFiles has a local copy of each file in Cloud Storage that the configuration names take its place there. The
// slices of the configuration are another's as well: they are copied first.
func (p *Parts) openFiles(ctx context.Context) error {
	p.c.Enrich.Tor = append(p.c.Enrich.Tor[:0:0], p.c.Enrich.Tor...)
	p.c.Enrich.Network.Databases = append(p.c.Enrich.Network.Databases[:0:0], p.c.Enrich.Network.Databases...)
	var of []*copied
	for _, f := range NamedFiles(&p.c) {
		if strings.HasPrefix(*f.Path, Bucket) {
			of = append(of, &copied{NamedFile: f, name: *f.Path})
		}
	}
	if len(of) == 0 {
		return nil
	}
	client, err := storage.NewClient(context.WithoutCancel(ctx)) // it outlives this call
	if err != nil {
		return fmt.Errorf("opening Cloud Storage: %w", err)
	}
	p.closing(client.Close)
	dir, err := os.MkdirTemp("", "aer-files-")
	if err != nil {
		return fmt.Errorf("copying files: %w", err)
	}
	p.closing(func() error { return os.RemoveAll(dir) })
	p.copies = &copies{client, dir, of}
	for i, f := range of {
		f.local = filepath.Join(dir, fmt.Sprint(i), filepath.Base(f.name))
		*f.Path = f.local
	}
	err = p.copies.update(ctx)
	if p.c.Enrich.StartWithoutLists && err != nil {
		slog.Warn("starting without files", "error", err)
		return nil
	}
	return err
}

// update copies what is new.
func (c *copies) update(ctx context.Context) error {
	var errs []error
	for _, f := range c.of {
		if err := f.update(ctx, c.client); err != nil {
			errs = append(errs, &strict.Error{Key: f.Key, Problem: fmt.Sprintf("copying %s: %v", f.name, err)})
		}
	}
	return errors.Join(errs...)
}

func (f *copied) update(ctx context.Context, client *storage.Client) error {
	attrs, err := object(client, f.name).Attrs(ctx)
	if err != nil || attrs.Generation == f.generation {
		return err
	}
	r, err := object(client, f.name).Generation(attrs.Generation).NewReader(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	if err := os.MkdirAll(filepath.Dir(f.local), 0o700); err != nil {
		return err
	}
	w, err := os.Create(f.local + ".new")
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	if err := errors.Join(err, w.Close()); err != nil {
		return err
	}
	if err := os.Chtimes(w.Name(), attrs.Updated, attrs.Updated); err != nil {
		return err
	}
	f.generation = attrs.Generation
	return os.Rename(w.Name(), f.local)
}

// updateFiles says what cannot be copied; its last copy is good until then.
func (p *Parts) updateFiles(ctx context.Context) {
	if err := p.copies.update(ctx); err != nil && ctx.Err() == nil {
		slog.Warn("keeping the last good copies of files", "error", err)
	}
}
