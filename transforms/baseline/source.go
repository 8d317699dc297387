package baseline

import "time"

// Source finds the version valid at a time of event time; a nil Index where there is none.
type Source interface {
	At(t time.Time) *Index
}

// None is the source of those who have no history yet.
type None struct{}

// At is always nil.
func (None) At(time.Time) *Index { return nil }
