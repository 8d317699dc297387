package tor

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// readBulk reads one address a line; each was an exit at asOf.
func (l *Listing) readBulk(r io.Reader, asOf time.Time) error {
	l.AsOf = asOf.UTC().Truncate(time.Second)
	return eachLine(r, func(line string) error {
		addr, err := parseAddr(line)
		if err != nil {
			return fmt.Errorf("%w, want one address a line", err)
		}
		l.add(addr, l.AsOf, l.AsOf)
		return nil
	})
}

// readTorDNSEL reads exit-addresses. A node was in the consensus at LastStatus and left through the address at
// ExitAddress's time; the listing spans both. The file keeps nodes for a day after they left, so their listings end by
// themselves. The newest time in the file is when it was taken.
func (l *Listing) readTorDNSEL(r io.Reader) error {
	var status time.Time
	inNode := false
	err := eachLine(r, func(line string) error {
		key, rest, _ := strings.Cut(line, " ")
		switch key {
		case "ExitNode":
			if rest == "" {
				return errors.New("ExitNode without a fingerprint")
			}
			inNode, status = true, time.Time{}
		case "LastStatus":
			t, err := parseTime(rest)
			if err != nil {
				return fmt.Errorf("LastStatus: %w", err)
			}
			status = t
			l.sawTime(t)
		case "ExitAddress":
			if !inNode {
				return errors.New("ExitAddress before the first ExitNode")
			}
			return l.addExitAddress(rest, status)
		case "Published":
			// When the relay wrote its descriptor: says nothing about exits, checked because a broken line means a broken file.
			if _, err := parseTime(rest); err != nil {
				return fmt.Errorf("Published: %w", err)
			}
		case "@type", "Downloaded":
			// Headers of CollecTor's archived lists.
		default:
			return fmt.Errorf("%s is unknown, want ExitNode, Published, LastStatus or ExitAddress", quote(key))
		}
		return nil
	})
	return err
}

// addExitAddress adds "address date time" of a node last in the consensus at status (zero if the file does not say).
func (l *Listing) addExitAddress(rest string, status time.Time) error {
	text, at, ok := strings.Cut(rest, " ")
	if !ok {
		return fmt.Errorf("ExitAddress %s: want an address and a time", quote(rest))
	}
	addr, err := parseAddr(text)
	if err != nil {
		return fmt.Errorf("ExitAddress: %w", err)
	}
	t, err := parseTime(at)
	if err != nil {
		return fmt.Errorf("ExitAddress: %w", err)
	}
	l.sawTime(t)
	from, until := t, t
	if !status.IsZero() && status.Before(from) {
		from = status
	}
	if status.After(until) {
		until = status
	}
	l.add(addr, from, until)
	return nil
}

// onionooDetails is the part of an Onionoo details document that says who exits where.
type onionooDetails struct {
	Published string `json:"relays_published"`
	Relays    []struct {
		LastSeen      string   `json:"last_seen"`
		ExitAddresses []string `json:"exit_addresses"`
	} `json:"relays"`
}

// readOnionoo reads a details document. exit_addresses are those a relay left through in the past 24 hours (since
// Onionoo 6.0 including those that it also relays on); or_addresses alone do not make an exit. The listing ends when the
// relay was last seen in a consensus.
func (l *Listing) readOnionoo(r io.Reader) error {
	var doc onionooDetails
	if err := json.NewDecoder(r).Decode(&doc); err != nil {
		return fmt.Errorf(" reading Onionoo details: %w", err)
	}
	published, err := parseTime(doc.Published)
	if err != nil {
		return fmt.Errorf(" relays_published: %w", err)
	}
	l.sawTime(published)
	for i, relay := range doc.Relays {
		if len(relay.ExitAddresses) == 0 {
			continue
		}
		seen := published
		if relay.LastSeen != "" {
			if seen, err = parseTime(relay.LastSeen); err != nil {
				return fmt.Errorf(" relays[%d].last_seen: %w", i, err)
			}
		}
		l.sawTime(seen)
		for _, text := range relay.ExitAddresses {
			addr, err := parseAddr(text)
			if err != nil {
				return fmt.Errorf(" relays[%d].exit_addresses: %w", i, err)
			}
			l.add(addr, seen, seen)
		}
	}
	return nil
}

// readTSV reads address, from, until.
func (l *Listing) readTSV(r io.Reader) error {
	return eachLine(r, func(line string) error {
		fields := strings.Split(line, "\t")
		if len(fields) != 3 {
			return fmt.Errorf("%d fields separated by tabs, want 3: address, from, until", len(fields))
		}
		addr, err := parseAddr(strings.TrimSpace(fields[0]))
		if err != nil {
			return err
		}
		from, err := parseUnix("from", fields[1])
		if err != nil {
			return err
		}
		until, err := parseUnix("until", fields[2])
		if err != nil {
			return err
		}
		if until.Before(from) {
			return fmt.Errorf("until %d is before from %d", until.Unix(), from.Unix())
		}
		l.add(addr, from, until)
		l.sawTime(until)
		if l.CoveredFrom.IsZero() || from.Before(l.CoveredFrom) {
			l.CoveredFrom = from
		}
		return nil
	})
}

func parseUnix(field, s string) (time.Time, error) {
	n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	if err != nil || n < 0 || n > maxUnix {
		return time.Time{}, fmt.Errorf("%s %s is not a time in Unix seconds", field, quote(s))
	}
	return time.Unix(n, 0).UTC(), nil
}

func (l *Listing) add(addr netip.Addr, from, until time.Time) {
	l.Intervals = append(l.Intervals, Interval{Addr: addr, From: from.Unix(), Until: until.Unix()})
}

func (l *Listing) sawTime(t time.Time) {
	if t.After(l.AsOf) {
		l.AsOf = t
	}
}
