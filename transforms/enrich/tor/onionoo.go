// SPDX-License-Identifier: Apache-2.0

package tor

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"time"
)

// onionooDetails is the part of an Onionoo details document that says who exits where. Relays are read one by one.
type onionooDetails struct {
	Published string            `json:"relays_published"`
	Relays    []json.RawMessage `json:"relays"`
}

type onionooRelay struct {
	LastSeen string `json:"last_seen"`
	// Running is absent where a request asked for some fields only.
	Running       *bool          `json:"running"`
	Flags         []string       `json:"flags"`
	ORAddresses   []string       `json:"or_addresses"`
	ExitAddresses []string       `json:"exit_addresses"`
	PolicyV6      *onionooPolicy `json:"exit_policy_v6_summary"`
}

// onionooPolicy summarises by port: either what is accepted, or what is rejected while the rest is accepted.
type onionooPolicy struct {
	Accept []string `json:"accept"`
	Reject []string `json:"reject"`
}

func (p *onionooPolicy) accepts() bool {
	return p != nil && (len(p.Accept) > 0 || len(p.Reject) > 0 && !slices.Contains(p.Reject, "1-65535"))
}

// readOnionoo reads a details document. exit_addresses are those a relay left through in the past 24 hours; Onionoo
// leaves them out where they have not been scanned or equal the address that the relay listens on. A running relay with
// the flag Exit then leaves by that (specification of the protocol, "exit_addresses"; scans are by IPv4 only). Without
// the flag, or_addresses do not make an exit. The listing ends when the relay was last seen in a consensus.
func (l *Listing) readOnionoo(r io.Reader) error {
	var doc onionooDetails
	if err := json.NewDecoder(r).Decode(&doc); err != nil {
		return fmt.Errorf(" reading Onionoo details: %w", err)
	}
	if doc.Published == "" {
		return errors.New(" the JSON has no relays_published, want an Onionoo details document")
	}
	published, err := parseTime(doc.Published)
	if err != nil {
		return fmt.Errorf(" relays_published: %w", err)
	}
	l.sawTime(published)
	for i, raw := range doc.Relays {
		l.Problems.Note(fmt.Sprintf(" relays[%d]", i), l.addRelay(raw, published))
	}
	return l.Problems.Err()
}

func (l *Listing) addRelay(raw json.RawMessage, published time.Time) error {
	var relay onionooRelay
	if err := json.Unmarshal(raw, &relay); err != nil {
		return err
	}
	seen := published
	if relay.LastSeen != "" {
		var err error
		if seen, err = parseTime(relay.LastSeen); err != nil {
			return fmt.Errorf("last_seen: %w", err)
		}
	}
	addrs, err := relay.exits()
	for _, a := range addrs {
		l.add(a, seen, seen)
	}
	if len(addrs) > 0 {
		l.sawTime(seen)
	}
	return err
}

// exits are the addresses that a relay leaves by; an error does not take away those that can be read.
func (r *onionooRelay) exits() (out []netip.Addr, err error) {
	isExit := slices.Contains(r.Flags, "Exit") && (r.Running == nil || *r.Running)
	for _, text := range r.ExitAddresses {
		addr, e := parseAddr(text)
		if e != nil {
			err = fmt.Errorf("exit_addresses: %w", e)
			continue
		}
		out = append(out, addr)
	}
	for _, text := range r.ORAddresses {
		if !isExit {
			break
		}
		addr, e := parseAddr(text)
		switch {
		case e != nil:
			err = fmt.Errorf("or_addresses: %w", e)
		case addr.Is4() && len(r.ExitAddresses) == 0, addr.Is6() && r.PolicyV6.accepts():
			out = append(out, addr)
		}
	}
	return out, err
}
