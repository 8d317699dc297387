package transforms

import "github.com/aer-project/aer/transforms/event"

// oldestEventMS is the time of the oldest event in a raw message, Unix milliseconds; ok is false for garbage. It decodes
// the whole message: publishers save us that by an attribute that says it.
func oldestEventMS(raw []byte) (ms int64, ok bool) {
	evs, _ := event.Decode(raw, event.Source{}, event.Options{})
	for _, ev := range evs {
		if t := ev.Time.AsTime().UnixMilli(); !ok || t < ms {
			ms, ok = t, true
		}
	}
	return ms, ok
}
