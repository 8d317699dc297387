// SPDX-License-Identifier: Apache-2.0

package event

import (
	"maps"
	"strings"
	"sync"
	"sync/atomic"
)

// action is what its name says about an action.
type action struct {
	class Class
	words words
	first string // the first word
	rules uint32 // bit set of the actorRules that may apply, by their place
}

// actionsMax bounds how many names are remembered. Slack has 762, and nothing but a platform makes them.
const actionsMax = 4096

// actions remembers what names say: the few hundred that a platform has come again and again. They are looked up in
// known, which is never changed but replaced by a copy of all, once what came since has been missed often enough.
var actions struct {
	known  atomic.Pointer[map[string]*action]
	mu     sync.Mutex
	all    map[string]*action
	missed int
}

// about tells what an action's name says.
func about(name string) *action {
	if known := actions.known.Load(); known != nil {
		if a := (*known)[name]; a != nil {
			return a
		}
	}
	if len(name) > wordMax {
		return read(name)
	}
	return learn(name)
}

// learn tells what a name says that is not in actions.known. It reads before it locks: a source that makes up a name
// for every event must not have the cores wait for each other.
func learn(name string) *action {
	a := read(name)
	actions.mu.Lock()
	defer actions.mu.Unlock()
	have := actions.all[name]
	switch {
	case have != nil:
		a = have
	case len(actions.all) == actionsMax:
		return a
	case actions.all == nil:
		actions.all = map[string]*action{}
		fallthrough
	default:
		actions.all[strings.Clone(name)] = a
	}
	if actions.missed++; actions.missed > len(actions.all)/4 {
		known := maps.Clone(actions.all)
		actions.known.Store(&known)
		actions.missed = 0
	}
	return a
}

// read makes out what a name says.
func read(name string) *action {
	a := &action{}
	a.words, a.first = wordsOf(name)
	var ok bool
	if a.class, ok = actionClasses[name]; !ok {
		a.class = patternClass(name, a.words)
	}
	for i := range actorRules {
		if could := actorRules[i].could; could == nil || could(name, a) {
			a.rules |= 1 << i
		}
	}
	return a
}
