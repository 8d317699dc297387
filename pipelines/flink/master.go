// SPDX-License-Identifier: Apache-2.0

package flink

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// LocalMaster is the Master of a job server that runs jobs in itself.
const LocalMaster = "[local]"

// master is the JobManager, asked by its REST interface. It alone can cancel a job: Beam's job server would only stop
// waiting for it, and say that it is cancelled while it goes on.
type master string

// asked bounds one request, and cancelLook is how often it is looked whether a job has ended.
const (
	asked      = 10 * time.Second
	cancelLook = 250 * time.Millisecond
)

// cancel cancels a job of the job server's and waits until it has ended.
func (m master) cancel(ctx context.Context, jobID string) error {
	if m == LocalMaster {
		return nil
	}
	id, _, err := m.find(ctx, jobID)
	if err == nil && id != "" {
		err = m.ask(ctx, http.MethodPatch, "/jobs/"+id+"?mode=cancel", nil)
	}
	for ended := false; err == nil && id != "" && !ended; {
		select {
		case <-ctx.Done():
			err = ctx.Err()
		case <-time.After(cancelLook):
			_, ended, err = m.find(ctx, jobID)
		}
	}
	if err != nil {
		return fmt.Errorf("cancelling job %s at the JobManager %s: %w", jobID, string(m), err)
	}
	return nil
}

// find is the job's id with Flink, "" if there is none any more, and whether it has ended. Its name with Flink is that
// which the job server has given it, to which the job server's own id adds a part.
func (m master) find(ctx context.Context, jobID string) (id string, ended bool, err error) {
	var overview struct {
		Jobs []struct {
			ID    string `json:"jid"`
			Name  string `json:"name"`
			State string `json:"state"`
		} `json:"jobs"`
	}
	if err := m.ask(ctx, http.MethodGet, "/jobs/overview", &overview); err != nil {
		return "", false, err
	}
	name := jobID[:max(0, strings.LastIndexByte(jobID, '_'))]
	for _, j := range overview.Jobs {
		if j.Name == name {
			return j.ID, j.State == "CANCELED" || j.State == "FINISHED" || j.State == "FAILED", nil
		}
	}
	return "", true, nil
}

func (m master) ask(ctx context.Context, method, path string, into any) error {
	ctx, cancel := context.WithTimeout(ctx, asked)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, "http://"+string(m)+path, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, raw)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(raw, into)
}
