// Package config is the configuration file of aer run: strict, with every key documented in default.yaml.
package config

import (
	"bytes"
	_ "embed" // the defaults
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/token"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/audit"
	"github.com/aer-project/aer/sinks/notify/channels"
	"github.com/aer-project/aer/sinks/sessions/adapters"
	"github.com/aer-project/aer/transforms/enrich"
	"github.com/aer-project/aer/transforms/event"
	"github.com/aer-project/aer/transforms/source"
)

//go:embed default.yaml
var defaultYAML []byte

// DefaultYAML is the default configuration with a comment on every key.
func DefaultYAML() []byte { return bytes.Clone(defaultYAML) }

// Config is what a run does. See default.yaml for what each key means.
type Config struct {
	Mode      string        `yaml:"mode"`
	Source    Source        `yaml:"source"`
	Slices    Slices        `yaml:"slices"`
	Enrich    enrich.Config `yaml:"enrich"`
	Store     string        `yaml:"store"`
	Settings  string        `yaml:"settings"`
	Directory string        `yaml:"directory"`
	Baseline  string        `yaml:"baseline"`
	Out       string        `yaml:"out"`
	Warehouse Warehouse     `yaml:"warehouse"`
	Sender    string        `yaml:"sender"`
	// Sessions is where sessions are ended.
	Sessions adapters.Config `yaml:"sessions"`
	// Notify is how messages reach people, Audit where audit entries go besides the store.
	Notify channels.Config `yaml:"notify"`
	Audit  audit.Config    `yaml:"audit"`
}

// Source is where events come from.
type Source struct {
	Kind          string   `yaml:"kind"`
	Files         []string `yaml:"files"`
	Subscription  string   `yaml:"subscription"`
	Endpoint      string   `yaml:"endpoint"`
	TimeAttribute string   `yaml:"time_attribute"`
	Format        string   `yaml:"format"`
	OrgID         string   `yaml:"org_id"`
	// Workspaces is event.Options.Workspaces.
	Workspaces map[string]string `yaml:"workspaces"`
	// FutureMax is event.Options.FutureMax.
	FutureMax time.Duration `yaml:"future_max"`
}

// Slices is how events are gathered.
type Slices struct {
	Window   time.Duration `yaml:"window"`
	Lateness time.Duration `yaml:"lateness"`
	Shards   int           `yaml:"shards"`
}

// Warehouse is which copies of the results are written.
type Warehouse struct {
	NDJSON bool `yaml:"ndjson"`
	DuckDB bool `yaml:"duckdb"`
}

// Limits of the keys that would otherwise make a run useless or unbounded.
const (
	windowMin, windowMax = time.Second, time.Minute // a pace histogram has one bucket a second
	latenessMax          = 24 * time.Hour
	shardsMax            = 4096
)

// Default is what default.yaml says.
func Default() Config {
	c, err := parse("default.yaml", defaultYAML, Config{})
	if err != nil {
		panic(err) // the embedded file is part of the program: its test reads it
	}
	return c
}

// Read reads a file; keys that it leaves out keep their defaults.
func Read(path string) (Config, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return Config{}, fmt.Errorf("reading configuration: %w", err)
	}
	return Parse(path, raw)
}

// Parse reads a configuration; name is used in errors.
func Parse(name string, raw []byte) (Config, error) {
	c, err := parse(name, raw, Default())
	if err != nil {
		return Config{}, err
	}
	if err := c.Validate(); err != nil {
		return Config{}, fmt.Errorf("%s: %w", name, err)
	}
	return c, nil
}

// parse is strict: an unknown or repeated key is an error that names the line.
func parse(name string, raw []byte, into Config) (Config, error) {
	c := into
	switch err := yaml.NewDecoder(bytes.NewReader(raw), yaml.Strict()).Decode(&c); {
	case errors.Is(err, io.EOF):
		return into, nil // nothing but comments: all defaults
	case err != nil:
		// Line and column, but not the excerpt, which could show a secret that was written into the file by mistake.
		return Config{}, fmt.Errorf("%s: %s%s", name, strings.TrimSpace(yaml.FormatError(err, false, false)), of(err))
	}
	return c, nil
}

// of names the key whose value is of the wrong kind, which the parser leaves out.
func of(err error) string {
	var kind *yaml.UnexpectedNodeTypeError
	var value *yaml.TypeError
	var at *token.Token
	switch {
	case errors.As(err, &kind):
		at = kind.Token
	case errors.As(err, &value):
		at = value.Token
	}
	for ; at != nil && at.Prev != nil; at = at.Prev {
		if at.Type == token.MappingValueType {
			return ", in " + at.Prev.Value
		}
	}
	return ""
}

// Validate checks every key; the error joins all that is wrong, each with its key and what would be right.
func (c Config) Validate() error {
	var errs []error
	wrong := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if c.Mode != aerv1.ModeObserve && c.Mode != aerv1.ModeEnforce {
		wrong("mode is %q, want observe or enforce", c.Mode)
	}
	switch c.Source.Kind {
	case source.KindFiles:
		if len(c.Source.Files) == 0 {
			wrong("source.files is empty, want at least one file, or \"-\" for standard input")
		}
	case source.KindPubSub:
		if p := strings.Split(c.Source.Subscription, "/"); len(p) != 4 || p[0] != "projects" || p[2] != "subscriptions" {
			wrong("source.subscription is %q, want projects/P/subscriptions/S", c.Source.Subscription)
		}
	default:
		wrong("source.kind is %q, want files or pubsub", c.Source.Kind)
	}
	if _, err := event.ParseFormat(c.Source.Format); err != nil {
		wrong("source.%w", err)
	}
	for workspace, org := range c.Source.Workspaces {
		if workspace == "" || org == "" {
			wrong("source.workspaces has %q: %q, want the organisation of a workspace, e.g. T0123: E0456", workspace, org)
		}
	}
	if w := c.Slices.Window; w < windowMin || w > windowMax || w%time.Second != 0 {
		wrong("slices.window is %v, want whole seconds from %v to %v", w, windowMin, windowMax)
	}
	if l := c.Slices.Lateness; l <= 0 || l > latenessMax {
		wrong("slices.lateness is %v, want more than 0 and at most %v: without it late events are dropped silently", l, latenessMax)
	}
	if c.Slices.Shards < 1 || c.Slices.Shards > shardsMax {
		wrong("slices.shards is %d, want 1 to %d", c.Slices.Shards, shardsMax)
	}
	if c.Out == "" {
		wrong("out is empty, want a directory for the results")
	}
	errs = append(errs, c.Enrich.Validate(), c.Sessions.Validate(), under("notify", c.Notify.Validate(c.Sender)), under("audit", c.Audit.Validate()))
	return errors.Join(errs...)
}

// under puts the section's name before each of the joined errors.
func under(section string, err error) error {
	joined, ok := err.(interface{ Unwrap() []error })
	switch {
	case err == nil:
		return nil
	case !ok:
		return fmt.Errorf("%s.%w", section, err)
	}
	var errs []error
	for _, e := range joined.Unwrap() {
		errs = append(errs, under(section, e))
	}
	return errors.Join(errs...)
}

// Options are how the source's messages are decoded.
func (s Source) Options() event.Options {
	f, _ := event.ParseFormat(s.Format) // Validate has checked it
	return event.Options{Format: f, OrgID: s.OrgID, Workspaces: s.Workspaces, FutureMax: s.FutureMax}
}
