package adapters

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/aer-project/aer/sinks/directory"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/secret"
	"github.com/aer-project/aer/sinks/sessions"
	"github.com/aer-project/aer/sinks/sessions/pubsub"
	"github.com/aer-project/aer/sinks/sessions/slack"
	"github.com/aer-project/aer/sinks/sessions/webhook"
)

// Options of Open. Store and Now are required.
type Options struct {
	// The sessions of the embedded adapter, and the journal of those that need one.
	Store kv.Store
	// Where the addresses of people are looked up; nil means Store's directory.
	Directory directory.Reader
	// Reads the secrets; nil means a loader that is not shared.
	Secrets *secret.Loader
	Now     func() time.Time
}

// Adapter is an open adapter. Close it.
type Adapter struct {
	sessions.Sessions
	close func() error
}

// Close closes the adapter.
func (a *Adapter) Close() error { return a.close() }

// Open opens the adapter of the configuration's kind. All secrets are read once, so that a mistake shows at the start.
func Open(ctx context.Context, c Config, o Options) (*Adapter, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if o.Secrets == nil {
		o.Secrets = &secret.Loader{}
	}
	switch c.Kind {
	case KindWebhook:
		return opened(openWebhook(ctx, c.Webhook, o))
	case KindSlack:
		return opened(openSlack(ctx, c.Slack, o))
	case KindPubSub:
		return opened(pubsub.New(ctx, c.PubSub.Topic, c.PubSub.options()...))
	case KindCAEP:
		return opened(OpenCAEP(ctx, c.CAEP, o))
	}
	return &Adapter{Sessions: sessions.NewEmbedded(sessions.NewTable(o.Store), o.Now), close: func() error { return nil }}, nil
}

func opened[A interface {
	sessions.Sessions
	Close() error
}](a A, err error) (*Adapter, error) {
	if err != nil {
		return nil, err
	}
	return &Adapter{Sessions: a, close: a.Close}, nil
}

func (o Options) follow(ctx context.Context, refs ...secret.Ref) (all []secret.Source, err error) {
	for _, r := range refs {
		s, err := o.Secrets.Follow(ctx, r, o.Now)
		if err != nil {
			return nil, fmt.Errorf("opening the session adapter: %w", err)
		}
		all = append(all, s)
	}
	return all, nil
}

func openWebhook(ctx context.Context, c Webhook, o Options) (*webhook.Adapter, error) {
	secrets, err := o.follow(ctx, c.Secrets...)
	if err != nil {
		return nil, err
	}
	return webhook.New(webhook.Config{URL: c.URL, Secrets: secrets, Now: o.Now})
}

func openSlack(ctx context.Context, c Slack, o Options) (*slack.Adapter, error) {
	conf := slack.Config{BaseURL: c.URL, Journal: o.Store, Now: o.Now}
	for _, org := range c.Orgs {
		token, err := o.follow(ctx, org.Token)
		if err != nil {
			return nil, err
		}
		conf.Orgs = append(conf.Orgs, slack.Org{ID: org.OrgID, TeamID: org.TeamID, Token: token[0]})
	}
	return slack.New(conf)
}

// options: an endpoint of one's own is an emulator, without TLS and credentials.
func (c PubSub) options() []option.ClientOption {
	if c.Endpoint == "" {
		return nil
	}
	return []option.ClientOption{option.WithEndpoint(c.Endpoint), option.WithoutAuthentication(),
		option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials()))}
}
