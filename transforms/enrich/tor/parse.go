// SPDX-License-Identifier: Apache-2.0

package tor

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"time"

	"github.com/aer-project/aer/transforms/lists"
)

// Format is how a file says which addresses are exits.
type Format string

// The formats that Parse reads.
const (
	// FormatAuto means: look at the first bytes.
	FormatAuto Format = ""
	// FormatBulk is the bulk exit list: one address a line.
	FormatBulk Format = "bulk"
	// FormatTorDNSEL is the exit-addresses file: ExitNode, Published, LastStatus, ExitAddress lines.
	FormatTorDNSEL Format = "exit-addresses"
	// FormatOnionoo is an Onionoo details document (JSON).
	FormatOnionoo Format = "onionoo"
	// FormatTSV is a history for replays: address, from, until (Unix seconds or RFC 3339), separated by tabs, or by commas
	// only. Without until, or with 0, the address is still listed.
	FormatTSV Format = "tsv"
	// FormatCSV is a table with a column of addresses, as public mirrors ship it. Where it says which relays are exits,
	// only those are taken.
	FormatCSV Format = "csv"
)

// Formats lists what Config keys accept.
var Formats = []Format{FormatAuto, FormatBulk, FormatTorDNSEL, FormatOnionoo, FormatTSV, FormatCSV}

const (
	// maxBytes bounds a list after decompression: a full Onionoo details document is about 15 MB, ten years of history 10
	// MB.
	maxBytes = 256 << 20
	// sniffBytes is how much Parse looks at to tell the format.
	sniffBytes = 4 << 10
)

// Listing is the content of one file.
type Listing struct {
	Format    Format
	Intervals []Interval
	// AsOf is when the snapshot was taken as far as the file says so itself (zero for bulk lists); for a TSV the end of
	// the covered period.
	AsOf time.Time
	// CoveredFrom is the begin of the period a TSV covers; zero for snapshots, which cover one moment.
	CoveredFrom time.Time
	// Problems are the lines (of Onionoo: the relays) that were left out.
	Problems lists.Problems
}

// Snapshot says whether the listing is of one moment, so that it goes stale, rather than a history.
func (l *Listing) Snapshot() bool { return l.Format != FormatTSV }

// Parse reads a list in the given format, plain or gzip-compressed. asOf is when a list that does not say so itself was
// taken: the file's modification time. Errors begin with name and, where there is one, the line.
// A list without a single exit is an error: the lists of these formats are never empty. A few bad lines are left out,
// see package lists; a list with more is an error.
func Parse(name string, r io.Reader, format Format, asOf time.Time) (*Listing, error) {
	br, err := decompress(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if format == FormatAuto {
		if format, err = detect(br); err != nil {
			return nil, fmt.Errorf("%s:%w", name, err)
		}
	}
	l := &Listing{Format: format}
	switch format {
	case FormatBulk:
		err = l.readBulk(br, asOf)
	case FormatTorDNSEL:
		err = l.readTorDNSEL(br)
	case FormatOnionoo:
		err = l.readOnionoo(br)
	case FormatTSV:
		err = l.readTSV(br, asOf)
	case FormatCSV:
		err = l.readCSV(br, asOf)
	default:
		err = fmt.Errorf(" format %q is unknown, want one of bulk, exit-addresses, onionoo, tsv, csv, or nothing", format)
	}
	if err != nil {
		return nil, fmt.Errorf("%s:%w", name, err)
	}
	if len(l.Intervals) == 0 {
		if l.Problems.Bad > 0 {
			return nil, fmt.Errorf("%s:%s, and the %s list names no exit address", name, l.Problems.First[0], format)
		}
		return nil, fmt.Errorf("%s: the %s list names no exit address", name, format)
	}
	return l, nil
}

// decompress unwraps gzip if the content is gzip, drops a byte order mark and bounds the size.
func decompress(r io.Reader) (*bufio.Reader, error) {
	br := bufio.NewReaderSize(r, sniffBytes)
	if magic, _ := br.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		zr, err := gzip.NewReader(br)
		if err != nil {
			return nil, fmt.Errorf("decompressing: %w", err)
		}
		br = bufio.NewReaderSize(zr, sniffBytes)
	}
	br = bufio.NewReaderSize(&limitReader{r: br, left: maxBytes}, sniffBytes)
	if bom, _ := br.Peek(3); bytes.Equal(bom, []byte("\xef\xbb\xbf")) {
		_, _ = br.Discard(3)
	}
	return br, nil
}

// detect tells the format by the first line that has one, and refuses what is no list at all.
func detect(br *bufio.Reader) (Format, error) {
	head, err := br.Peek(sniffBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf(" reading: %w", err)
	}
	n, first := 0, errors.New(" the list is empty")
	for line := range strings.Lines(string(head)) {
		n++
		line = strings.TrimSpace(line)
		if lists.IsComment(line) {
			continue
		}
		if line[0] == '<' {
			return "", fmt.Errorf("%d: %w", n, lists.ErrHTML(line))
		}
		if f := detectLine(line); f != FormatAuto {
			return f, nil
		}
		if strings.HasPrefix(first.Error(), " ") {
			first = fmt.Errorf("%d: %s is no exit list, want %s", n, lists.Quote(line), wantList)
		}
	}
	return "", first
}

const wantList = "an address a line, TorDNSEL exit-addresses, Onionoo details, a TSV of address, from, until, or CSV"

func detectLine(line string) Format {
	if line[0] == '{' {
		return FormatOnionoo
	}
	switch strings.Fields(line)[0] {
	case "ExitNode", "Published", "LastStatus", "ExitAddress", "@type", "Downloaded":
		return FormatTorDNSEL
	}
	if _, err := parseAddr(lists.Uncomment(line)); err == nil {
		return FormatBulk
	}
	if isHistory(line) {
		return FormatTSV
	}
	if _, ok := lists.NewTable(line, addressColumns, isAddr); ok {
		return FormatCSV
	}
	return FormatAuto
}

// parseAddr accepts an address, also with a port, quoted, in the brackets that some lists put around IPv6, and as a
// network of one. What no client can come from is refused.
func parseAddr(s string) (netip.Addr, error) {
	text := strings.Trim(s, "\"' ")
	a, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(text, "["), "]"))
	if err != nil {
		if ap, e := netip.ParseAddrPort(text); e == nil {
			a, err = ap.Addr(), nil
		} else if p, e := netip.ParsePrefix(text); e == nil && p.IsSingleIP() {
			a, err = p.Addr(), nil
		}
	}
	if err != nil {
		return netip.Addr{}, fmt.Errorf("%s is not an IP address", lists.Quote(s))
	}
	if a = normalise(a); a.IsUnspecified() || a.IsLoopback() || a.IsPrivate() || a.IsMulticast() ||
		a.IsLinkLocalUnicast() {
		return netip.Addr{}, fmt.Errorf("%s is no public address", lists.Quote(s))
	}
	return a, nil
}

func isAddr(s string) bool { _, err := parseAddr(s); return err == nil }

// torTime is how TorDNSEL and Onionoo write times, in UTC.
const torTime = "2006-01-02 15:04:05"

func parseTime(s string) (time.Time, error) {
	t, err := time.Parse(torTime, s)
	if err != nil {
		return time.Time{}, fmt.Errorf("%s is not a time of the form %q", lists.Quote(s), torTime)
	}
	return t, nil
}

// limitReader fails, unlike io.LimitReader, which would cut the list silently.
type limitReader struct {
	r    io.Reader
	left int64
}

func (l *limitReader) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return 0, fmt.Errorf("the list has more than %d MB", maxBytes>>20)
	}
	return n, err
}
