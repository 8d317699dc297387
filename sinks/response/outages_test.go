// SPDX-License-Identifier: Apache-2.0

package response

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/aer-project/aer/sinks/ledger"
)

func stepTo(channel, who string) destination {
	return step{key: ledger.Key{OrgID: "O1", Kind: KindNotify, Channel: channel}, address: who}.destination()
}

func TestPatienceIsKeptPerDestination(t *testing.T) {
	var o outages
	patience := func(channel, who string) bool { return o.patience(stepTo(channel, who), time.Minute) > 0 }
	o.begin(stepTo("email", "full@x.example"), true)
	if patience("email", "full@x.example") || !patience("email", "other@x.example") || !patience("dm", "full@x.example") {
		t.Error("want patience with everything but the mailbox that is full")
	}
	o.begin(stepTo("email", "other@x.example"), false)
	if patience("email", "third@x.example") || !patience("dm", "U1") {
		t.Error("want no patience with a server that is down, for anybody")
	}
	o.begin(stepTo("email", "full@x.example"), true)
	if !patience("email", "third@x.example") || patience("email", "full@x.example") {
		t.Error("a server that refuses one mailbox answers")
	}
	o.over(stepTo("email", "full@x.example"))
	if !patience("email", "full@x.example") || len(o.out) != 0 {
		t.Errorf("all is well and %v is out", o.out)
	}
	if stepTo("", "").server != KindNotify ||
		(step{key: ledger.Key{Kind: KindPage, Channel: "email"}}).destination().server != "email" {
		t.Error("mail to people and to operators goes by one server")
	}
}

// However many mailboxes fail, memory is bounded, and a server that is down is not forgotten over them.
func TestOutagesAreBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var o outages
		o.begin(stepTo("dm", "U1"), false)
		n := rapid.IntRange(destinationsMax-2, destinationsMax+50).Draw(t, "mailboxes")
		for i := range n {
			d := stepTo("email", fmt.Sprint(i))
			o.begin(d, true)
			if o.patience(d, time.Minute) != 0 {
				t.Fatal("forgotten at once")
			}
		}
		if len(o.out) != min(n+1, destinationsMax) || o.patience(stepTo("dm", "U2"), time.Minute) != 0 {
			t.Fatalf("%d remembered", len(o.out))
		}
	})
}
