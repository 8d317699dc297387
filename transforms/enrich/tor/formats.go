// SPDX-License-Identifier: Apache-2.0

package tor

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/aer-project/aer/transforms/lists"
)

// readBulk reads one address a line; each was an exit at asOf.
func (l *Listing) readBulk(r io.Reader, asOf time.Time) error {
	l.AsOf = asOf.UTC().Truncate(time.Second)
	return lists.Each(r, &l.Problems, func(line string) error {
		addr, err := parseAddr(lists.Uncomment(line))
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
	err := lists.Each(r, &l.Problems, func(line string) error {
		key, rest, _ := strings.Cut(lists.Uncomment(line), " ")
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
			return fmt.Errorf("%s is unknown, want ExitNode, Published, LastStatus or ExitAddress", lists.Quote(key))
		}
		return nil
	})
	return err
}

// addExitAddress adds "address date time" of a node last in the consensus at status (zero if the file does not say).
func (l *Listing) addExitAddress(rest string, status time.Time) error {
	text, at, ok := strings.Cut(rest, " ")
	if !ok {
		return fmt.Errorf("ExitAddress %s: want an address and a time", lists.Quote(rest))
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

func parseUnix(field, s string) (time.Time, error) {
	s = strings.TrimSpace(s)
	if t, err := time.Parse(time.RFC3339, s); err == nil && t.Unix() >= 0 && t.Unix() <= maxUnix {
		return t.UTC(), nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n > maxUnix {
		return time.Time{}, fmt.Errorf("%s %s is not a time in Unix seconds or RFC 3339", field, lists.Quote(s))
	}
	return time.Unix(n, 0).UTC(), nil
}

// readCSV reads a table in which one or more columns hold addresses; each was an exit at asOf.
func (l *Listing) readCSV(r io.Reader, asOf time.Time) error {
	l.AsOf = asOf.UTC().Truncate(time.Second)
	var table *lists.Table
	return lists.Each(r, &l.Problems, func(line string) error {
		if table == nil {
			t, ok := lists.NewTable(line, addressColumns, isAddr)
			if !ok {
				return fmt.Errorf("%s has no address, and no header that names a column of addresses (%s)", lists.Quote(line),
					addressColumns[0])
			}
			if table = t; t.HasHeader() {
				return nil
			}
		}
		return l.addRow(table, line)
	})
}

// addressColumns are the names of columns of addresses in the tables of public mirrors (see lists.Name).
var addressColumns = []string{"ip", "ipaddr", "ipaddress", "address", "addr", "exitaddress", "exitip", "ipv4", "ipv6",
	"ipv4address", "ipv6address", "routerip", "oraddress"}

// exitColumns say of a relay whether it is an exit.
var exitColumns = []string{"exit", "isexit", "flagexit", "exitflag", "flags"}

func (l *Listing) addRow(t *lists.Table, line string) error {
	fields, err := t.Fields(line)
	if err != nil {
		return err
	}
	for _, f := range t.Get(fields, exitColumns...) {
		if !saysExit(f) {
			return nil
		}
	}
	if t.HasHeader() {
		fields = t.Get(fields, addressColumns...)
	}
	n := len(l.Intervals)
	for _, f := range fields {
		if addr, err := parseAddr(f); err == nil {
			l.add(addr, l.AsOf, l.AsOf)
		}
	}
	if len(l.Intervals) == n {
		return fmt.Errorf("%s has no address in its column", lists.Quote(line))
	}
	return nil
}

// saysExit reads a column of exitColumns: yes or no, or a relay's flags.
func saysExit(field string) bool {
	for word := range strings.FieldsFuncSeq(strings.ToLower(field),
		func(r rune) bool { return r < '0' || r > '9' && r < 'a' || r > 'z' }) {
		switch word {
		case "1", "true", "yes", "y", "t", "exit":
			return true
		}
	}
	return false
}

func (l *Listing) add(addr netip.Addr, from, until time.Time) {
	l.Intervals = append(l.Intervals, Interval{Addr: addr, From: from.Unix(), Until: until.Unix()})
}

func (l *Listing) sawTime(t time.Time) {
	if t.After(l.AsOf) {
		l.AsOf = t
	}
}
