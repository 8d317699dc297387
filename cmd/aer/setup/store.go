package setup

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/aer-project/aer/sinks/store"
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

// OpenStore opens the store of settings and people: a file, which several programs may use at once.
func OpenStore(name string, readOnly bool) (*store.Store, error) {
	if kind, _, ok := strings.Cut(name, ":"); ok && kind == "firestore" {
		return nil, fmt.Errorf("store %q: this kind is not known here", name)
	}
	return store.OpenShared(name, store.Options{ReadOnly: readOnly})
}
