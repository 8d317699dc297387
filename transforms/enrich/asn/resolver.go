// SPDX-License-Identifier: Apache-2.0

package asn

import (
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/oschwald/maxminddb-golang/v2"

	"github.com/aer-project/aer/transforms/lists"
)

// maxDatabaseBytes bounds a database, which is read into memory: a mapped file that an updater truncates in place would
// kill the process. City databases have about 100 MB.
const maxDatabaseBytes = 512 << 20

// Config names the operator's files. All are optional.
type Config struct {
	// Databases are mmdb files with AS numbers, countries or both (GeoLite2, DB-IP, IPinfo); the first that knows wins.
	Databases []string `yaml:"databases"`
	// HostingFile adds hosting providers to the built-in ones: one AS number a line, or CSV with a column asn.
	HostingFile string `yaml:"hosting_file"`
}

// Network is what is known about an address's network; zero fields are unknown.
type Network struct {
	ASN uint32
	// Org is the name of the organisation that runs the AS.
	Org string
	// Country is an ISO 3166-1 code of two capital letters.
	Country string
}

// Resolver looks networks up. Safe for concurrent use.
type Resolver struct {
	config Config
	state  atomic.Pointer[resolverState]
}

type resolverState struct {
	files     []fileState
	databases []*maxminddb.Reader
	extra     map[uint32]bool
	problems  lists.Problems // of the list of hosting providers
	// stamp changes whenever the files do, so that caches of answers can tell.
	stamp uint64
}

type fileState struct {
	size  int64
	mtime time.Time
}

// NewResolver makes a Resolver that knows only the built-in providers; Load reads the files.
func NewResolver(config Config) *Resolver {
	r := &Resolver{config: config}
	r.state.Store(&resolverState{})
	return r
}

// Load reads the files if one of them changed, and says whether one did. On an error all that was known before stays.
// One goroutine at a time may call Load.
func (r *Resolver) Load() (changed bool, err error) {
	old := r.state.Load()
	next := &resolverState{stamp: old.stamp + 1}
	if next.files, err = r.stat(); err != nil {
		return false, err
	}
	if slices.EqualFunc(next.files, old.files, fileState.equal) {
		return false, nil
	}
	for _, path := range r.config.Databases {
		db, err := open(path)
		if err != nil {
			return false, fmt.Errorf("opening network database: %s: %w", path, err)
		}
		next.databases = append(next.databases, db)
	}
	if r.config.HostingFile != "" {
		if next.extra, next.problems, err = readASNs(r.config.HostingFile); err != nil {
			return false, err
		}
	}
	r.state.Store(next)
	return true, nil
}

func (r *Resolver) stat() ([]fileState, error) {
	paths := r.config.Databases
	if r.config.HostingFile != "" {
		paths = append(paths[:len(paths):len(paths)], r.config.HostingFile)
	}
	var out []fileState
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, fmt.Errorf("opening network data: %w", err)
		}
		out = append(out, fileState{info.Size(), info.ModTime()})
	}
	return out, nil
}

func (a fileState) equal(b fileState) bool { return a.size == b.size && a.mtime.Equal(b.mtime) }

func open(path string) (*maxminddb.Reader, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxDatabaseBytes {
		return nil, fmt.Errorf("the file has %d MB, more than the limit of %d", info.Size()>>20, maxDatabaseBytes>>20)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return maxminddb.OpenBytes(content)
}

// Active says whether there is any database to ask.
func (r *Resolver) Active() bool { return len(r.state.Load().databases) > 0 }

// Stamp changes whenever Load found new files.
func (r *Resolver) Stamp() uint64 { return r.state.Load().stamp }

// Lookup asks the databases about addr. A damaged database answers nothing rather than failing.
func (r *Resolver) Lookup(addr netip.Addr) Network {
	var n Network
	for _, db := range r.state.Load().databases {
		result := db.Lookup(addr.Unmap().WithZone(""))
		if result.Err() != nil || !result.Found() {
			continue
		}
		n.fill(result)
	}
	return n
}

// fill takes what is missing in n from a record, in the layouts of GeoLite2 and DB-IP, and of IPinfo.
func (n *Network) fill(result maxminddb.Result) {
	if n.ASN == 0 {
		n.ASN = recordASN(result)
		n.Org = recordString(result, []any{"autonomous_system_organization"}, []any{"as_name"}, []any{"as_organization"})
	}
	if n.Country == "" {
		code := recordString(result, []any{"country", "iso_code"}, []any{"country_code"}, []any{"country"})
		if len(code) == 2 {
			n.Country = strings.ToUpper(code)
		}
	}
}

func recordASN(result maxminddb.Result) uint32 {
	var number uint32
	if err := result.DecodePath(&number, "autonomous_system_number"); err == nil && number != 0 {
		return number
	}
	text := recordString(result, []any{"asn"})
	if number, err := parseASN(text); err == nil {
		return number
	}
	return 0
}

func recordString(result maxminddb.Result, paths ...[]any) string {
	for _, path := range paths {
		var s string
		if err := result.DecodePath(&s, path...); err == nil && s != "" {
			return s
		}
	}
	return ""
}

// Hosting says whether an AS belongs to a hosting provider: by number, or by org, the name the database gives it (may
// be empty).
func (r *Resolver) Hosting(asn uint32, org string) bool {
	return asn != 0 && (hosting[asn] || r.state.Load().extra[asn]) || org != "" && hostingOrg(org)
}

// Status describes a Resolver to operators.
type Status struct {
	Databases []DatabaseStatus
	// HostingASNs counts built-in and added hosting providers' AS numbers.
	HostingASNs int
	// HostingProblems are the lines of the operator's list that were left out.
	HostingProblems lists.Problems
}

// DatabaseStatus describes one database.
type DatabaseStatus struct {
	Path, Type string
	Built      time.Time
	Nodes      uint
}

// Status reports what is loaded.
func (r *Resolver) Status() Status {
	s := r.state.Load()
	out := Status{HostingASNs: len(hosting), HostingProblems: s.problems}
	for asn := range s.extra {
		if !hosting[asn] {
			out.HostingASNs++
		}
	}
	for i, db := range s.databases {
		m := db.Metadata
		out.Databases = append(out.Databases, DatabaseStatus{
			Path: r.config.Databases[i], Type: m.DatabaseType, Nodes: m.NodeCount,
			Built: time.Unix(int64(m.BuildEpoch), 0).UTC(),
		})
	}
	return out
}
