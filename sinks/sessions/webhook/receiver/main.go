// SPDX-License-Identifier: Apache-2.0

// Command receiver is a platform small enough to read at once, to try AER against: it ends sessions by saying so.
//
// Its arguments are the address to listen on and the file with the secret. A platform of your own starts from package
// webhookref, which also keeps what it answered, so that each key acts once.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/aer-project/aer/sinks/sessions/webhook"
)

// handler answers AER's requests; cmd/aer/README.md shows it.
func handler(secret string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if err == nil {
			err = webhook.Verify(r.Header, body, time.Now(), webhook.Tolerance, secret)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnauthorized)
			return
		}
		var m webhook.Message
		if err := json.Unmarshal(body, &m); err != nil || m.Scope != "all" {
			http.Error(w, "only whole accounts are signed out here", http.StatusUnprocessableEntity)
			return
		}
		// Here your platform ends all sessions of m.UserID in m.OrgID, once for each m.Key, and counts them.
		fmt.Fprintf(os.Stdout, "signing out %q of %q\n", m.UserID, m.OrgID)
		fmt.Fprint(w, `{"ended":1}`)
	}
}

func main() {
	if err := serve(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "receiver:", err)
		os.Exit(1) //nolint:forbidigo // this is main of a program of its own
	}
}

func serve(args []string) error {
	if len(args) != 2 {
		return errors.New("usage: receiver HOST:PORT FILE, with the secret in the file")
	}
	raw, err := os.ReadFile(args[1])
	if err != nil {
		return err
	}
	secret := strings.TrimSpace(string(raw))
	if len(secret) < webhook.MinSecret {
		return fmt.Errorf("%s: the secret has %d bytes, want at least %d", args[1], len(secret), webhook.MinSecret)
	}
	l, err := net.Listen("tcp", args[0])
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stdout, "listening on http://%s\n", l.Addr())
	srv := &http.Server{Handler: handler(secret), ReadHeaderTimeout: 10 * time.Second}
	return srv.Serve(l)
}
