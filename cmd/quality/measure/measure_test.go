// SPDX-License-Identifier: Apache-2.0

package measure

import (
	"bytes"
	"strings"
	"testing"

	"github.com/aer-project/aer/cmd/aer/evaluate"
	"github.com/aer-project/aer/cmd/aer/term"
)

func TestCheck(t *testing.T) {
	good := func() *evaluate.Report {
		return &evaluate.Report{
			Attacks:    []evaluate.KindRow{{Kind: "a", Incidents: 50, Found: 50}, {Kind: "b", Incidents: 10, Found: 9}},
			LookAlikes: []evaluate.KindRow{{Kind: "c", Incidents: 10, Found: 3}},
			Background: evaluate.Background{UserDays: 20_000, Responds: 1, LogOnly: 6},
		}
	}
	for _, c := range []struct {
		name  string
		spoil func(*evaluate.Report)
		fails string
	}{
		{"as promised", func(*evaluate.Report) {}, ""},
		{"too few found", func(r *evaluate.Report) { r.Attacks[0].Found = 46 }, "attacks found"},
		{"too few of a kind",
			func(r *evaluate.Report) {
				r.Attacks[0].Incidents, r.Attacks[0].Found, r.Attacks[1].Found = 500, 500,
					8
			}, "found of b"},
		{"a look-alike acted on", func(r *evaluate.Report) { r.LookAlikes[0].Responds = 1 }, "look-alikes acted on"},
		{"background responds", func(r *evaluate.Report) { r.Background.Responds = 2 }, "background that would respond"},
		{"background logs", func(r *evaluate.Report) { r.Background.LogOnly = 7 }, "background that only logs"},
		{"nothing measured", func(r *evaluate.Report) { r.Background.UserDays = 0 }, "background that would respond"},
	} {
		r := good()
		c.spoil(r)
		totals := NewTotals()
		totals.Add(1, r)
		first := ""
		for _, v := range totals.Check(Promised) {
			if !v.Holds && first == "" {
				first = v.Bound
			}
		}
		if !strings.HasPrefix(first, c.fails) || (c.fails == "") != (first == "") {
			t.Errorf("%s: fails %q, want %q", c.name, first, c.fails)
		}
	}
}

func TestFailuresAreNamed(t *testing.T) {
	totals := NewTotals()
	totals.Add(7, &evaluate.Report{
		Missed: []evaluate.Incident{{ID: "session_hijack-1", OrgID: "elm", UserID: "U1"}},
		False: []evaluate.FalseAlarm{
			{Where: "private_relay-2", Responds: true, AnomalyID: "abcd1234", OrgID: "elm", UserID: "U2"},
			{Where: "private_relay-3", OrgID: "elm", UserID: "U3"},
			{Where: "background, 3h after tor_exit-1", Responds: true, AnomalyID: "dcba4321", OrgID: "elm", UserID: "U4"},
		},
	})
	var b bytes.Buffer
	totals.Print(term.New(&b), Promised, "DIR", 10)
	for _, want := range []string{"Failures: 3", "missed      ", "session_hijack-1", "acted       ", "private_relay-2",
		"background, 3h after", "DIR/seed-7/out"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing in\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "private_relay-3") {
		t.Error("what only logs on a look-alike is no failure")
	}
}
