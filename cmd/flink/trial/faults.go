// SPDX-License-Identifier: Apache-2.0

package trial

import (
	"context"
	"errors"
	"fmt"
	"syscall"
)

// KillWorker kills a worker as a crash would.
func (t Trial) KillWorker(context.Context) (string, error) {
	ids := t.Cluster.Workers()
	if len(ids) == 0 {
		return "", errors.New("killing a worker: there is none")
	}
	if err := syscall.Kill(ids[0], syscall.SIGKILL); err != nil {
		return "", fmt.Errorf("killing a worker: %w", err)
	}
	return fmt.Sprintf("killed one of %d workers", len(ids)), nil
}

// KillTaskManager kills a TaskManager, whose workers end with it, and starts it anew.
func (t Trial) KillTaskManager(ctx context.Context) (string, error) {
	t.Cluster.KillTaskManager(1)
	if err := t.Cluster.StartTaskManager(1); err != nil {
		return "", err
	}
	return "killed a TaskManager and started it again", t.Cluster.Ready(ctx)
}

// KillJobManager kills the JobManager and starts it anew.
func (t Trial) KillJobManager(ctx context.Context) (string, error) {
	t.Cluster.KillJobManager()
	if err := t.Cluster.StartJobManager(); err != nil {
		return "", err
	}
	return "killed the JobManager and started it again", t.Cluster.Ready(ctx)
}
