package audit

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/topic"
	"github.com/aer-project/aer/sinks/warehouse"
)

// Kinds of sink (SinkConfig.Kind).
const (
	KindFile   = "file"
	KindPubSub = "pubsub"
)

// Config says where audit entries go besides AER's own store: the section audit of a configuration.
type Config struct {
	Sinks []SinkConfig `yaml:"sinks"`
}

// SinkConfig is one place.
type SinkConfig struct {
	// file or pubsub.
	Kind string `yaml:"kind"`
	// slack or ocsf; empty is slack.
	Format Format `yaml:"format"`
	// Of a file: its path, from the folder of results.
	Path string `yaml:"path"`
	// Of a topic.
	PubSub topic.Config `yaml:"pubsub"`
	// Anomalies too, as findings; only with the format ocsf.
	Findings bool `yaml:"findings"`
}

// Validate checks every key; the error joins all that is wrong, each with its key and what would be right.
func (c Config) Validate() error {
	var errs []error
	paths := map[string]int{}
	for i, s := range c.Sinks {
		wrong := func(format string, args ...any) {
			errs = append(errs, fmt.Errorf("sinks[%d].%w", i, fmt.Errorf(format, args...)))
		}
		switch s.Kind {
		case KindFile:
			if s.Path == "" {
				wrong("path is empty, want the path of a file")
			} else if j, twice := paths[filepath.Clean(s.Path)]; twice {
				wrong("path is %q, which sinks[%d] writes already", s.Path, j)
			}
			paths[filepath.Clean(s.Path)] = i
		case KindPubSub:
			if err := s.PubSub.Validate(); err != nil {
				wrong("pubsub.%w", err)
			}
		default:
			wrong("kind is %q, want %s or %s", s.Kind, KindFile, KindPubSub)
		}
		switch {
		case s.Format != "" && s.Format != FormatSlack && s.Format != FormatOCSF:
			wrong("format is %q, want %s or %s", s.Format, FormatSlack, FormatOCSF)
		case s.Findings && s.Format != FormatOCSF:
			wrong("findings is true, want format: %s with it, or false", FormatOCSF)
		}
	}
	return errors.Join(errs...)
}

// Audit is the sinks of a configuration, open.
type Audit struct {
	Tee
	findings findings
	closers  []func() error
}

// Open opens every sink. dir is the folder of results, from which relative paths start. No server is called.
func Open(ctx context.Context, c Config, dir string) (a *Audit, err error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("setting up audit sinks: %w", err)
	}
	a = &Audit{}
	for i, s := range c.Sinks {
		to, err := s.open(ctx, dir)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("setting up audit sinks[%d]: %w", i, err), a.Close())
		}
		a.closers = append(a.closers, to.Close)
		a.Tee = append(a.Tee, rendered{s.Format, to})
		if s.Findings {
			a.findings = append(a.findings, to)
		}
	}
	return a, nil
}

func (s SinkConfig) open(ctx context.Context, dir string) (lines, error) {
	if s.Kind == KindPubSub {
		p, err := topic.Open(ctx, s.PubSub)
		if err != nil {
			return nil, err
		}
		return published{p}, nil
	}
	path := s.Path
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	f, err := openFile(path, s.Format.key)
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Findings returns the writer that sends anomalies on as findings, for the Tee of the warehouse's writers, or nil if no
// sink wants them.
func (a *Audit) Findings() warehouse.Writer {
	if len(a.findings) == 0 {
		return nil
	}
	return a.findings
}

// Append implements Sink.
func (a *Audit) Append(ctx context.Context, e *aerv1.AuditEntry) error { return a.Tee.Append(ctx, e) }

// Close closes every sink.
func (a *Audit) Close() error {
	var errs []error
	for _, c := range a.closers {
		errs = append(errs, c())
	}
	a.closers = nil
	return errors.Join(errs...)
}
