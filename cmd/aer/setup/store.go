package setup

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/aer-project/aer/sinks/kv"
	follower "github.com/aer-project/aer/sinks/settings/follow"
)

// StoreFile is the file in the folder of results that settings and people are kept in, unless a configuration says otherwise.
const StoreFile = "settings.db"

// StoreName is the store that a configuration means: the one it names, or the file in the folder of results.
func StoreName(name, out string) string {
	if name == "" {
		return filepath.Join(out, StoreFile)
	}
	return name
}

// firestoreKind begins the name of a store in Firestore: firestore:projects/P/databases/D.
const firestoreKind = "firestore:"

// OpenStore opens the store of settings and people: a file, which several programs may use at once, or a Firestore database
// (firestore:projects/P or firestore:projects/P/databases/D).
func OpenStore(name string, readOnly bool) (kv.Store, error) {
	place, ok := strings.CutPrefix(name, firestoreKind)
	if !ok {
		return kv.OpenShared(name, kv.Options{ReadOnly: readOnly})
	}
	p := strings.Split(place, "/")
	if len(p) != 2 && len(p) != 4 || p[0] != "projects" || p[1] == "" || len(p) == 4 && (p[2] != "databases" || p[3] == "") {
		return nil, fmt.Errorf("store %q: want firestore:projects/P or firestore:projects/P/databases/D", name)
	}
	o := kv.FirestoreOptions{Project: p[1]}
	if len(p) == 4 {
		o.Database = p[3]
	}
	return kv.OpenFirestore(context.Background(), o)
}

// IsFile says whether a store's name means a file.
func IsFile(name string) bool { return !strings.HasPrefix(name, firestoreKind) }

// Live says what a run follows while it runs.
type Live struct {
	// Store is the name of the store of settings and people.
	Store string
	// Settings and Directory are files that are brought into the store, at once and whenever they change.
	Settings, Directory string
	// Every is how often store and files are looked at; 0 means follower.DefaultEvery.
	Every time.Duration
}

// Follow lets the judge go by a store of settings and people, and follow its changes until stop is called. Files that are not
// valid are an error now; later they change nothing.
func (j *Judge) Follow(ctx context.Context, l Live) (stop func(), err error) {
	if l.Every <= 0 {
		l.Every = follower.DefaultEvery
	}
	s, err := OpenStore(l.Store, false)
	if err != nil {
		return nil, err
	}
	files := &follower.Files{Settings: l.Settings, Directory: l.Directory, To: s, Log: slog.Default(), Now: time.Now}
	if err := files.Import(ctx); err != nil {
		return nil, err
	}
	f, err := follower.Open(ctx, s, slog.Default(), time.Now)
	if err != nil {
		return nil, err
	}
	j.use(f)
	j.store, j.live = s, true
	running, cancel := context.WithCancel(context.WithoutCancel(ctx)) // a pipeline that drains still decides
	var wg sync.WaitGroup
	wg.Go(func() { f.Run(running, l.Every) })
	wg.Go(func() { files.Run(running, l.Every) })
	return func() {
		cancel()
		wg.Wait()
		if err := s.Close(); err != nil {
			slog.Warn("closing the store of settings", "error", err)
		}
	}, nil
}
