// SPDX-License-Identifier: Apache-2.0

package bigquery

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"

	bq "cloud.google.com/go/bigquery"
	"cloud.google.com/go/bigquery/storage/managedwriter"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/aer-project/aer/transforms/strict"
)

// Config says which dataset.
type Config struct {
	Project string `yaml:"project"`
	Dataset string `yaml:"dataset"`
	// Location is where Init creates the dataset, such as EU; empty is BigQuery's default.
	Location string `yaml:"location"`
	// Endpoint is http://host:port of a server without TLS and credentials, such as an emulator, and StorageEndpoint
	// host:port of its Storage Write API; empty is the service.
	Endpoint        string `yaml:"endpoint"`
	StorageEndpoint string `yaml:"storage_endpoint"`
}

// Names go into SQL and paths: nothing but what BigQuery allows in them. A project may be of a domain (example.com:p).
var (
	projectName = regexp.MustCompile(`^([a-z0-9.-]+:)?[a-z][a-z0-9-]{2,29}$`)
	datasetName = regexp.MustCompile(`^[A-Za-z0-9_]+$`)
)

// Validate checks every key; the error joins all that is wrong, each with its key and what would be right.
func (c Config) Validate() error {
	var k strict.Check
	k.Want(projectName.MatchString(c.Project), "project", c.Project, "the id of a project, for example acme-security")
	k.Want(datasetName.MatchString(c.Dataset), "dataset", c.Dataset, "letters, digits and _, for example aer")
	u, err := url.Parse(c.Endpoint)
	k.Want(c.Endpoint == "" || err == nil && u.Scheme == "http" && u.Host != "", "endpoint", c.Endpoint,
		"http://host:port of an emulator, or nothing for BigQuery itself")
	k.Want((c.Endpoint == "") == (c.StorageEndpoint == ""), "storage_endpoint", c.StorageEndpoint,
		"host:port of the Storage Write API if there is an endpoint, else nothing")
	return k.Err()
}

// String names the dataset.
func (c Config) String() string { return c.Project + "." + c.Dataset }

// rest makes the client of everything but appending.
func (c Config) rest(ctx context.Context) (*bq.Client, error) {
	var opts []option.ClientOption
	if c.Endpoint != "" {
		opts = append(opts, option.WithEndpoint(c.Endpoint), option.WithoutAuthentication())
	}
	client, err := bq.NewClient(ctx, c.Project, opts...)
	if err != nil {
		return nil, fmt.Errorf("opening warehouse %s: %w", c, err)
	}
	client.Location = c.Location
	return client, nil
}

// storage makes the client that appends. Its connections live as long as ctx.
func (c Config) storage(ctx context.Context) (*managedwriter.Client, error) {
	var opts []option.ClientOption
	if c.StorageEndpoint != "" {
		opts = append(opts, option.WithEndpoint(c.StorageEndpoint), option.WithoutAuthentication(),
			option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())),
			option.WithGRPCDialOption(grpc.WithStreamInterceptor(namingStream)))
	}
	client, err := managedwriter.NewClient(ctx, c.Project, opts...)
	if err != nil {
		return nil, fmt.Errorf("opening the Storage Write API of warehouse %s: %w", c, err)
	}
	return client, nil
}

// ErrNotReady is what Check answers about a dataset that aer warehouse init or migrate has to bring up to date first.
var ErrNotReady = errors.New("the dataset is not what this version of aer writes to")
