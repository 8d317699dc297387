// SPDX-License-Identifier: Apache-2.0

package pubsub_test

import (
	"context"
	"encoding/json"
	"sync"
	"testing"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/pubsub/v2/pstest"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/sessions"
	"github.com/aer-project/aer/sinks/sessions/pubsub"
	"github.com/aer-project/aer/sinks/sinktest"
	topics "github.com/aer-project/aer/sinks/topic"
)

const topic = "projects/p/topics/commands"

// bus is a Pub/Sub server with a subscriber that acts once per dedup_id, whose next publication can be broken.
type bus struct {
	*pstest.Server
	world *sinktest.World
	mu    sync.Mutex
	code  codes.Code
	after bool
	taken int
}

func newBus(t *testing.T) *bus {
	b := &bus{world: sinktest.NewWorld()}
	b.Server = pstest.NewServer()
	t.Cleanup(func() { _ = b.Close() })
	if _, err := b.GServer.CreateTopic(context.Background(), &pubsubpb.Topic{Name: topic}); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bus) breakNext(after bool) { b.failNext(codes.Unavailable, after) }

func (b *bus) failNext(code codes.Code, after bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.code, b.after = code, after
}

// intercept breaks a publication on its way there or back.
func (b *bus) intercept(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn,
	invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	b.mu.Lock()
	code, after := b.code, b.after
	b.code = codes.OK
	b.mu.Unlock()
	if code != codes.OK && !after {
		return status.Error(code, "broken")
	}
	err := invoke(ctx, method, req, reply, cc, opts...)
	if err == nil && code != codes.OK {
		return status.Error(code, "broken")
	}
	return err
}

// alive lets the subscriber take what is there, and then looks.
func (b *bus) alive(t *testing.T, org, user string) []string {
	t.Helper()
	all := b.Messages()
	for _, m := range all[b.taken:] {
		var c sessions.Command
		if err := json.Unmarshal(m.Data, &c); err != nil {
			t.Fatal(err)
		}
		r := sessions.Request{Key: m.Attributes[pubsub.AttrDedupID], OrgID: aerv1.OrgID(c.OrgID),
			UserID: aerv1.UserID(c.UserID), Scope: c.Scope, SessionIDs: c.SessionIDs}
		if _, err := b.world.Revoke(context.Background(), r); err != nil {
			t.Fatal(err)
		}
	}
	b.taken = len(all)
	return b.world.Alive(org, user)
}

func adapter(t *testing.T, b *bus, name string) *pubsub.Adapter {
	t.Helper()
	a, err := pubsub.New(context.Background(), topics.Config{Topic: name, Endpoint: b.Addr},
		option.WithGRPCDialOption(grpc.WithChainUnaryInterceptor(b.intercept)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a
}

func TestConformance(t *testing.T) {
	sinktest.Sessions(t, func(t *testing.T) (sinktest.SessionsUnderTest, func() sinktest.SessionsUnderTest) {
		b := newBus(t)
		open := func() sinktest.SessionsUnderTest {
			return sinktest.SessionsUnderTest{
				Adapter: adapter(t, b, topic), Break: b.breakNext, CountUnknown: true,
				Alive:  func(org, user string) []string { return b.alive(t, org, user) },
				SignIn: func(org, user, id string) { b.world.SignIn(org, user, id) },
			}
		}
		return open(), open
	})
}

func TestMessage(t *testing.T) {
	b := newBus(t)
	a := adapter(t, b, topic)
	for _, r := range []sessions.Request{
		{Key: "k1", OrgID: "O1", UserID: "U1", SessionIDs: []string{"S1"}},
		{Key: "k1", OrgID: "O1", UserID: "U1", SessionIDs: []string{"S1"}, Scope: sessions.ScopeListed},
		{Key: "k2", OrgID: "O1", UserID: "U1"},
		{Key: "k1", OrgID: "O1", UserID: "U2"},
	} {
		if _, err := a.Revoke(context.Background(), r); err != nil {
			t.Fatal(err)
		}
	}
	m := b.Messages()
	want := `{"version":1,"type":"sessions.revoke","key":"k1","org_id":"O1","user_id":"U1","scope":"all","session_ids":["S1"]}`
	if diff := cmp.Diff(want, string(m[0].Data)); diff != "" {
		t.Errorf("data (-want +got):\n%s", diff)
	}
	attributes := map[string]string{"type": "sessions.revoke", "version": "1", "scope": "all",
		"dedup_id": m[0].Attributes["dedup_id"]}
	if diff := cmp.Diff(attributes, m[0].Attributes); diff != "" || len(attributes["dedup_id"]) != 36 {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	if m[0].Attributes["dedup_id"] != m[1].Attributes["dedup_id"] ||
		m[0].Attributes["dedup_id"] == m[2].Attributes["dedup_id"] {
		t.Error("dedup_id does not follow the key")
	}
	if m[0].OrderingKey == "" || m[0].OrderingKey != m[2].OrderingKey || m[0].OrderingKey == m[3].OrderingKey {
		t.Errorf("ordering keys are %q, %q, %q", m[0].OrderingKey, m[2].OrderingKey, m[3].OrderingKey)
	}
}

func TestErrors(t *testing.T) {
	r := sessions.Request{Key: "k1", OrgID: "O1", UserID: "U1"}
	for code, want := range map[codes.Code]bool{
		codes.Unavailable: true, codes.Internal: true, codes.ResourceExhausted: true, codes.Unknown: true,
		codes.FailedPrecondition: true,
		codes.PermissionDenied:   false, codes.Unauthenticated: false, codes.InvalidArgument: false,
	} {
		b := newBus(t)
		b.failNext(code, false)
		if _, err := adapter(t, b, topic).Revoke(context.Background(), r); err == nil || retry.Recoverable(err) != want ||
			len(b.Messages()) != 0 {
			t.Errorf("%s: error is %v, %d messages", code, err, len(b.Messages()))
		}
	}
	_, err := adapter(t, newBus(t), "projects/p/topics/absent").Revoke(context.Background(), r)
	if status.Code(err) != codes.NotFound || retry.Recoverable(err) {
		t.Errorf("error is %v", err)
	}
}
