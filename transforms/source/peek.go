package transforms

import (
	"github.com/aer-project/aer/transforms/event"
	"github.com/aer-project/aer/transforms/watermark"
)

// oldestEvent is the time of the oldest event in a raw message, Unix milliseconds, and its user (watermark.User); ok is
// false for garbage. It decodes the whole message: publishers save us that by an attribute that says the time.
func oldestEvent(raw []byte) (ms int64, user uint64, ok bool) {
	evs, _ := event.Decode(raw, event.Source{}, event.Options{})
	for _, ev := range evs {
		if t := ev.Time.AsTime().UnixMilli(); !ok || t < ms {
			ms, user, ok = t, watermark.User(ev.OrgId, ev.UserId), true
		}
	}
	return ms, user, ok
}
