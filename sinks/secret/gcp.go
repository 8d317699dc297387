// SPDX-License-Identifier: Apache-2.0

package secret

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"

	secretmanager "cloud.google.com/go/secretmanager/apiv1"
	"cloud.google.com/go/secretmanager/apiv1/secretmanagerpb"
)

// readGCP reads a version from Secret Manager and checks it against the checksum that was stored with it.
func (l *Loader) readGCP(ctx context.Context, name string) (Value, error) {
	c, err := l.secretManager(ctx)
	if err != nil {
		return Value{}, err
	}
	resp, err := c.AccessSecretVersion(ctx, &secretmanagerpb.AccessSecretVersionRequest{Name: name})
	if err != nil {
		return Value{}, err // names the method and the status
	}
	p := resp.GetPayload()
	if p.DataCrc32C != nil && int64(crc32.Checksum(p.GetData(), crc32.MakeTable(crc32.Castagnoli))) != p.GetDataCrc32C() {
		return Value{}, errors.New("it was damaged on the way: its checksum is wrong")
	}
	return New(string(p.GetData())), nil
}

func (l *Loader) secretManager(ctx context.Context) (*secretmanager.Client, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.client == nil {
		// The client outlives the call that needs it first: its credentials must not end with that.
		c, err := secretmanager.NewClient(context.WithoutCancel(ctx), l.ClientOptions...)
		if err != nil {
			return nil, fmt.Errorf("opening Secret Manager: %w", err)
		}
		l.client = c
	}
	return l.client, nil
}
