// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/kind"
	"github.com/aer-project/aer/sinks/topic"
	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/transforms/strict"
)

// Kinds of sink (SinkConfig.Kind).
const (
	KindFile   = "file"
	KindPubSub = "pubsub"
)

// kinds is every sink. They are given the folder of results, from which relative paths start.
var kinds = kind.Table[SinkConfig, string, lines]{
	{Name: KindFile, Validate: SinkConfig.validateFile, Open: openFile},
	kind.Part(KindPubSub, func(c SinkConfig) topic.Config { return c.PubSub }, openTopic),
}

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

// Validate checks every key; the error joins all that is wrong.
func (c Config) Validate() error {
	var k strict.Check
	paths := map[string]int{}
	for i, s := range c.Sinks {
		at := strict.Index("sinks", i)
		k.Under(at, s.validate())
		if s.Kind != KindFile || s.Path == "" {
			continue
		}
		if j, twice := paths[filepath.Clean(s.Path)]; twice {
			k.Wrong(at+".path", fmt.Sprintf("%q is written by sinks[%d] already", s.Path, j), "use another file")
		}
		paths[filepath.Clean(s.Path)] = i
	}
	return k.Err()
}

func (c SinkConfig) validate() error {
	var k strict.Check
	k.Under("", kinds.Validate(c.Kind, c))
	strict.Choice(&k, "format", c.Format, "", FormatSlack, FormatOCSF)
	if c.Findings && c.Format != FormatOCSF {
		k.Wrong("findings", "true contradicts format", "use format: "+string(FormatOCSF)+" with it, or false")
	}
	return k.Err()
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
		to, err := kinds.Open(ctx, s.Kind, s, dir)
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
