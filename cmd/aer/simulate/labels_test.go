// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/aer-project/aer/cmd/aer/evaluate"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/enrich/useragent"
	"github.com/aer-project/aer/transforms/event"
)

// told is a world with the events of each account as decoding gives them.
type told struct {
	*Result
	of map[string][]*aerv1.Event
}

func tell(r *Result) told {
	w := told{r, map[string][]*aerv1.Event{}}
	for _, e := range r.Events {
		e = proto.CloneOf(e)
		event.Normalise(e)
		w.of[e.GetUserId()] = append(w.of[e.GetUserId()], e)
	}
	return w
}

// within are the events of an incident's account in its window; thieves only, if that is asked for.
func (r told) within(i *evaluate.Incident, thieves bool) (all []*aerv1.Event) {
	for _, e := range r.of[i.UserID] {
		at := e.GetTime().AsTime()
		if e.GetOrgId() == i.OrgID && !at.Before(i.Start) && !at.After(i.End) && (!thieves || r.Thief[e.GetId()]) {
			all = append(all, e)
		}
	}
	return all
}

func count(all []*aerv1.Event, is func(*aerv1.Event) bool) (n int) {
	for _, e := range all {
		if is(e) {
			n++
		}
	}
	return n
}

// different counts the values that events have.
func different(all []*aerv1.Event, value func(*aerv1.Event) string) int {
	seen := map[string]bool{}
	for _, e := range all {
		seen[value(e)] = true
	}
	return len(seen)
}

// exit says whether an event comes from an address that was listed as a Tor exit then.
func (r told) exit(e *aerv1.Event) bool {
	return slices.ContainsFunc(r.Tor, func(t TorInterval) bool {
		at := e.GetTime().AsTime()
		return e.GetClient().GetIp() == t.Address && !at.Before(t.From) && at.Before(t.Until)
	})
}

func download(e *aerv1.Event) bool { return e.GetAction() == "file_downloaded" }
func admin(e *aerv1.Event) bool    { return strings.HasPrefix(e.GetApiMethod(), "admin.") }
func ofApp(e *aerv1.Event) bool    { return e.GetAppId() != "" }

// tool says whether a client is one that people do not use.
func tool(e *aerv1.Event) bool {
	f := useragent.Classify(e.GetClient().GetUserAgent()).Family
	return slices.ContainsFunc(append(slices.Clone(libraries), headless, axios),
		func(p program) bool { return p.family == f })
}

// refused says whether an event let nobody in, or was done to the person.
func refused(e *aerv1.Event) bool {
	return e.GetOutcome() == aerv1.OutcomeDenied || slices.Contains([]string{
		"user_login_failed", "user_password_reset_requested", "user_session_invalidated", "user_logout_compromised",
		"user_sessions_reset_by_anomaly_event_response",
	}, e.GetAction())
}

// shared says whether a session of the thief's was opened by the owner.
func (r told) shared(i *evaluate.Incident) bool {
	thief := r.within(i, true)
	return len(thief) > 0 && slices.ContainsFunc(r.of[i.UserID], func(e *aerv1.Event) bool {
		return !r.Thief[e.GetId()] && e.GetSessionId() == thief[0].GetSessionId()
	})
}

// spoofed says whether a browser or app shows the TLS print of a library.
func spoofed(e *aerv1.Event) bool {
	prints := []string{python.ja4(0, fresh), golang.ja4(0, fresh), openssl.ja4(0, fresh)}
	return !tool(e) && slices.Contains(prints, strings.ToLower(e.GetClient().GetJa4()))
}

