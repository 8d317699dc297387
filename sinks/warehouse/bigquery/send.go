// SPDX-License-Identifier: Apache-2.0

package bigquery

import (
	"context"
	"errors"
	"fmt"

	"cloud.google.com/go/bigquery/storage/apiv1/storagepb"
	"cloud.google.com/go/bigquery/storage/managedwriter"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/warehouse"
)

// row is a row on its way.
type row struct {
	message proto.Message
	raw     []byte
	refused string // why BigQuery does not take it, once it has said so
}

// appendAll appends all rows but those that BigQuery does not take, which it returns.
func (w *Writer) appendAll(ctx context.Context, t *table, messages []proto.Message) (poison []row, err error) {
	var request []row
	size := 0
	send := func() error {
		refused, err := w.send(ctx, t, request)
		poison = append(poison, refused...)
		request, size = request[:0], 0
		return err
	}
	for _, m := range messages {
		raw, err := t.encode(m)
		if err != nil {
			return nil, err
		}
		if len(raw) > requestBytesMax {
			why := fmt.Sprintf("the row has %d bytes, and at most %d fit", len(raw), requestBytesMax)
			poison = append(poison, row{message: m, refused: why})
			continue
		}
		if size+len(raw) > requestBytesMax {
			if err := send(); err != nil {
				return nil, err
			}
		}
		request, size = append(request, row{message: m, raw: raw}), size+len(raw)
	}
	return poison, send()
}

// send sends one request until it is acknowledged, without the rows that BigQuery has named as bad: it takes none of a
// request that has one.
func (w *Writer) send(ctx context.Context, t *table, rows []row) (poison []row, err error) {
	waits := w.o.Retry.Start()
	for len(rows) > 0 {
		named, err := w.try(ctx, t, rows)
		if err == nil {
			return poison, nil
		}
		if len(named) > 0 {
			good := make([]row, 0, len(rows))
			for i, r := range rows {
				if r.refused = named[i]; r.refused != "" {
					poison = append(poison, r)
				} else {
					good = append(good, r)
				}
			}
			rows = good
			continue
		}
		pause, more := waits.Next(err)
		if !retry.Recoverable(err) || !more {
			return nil, err
		}
		if waits.Sleep(ctx, pause) != nil {
			return nil, errors.Join(ctx.Err(), err)
		}
	}
	return poison, nil
}

// try sends a request once. named are the rows that were refused, by their place in it, with the reason.
func (w *Writer) try(ctx context.Context, t *table, rows []row) (named map[int]string, err error) {
	stream, err := w.stream(ctx, t)
	if err != nil {
		return nil, classify(err)
	}
	data := make([][]byte, len(rows))
	for i, r := range rows {
		data[i] = r.raw
	}
	result, err := stream.AppendRows(ctx, data)
	if err != nil {
		t.forget()
		return nil, classify(err)
	}
	response, err := result.FullResponse(ctx)
	if err == nil {
		return nil, nil
	}
	if response == nil {
		t.forget() // the connection is broken, or hangs
	}
	named = map[int]string{}
	for _, e := range response.GetRowErrors() {
		if i := int(e.GetIndex()); i >= 0 && i < len(rows) {
			named[i] = fmt.Sprintf("%s: %s", e.GetCode(), e.GetMessage())
		}
	}
	return named, classify(err)
}

// stream is the table's connection, opened if it is not.
func (w *Writer) stream(ctx context.Context, t *table) (*managedwriter.ManagedStream, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stream != nil {
		return t.stream, nil
	}
	// The stream keeps the context that it is opened in, so it cannot be ours; but it is not to be waited for longer.
	opened, cancel := context.WithCancel(w.running)
	keep := context.AfterFunc(ctx, cancel)
	name := managedwriter.TableParentFromParts(w.config.Project, w.config.Dataset, string(t.spec.Name))
	s, err := w.client.NewManagedStream(opened, managedwriter.WithType(managedwriter.DefaultStream),
		managedwriter.WithDestinationTable(name), managedwriter.WithSchemaDescriptor(t.descriptor))
	if err == nil && !keep() {
		err = ctx.Err()
	}
	if err != nil {
		cancel()
		return nil, err
	}
	t.stream = s
	return s, nil
}

// forget lets the next append open a connection of its own.
func (t *table) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stream != nil {
		_ = t.stream.Close() // io.EOF: it is closed
		t.stream = nil
	}
}

// classify says which errors somebody has to do something about. All others may pass: BigQuery is busy or unreachable.
func classify(err error) error {
	s, _ := status.FromError(err)
	for _, d := range s.Details() {
		if e, ok := d.(*storagepb.StorageError); ok && e.GetCode() == storagepb.StorageError_SCHEMA_MISMATCH_EXTRA_FIELDS {
			return retry.Permanent(fmt.Errorf("the table lacks columns: run aer warehouse migrate: %w", err))
		}
	}
	switch s.Code() {
	case codes.NotFound:
		return retry.Permanent(fmt.Errorf("run aer warehouse init: %w", err))
	case codes.InvalidArgument, codes.PermissionDenied, codes.Unauthenticated, codes.Unimplemented:
		return retry.Permanent(err)
	}
	return err
}

// bury makes dead letters of rows that cannot be written, so that they are not lost and hold up nobody.
func (w *Writer) bury(ctx context.Context, name warehouse.Table, poison []row) error {
	if len(poison) == 0 {
		return nil
	}
	spec, err := warehouse.SpecOf(warehouse.DeadLetters)
	if err != nil {
		return err
	}
	t, err := w.table(spec)
	if err != nil {
		return err
	}
	letters := make([]proto.Message, len(poison))
	for i, r := range poison {
		if letters[i], err = warehouse.DeadRow(name, r.message, r.refused, w.o.Now()); err != nil {
			return err
		}
	}
	lost, err := w.appendAll(ctx, t, letters)
	if err == nil && len(lost) > 0 {
		err = retry.Permanent(fmt.Errorf("not even a dead letter is taken: %s", lost[0].refused))
	}
	return err
}
