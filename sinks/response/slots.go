// SPDX-License-Identifier: Apache-2.0

package response

import (
	"context"
	"sync"
)

// serverMax is how many attempts may be at one server at a time: enough that a burst of responses is not one after the
// other, few enough for a server that is none of the fastest.
const serverMax = 16

// slots bound the attempts at each server.
type slots struct {
	mu sync.Mutex
	of map[string]chan struct{}
}

// take waits until there is room at a server. leave makes room again.
func (s *slots) take(ctx context.Context, server string) (leave func(), err error) {
	room := s.room(server)
	select {
	case room <- struct{}{}:
		return func() { <-room }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *slots) room(server string) chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of == nil {
		s.of = map[string]chan struct{}{}
	}
	if s.of[server] == nil {
		s.of[server] = make(chan struct{}, serverMax)
	}
	return s.of[server]
}
