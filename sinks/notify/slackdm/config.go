// SPDX-License-Identifier: Apache-2.0

package slackdm

import (
	"net/url"
	"strings"
	"time"

	"github.com/aer-project/aer/sinks/secret"
	"github.com/aer-project/aer/transforms/strict"
)

// Config says how AER speaks to Slack. The bot needs the scopes chat:write, im:write and, to check for duplicates,
// im:history.
type Config struct {
	// The bot's token.
	Token secret.Ref `yaml:"token"`
	// Base of Slack's methods, with a slash at its end; empty is Slack itself.
	API string `yaml:"api"`
	// Look into the conversation before posting whether the message is there already.
	CheckDuplicates bool `yaml:"check_duplicates"`
	// Of one call. Up to three make a delivery, which must stay below the time a response gives to one attempt, 10 s.
	Timeout time.Duration `yaml:"timeout"`
	// Shortest time between two messages to one person: Slack's limit is one a second, with short bursts.
	PerChannel time.Duration `yaml:"per_channel"`
}

// Validate checks every key; the error joins all that is wrong, each with its key and what would be right.
func (c Config) Validate() error {
	var k strict.Check
	k.Under("token", c.Token.Validate())
	u, err := url.Parse(c.API)
	k.Want(c.API == "" || err == nil && u.Host != "" && strings.HasSuffix(c.API, "/"), "api", c.API,
		"a URL that ends in a slash, or nothing for Slack itself")
	k.Want(c.Timeout > 0, "timeout", c.Timeout, "more than 0s")
	k.Want(c.PerChannel >= 0, "per_channel", c.PerChannel, "0s or more")
	return k.Err()
}
