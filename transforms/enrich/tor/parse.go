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
	// FormatTSV is a history for replays: address, from, until (Unix seconds), separated by tabs.
	FormatTSV Format = "tsv"
)

// Formats lists what Config keys accept.
var Formats = []Format{FormatAuto, FormatBulk, FormatTorDNSEL, FormatOnionoo, FormatTSV}

const (
	// maxBytes bounds a list after decompression: a full Onionoo details document is about 15 MB, ten years of history 10 MB.
	maxBytes = 256 << 20
	// maxLineBytes bounds one line of the line formats; the longest legitimate one has about 100 bytes.
	maxLineBytes = 4 << 10
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
}

// Snapshot says whether the listing is of one moment, so that it goes stale, rather than a history.
func (l *Listing) Snapshot() bool { return l.Format != FormatTSV }

// Parse reads a list in the given format, plain or gzip-compressed. asOf is when a list that does not say so itself was
// taken: the file's modification time. Errors begin with name and, where there is one, the line.
// A list without a single exit is an error: the lists of these formats are never empty.
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
		err = l.readTSV(br)
	default:
		err = fmt.Errorf(" format %q is unknown, want one of bulk, exit-addresses, onionoo, tsv, or nothing", format)
	}
	if err != nil {
		return nil, fmt.Errorf("%s:%w", name, err)
	}
	if len(l.Intervals) == 0 {
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

// detect tells the format by the first line that is neither empty nor a comment.
func detect(br *bufio.Reader) (Format, error) {
	head, err := br.Peek(sniffBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf(" reading: %w", err)
	}
	n := 0
	for line := range strings.Lines(string(head)) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if f := detectLine(line); f != FormatAuto {
			return f, nil
		}
		return "", fmt.Errorf("%d: %s is no exit list, want an address a line, TorDNSEL exit-addresses, Onionoo details or a TSV of address, from, until", n, quote(line))
	}
	return "", errors.New("1: the list is empty")
}

func detectLine(line string) Format {
	if line[0] == '{' {
		return FormatOnionoo
	}
	fields := strings.Fields(line)
	switch fields[0] {
	case "ExitNode", "Published", "LastStatus", "ExitAddress", "@type", "Downloaded":
		return FormatTorDNSEL
	}
	_, err := parseAddr(fields[0])
	switch {
	case strings.Contains(line, "\t"):
		return FormatTSV
	case err == nil && len(fields) == 1:
		return FormatBulk
	}
	return FormatAuto
}

// eachLine calls f with every line that is neither empty nor a comment; an error of f gets the line number in front.
func eachLine(r io.Reader, f func(line string) error) error {
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 0, maxLineBytes), maxLineBytes)
	n := 0
	for sc.Scan() {
		n++
		line := strings.TrimSpace(sc.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		if err := f(line); err != nil {
			return fmt.Errorf("%d: %w", n, err)
		}
	}
	if err := sc.Err(); err != nil {
		return fmt.Errorf("%d: reading: %w", n+1, err)
	}
	return nil
}

// parseAddr accepts an address, also in the brackets that some lists put around IPv6.
func parseAddr(s string) (netip.Addr, error) {
	if len(s) > 2 && s[0] == '[' && s[len(s)-1] == ']' {
		s = s[1 : len(s)-1]
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Addr{}, fmt.Errorf("%s is not an IP address", quote(s))
	}
	return normalise(a), nil
}

// torTime is how TorDNSEL and Onionoo write times, in UTC.
const torTime = "2006-01-02 15:04:05"

func parseTime(s string) (time.Time, error) {
	t, err := time.Parse(torTime, s)
	if err != nil {
		return time.Time{}, fmt.Errorf("%s is not a time of the form %q", quote(s), torTime)
	}
	return t, nil
}

// quote shows the begin of what a file says; a list may be an HTML error page or binary.
func quote(s string) string {
	if len(s) > 60 {
		s = s[:60] + "…"
	}
	return fmt.Sprintf("%q", s)
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
