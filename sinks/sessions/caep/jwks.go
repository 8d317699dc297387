// SPDX-License-Identifier: Apache-2.0

package caep

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/go-jose/go-jose/v4"
)

// WriteJWKS writes the public halves of the keys, for a file that a web server hands out.
func (a *Adapter) WriteJWKS(ctx context.Context, w io.Writer) error {
	var all jose.JSONWebKeySet
	for _, s := range a.o.Keys {
		k, err := readKey(ctx, s)
		if err != nil {
			return fmt.Errorf("writing the public keys: %w", err)
		}
		all.Keys = append(all.Keys, k.Public())
	}
	return json.NewEncoder(w).Encode(all)
}

// Handler serves the public keys, at the address that the issuer's metadata names as jwks_uri.
func (a *Adapter) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/jwk-set+json")
		w.Header().Set("Cache-Control", "max-age=300") // as long as a rotated secret may take to be noticed
		if err := a.WriteJWKS(r.Context(), w); err != nil {
			w.Header().Del("Cache-Control")
			http.Error(w, "the keys cannot be read now", http.StatusServiceUnavailable)
		}
	})
}
