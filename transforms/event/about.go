// SPDX-License-Identifier: Apache-2.0

package event

import (
	"sync"
	"sync/atomic"
)

// action is what its name says about an action.
type action struct {
	class Class
	words words
	first string // the first word
}

// actionsMax bounds how many names are remembered. Slack has 762, and nothing but a platform makes them.
const actionsMax = 4096

// actions remembers what names say: the few hundred that a platform has come again and again.
var actions struct {
	byName sync.Map // string → *action
	n      atomic.Int64
}

// about tells what an action's name says.
func about(name string) *action {
	if a, ok := actions.byName.Load(name); ok {
		return a.(*action)
	}
	a := &action{}
	a.words, a.first = wordsOf(name)
	var ok bool
	if a.class, ok = actionClasses[name]; !ok {
		a.class = patternClass(name, a.words)
	}
	if len(name) <= wordMax && actions.n.Add(1) <= actionsMax {
		actions.byName.Store(name, a)
	}
	return a
}