// shows is what an attack of a kind must show in its window, by what its label says.
func (r told) shows() map[string]func(i *evaluate.Incident, all []*aerv1.Event) bool {
	many := func(n int, is func(*aerv1.Event) bool) func(*evaluate.Incident, []*aerv1.Event) bool {
		return func(_ *evaluate.Incident, all []*aerv1.Event) bool { return count(all, is) >= n }
	}
	stolen := func(i *evaluate.Incident, _ []*aerv1.Event) bool { return r.shared(i) }
	threads := func(_ *evaluate.Incident, all []*aerv1.Event) bool {
		return different(all, func(e *aerv1.Event) string { return e.GetObject().GetId() }) >= 250
	}
	return map[string]func(*evaluate.Incident, []*aerv1.Event) bool{
		"tor_exit": many(10, r.exit), "thief_after_storm": many(10, r.exit), "thief_after_draining": many(10, r.exit),
		"session_hijack": stolen, "hijack_same_system": stolen, "hijack_sparse_data": stolen, "hijack_copied_agent": stolen,
		"hijack_during_rollout": stolen, "thief_behind_common_cause": stolen, "campaign": stolen,
		"stale_cookie_replay": func(i *evaluate.Incident, all []*aerv1.Event) bool {
			old := func(e *aerv1.Event) bool { return e.GetTime().AsTime().Sub(e.GetCookieTime().AsTime()) > 24*time.Hour }
			return r.shared(i) && count(all, old) >= 10
		},
		"combined_hijack_download": func(i *evaluate.Incident,
			all []*aerv1.Event) bool {
			return r.shared(i) && count(all, download) >= 80
		},
		"bulk_download": many(70, download),
		"low_slow_download": func(i *evaluate.Incident, all []*aerv1.Event) bool {
			return count(all, download) >= 90 && i.End.Sub(i.Start) > 8*time.Hour
		},
		"scraping_fast": threads, "scraping_slow": threads,
		"api_volume_burst": many(250, func(e *aerv1.Event) bool { return e.GetAction() == "api_call" }),
		"api_method_mix":   many(90, admin), "api_method_mix_few": many(28, admin),
		"unexpected_user_agent": many(10, tool), "credential_stuffing": many(10, tool),
		"spoofed_user_agent": many(10, spoofed), "spoof_after_poisoning": many(10, spoofed),
		"app_token_theft": many(250, ofApp),
	}
}

// TestAttacksShowWhatTheirLabelsSay, in their own window, account and sessions.
func TestAttacksShowWhatTheirLabelsSay(t *testing.T) {
	r := tell(simulation(t))
	shows := r.shows()
	for _, i := range r.Incidents {
		all := r.within(&i, false)
		if len(all) < i.Events || slices.ContainsFunc(i.Sessions, func(id string) bool {
			return !slices.ContainsFunc(all, func(e *aerv1.Event) bool { return e.GetSessionId() == id || id == "-" })
		}) {
			t.Errorf("%s: %d events of %s in its window, want %d, and sessions %v", i.ID, len(all), i.UserID,
				i.Events, i.Sessions)
		}
		if !i.Anomalous {
			continue
		}
		if show := shows[i.Kind]; show == nil || !show(&i, all) {
			t.Errorf("%s does not show what it says: %s", i.ID, i.Note)
		}
	}
}

// TestLookAlikesAreInnocent: whoever does what they label is the person or an app, or is refused; a thief is in no
// background.
func TestLookAlikesAreInnocent(t *testing.T) {
	r := tell(simulation(t))
	labelled, scripts := map[string]bool{}, map[string]bool{}
	for _, i := range r.Incidents {
		scripts[i.UserID] = scripts[i.UserID] || i.Kind == "own_script"
	}
	for _, i := range r.Incidents {
		for _, e := range r.within(&i, true) {
			labelled[e.GetId()] = true
			if !i.Anomalous && i.Kind != "external_person" && !refused(e) && !r.attacked(&i, e) {
				t.Errorf("%s: a thief does %s at %s", i.ID, e.GetAction(), e.GetTime().AsTime())
			}
		}
		if i.Anomalous {
			continue
		}
		for _, e := range r.within(&i, false) {
			switch {
			case refused(e) || r.attacked(&i, e):
			case r.exit(e) && i.Kind != "external_person":
				t.Errorf("%s: %s through a Tor exit", i.ID, e.GetAction())
			case spoofed(e):
				t.Errorf("%s: %s shows the print of a library", i.ID, e.GetClient().GetUserAgent())
			case tool(e) && !ofApp(e) && i.Kind != "ai_tool" && !scripts[i.UserID]:
				t.Errorf("%s: %s in %s", i.ID, e.GetAction(), e.GetClient().GetUserAgent())
			}
		}
	}
	for _, e := range r.Events {
		if r.Thief[e.GetId()] && !labelled[e.GetId()] && !refused(e) {
			t.Errorf("a thief does %s as %s at %s, and nothing says so", e.GetAction(), e.GetUserId(), e.GetTime().AsTime())
		}
	}
}

// attacked says whether an event of a look-alike is part of an attack on the same person as well.
func (r told) attacked(i *evaluate.Incident, e *aerv1.Event) bool {
	at := e.GetTime().AsTime()
	return slices.ContainsFunc(r.Incidents, func(a evaluate.Incident) bool {
		return a.Anomalous && a.OrgID == i.OrgID && a.UserID == i.UserID && !at.Before(a.Start) && !at.After(a.End)
	})
}
