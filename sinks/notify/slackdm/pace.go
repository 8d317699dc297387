// SPDX-License-Identifier: Apache-2.0

package slackdm

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/retry"
)

// patience is the longest that a delivery waits for its turn; beyond it the caller is told when to come back.
const patience = 2 * time.Second

// conversationsKept bounds what is remembered of conversations; only owners and admins have one.
const conversationsKept = 10_000

// conversations remembers which conversation belongs to a person, when the next message may go there, and how long
// Slack wants to be left alone.
type conversations struct {
	every time.Duration
	now   func() time.Time
	sleep func(ctx context.Context, d time.Duration) error

	mu     sync.Mutex
	ids    map[string]string
	next   map[string]time.Time
	paused time.Time
}

func (c *conversations) id(user string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ids[user]
}

// set remembers a conversation, or forgets it if id is empty.
func (c *conversations) set(user, id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ids == nil || len(c.ids) >= conversationsKept {
		c.ids = map[string]string{}
	}
	c.ids[user] = id
}

// pause keeps everyone from calling for d: what a 429 asks for.
func (c *conversations) pause(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if until := c.now().Add(d); until.After(c.paused) {
		c.paused = until
	}
}

// check says when to come back while Slack wants to be left alone.
func (c *conversations) check() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d := c.paused.Sub(c.now()); d > 0 {
		return retry.After(&Error{Class: notify.ClassServer, Code: "ratelimited",
			text: fmt.Sprintf("Slack limits the rate: not before %v", d)}, d)
	}
	return nil
}

// turn waits until a message may go to a conversation, or says when to come back.
func (c *conversations) turn(ctx context.Context, id string) error {
	wait := c.book(id)
	if wait > patience {
		return retry.OneOnly(retry.After(&Error{Class: notify.ClassServer, Code: "ratelimited",
			text: fmt.Sprintf("too many messages to one person: not before %v", wait)}, wait))
	}
	if wait <= 0 {
		return nil
	}
	return c.sleep(ctx, wait)
}

// book takes the next free time at a conversation, unless it is too far away, and returns how far away it is.
func (c *conversations) book(id string) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if c.next == nil || len(c.next) >= conversationsKept {
		c.next = map[string]time.Time{}
	}
	at := c.next[id]
	if at.Before(now) {
		at = now
	}
	if wait := at.Sub(now); wait > patience {
		return wait
	}
	c.next[id] = at.Add(c.every)
	return at.Sub(now)
}
