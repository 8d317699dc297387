package slackdm

import (
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/aer-project/aer/sinks/secret"
)

// Defaults of Config.
const (
	// Timeout of one call. Up to three calls make a delivery, which must stay below the time a response gives to one
	// attempt, 10 s.
	Timeout = 3 * time.Second
	// PerChannel is Slack's limit of messages to one conversation: one a second, with short bursts.
	PerChannel = time.Second
)

// Config says how AER speaks to Slack. The bot needs the scopes chat:write, im:write and, to check for duplicates, im:history.
type Config struct {
	// The bot's token.
	Token secret.Ref `yaml:"token"`
	// Base of Slack's methods, with a slash at its end; empty is Slack itself.
	API string `yaml:"api"`
	// Look into the conversation before posting whether the message is there already.
	CheckDuplicates bool          `yaml:"check_duplicates"`
	Timeout         time.Duration `yaml:"timeout"`
	// Shortest time between two messages to one person.
	PerChannel time.Duration `yaml:"per_channel"`
}

// DefaultConfig checks for duplicates; the token is for the operator to fill in.
func DefaultConfig() Config {
	return Config{CheckDuplicates: true, Timeout: Timeout, PerChannel: PerChannel}
}

// Validate checks every key; the error joins all that is wrong, each with its key and what would be right.
func (c Config) Validate() error {
	var errs []error
	if err := c.Token.Validate(); err != nil {
		errs = append(errs, fmt.Errorf("token: %w", err))
	}
	if u, err := url.Parse(c.API); c.API != "" && (err != nil || u.Host == "" || c.API[len(c.API)-1] != '/') {
		errs = append(errs, fmt.Errorf("api is %q, want a URL that ends in a slash, or nothing for Slack itself", c.API))
	}
	if c.Timeout <= 0 {
		errs = append(errs, fmt.Errorf("timeout is %v, want more than 0", c.Timeout))
	}
	if c.PerChannel < 0 {
		errs = append(errs, fmt.Errorf("per_channel is %v, want 0 or more", c.PerChannel))
	}
	return errors.Join(errs...)
}
