// SPDX-License-Identifier: Apache-2.0

// Package cluster runs a Flink of one JobManager and some TaskManagers, with Beam's job server before it, on this
// machine and in one folder, and leaves nothing of it behind.
package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// Cluster is one that runs.
type Cluster struct {
	// JobServer is where jobs are handed in, Master the JobManager's REST interface, host:port.
	JobServer, Master string

	dir, lib, java               string
	rpcPort, restPort, zooPort   int
	jobServer, jobManager, keeps *process
	managers                     []*process // TaskManagers
	groups                       []int      // of processes that were ever started
}

// Memory for objects of each program, MB: together with what Java takes besides, 3 GB.
const (
	jobServerMB, jobManagerMB, taskManagerMB, zooMB = 384, 384, 640, 64
)

// readyWithin is how long programs have to be ready: 20 s on two idle cores.
const readyWithin = 3 * time.Minute

// ErrNoJava says that there is nothing to run Flink with.
var ErrNoJava = errors.New("Java is not installed: Flink needs Java 11 or 17")

// Local starts only a job server, which runs jobs in itself.
func Local(ctx context.Context, dir, lib string) (*Cluster, error) {
	c, err := prepare(dir, lib)
	if err != nil {
		return nil, err
	}
	return c, c.opened(ctx, func() error { return c.startJobServer("[local]") }, c.taken)
}

// Start starts a cluster of so many TaskManagers, each with two slots.
func Start(ctx context.Context, dir, lib string, taskManagers int) (*Cluster, error) {
	c, err := prepare(dir, lib)
	if err != nil {
		return nil, err
	}
	return c, c.opened(ctx, func() (err error) {
		if c.rpcPort, c.restPort, err = freePorts(); err != nil {
			return err
		}
		if err := c.startZooKeeper(); err != nil {
			return err
		}
		if err := c.StartJobManager(); err != nil {
			return err
		}
		for range taskManagers {
			c.managers = append(c.managers, nil)
			if err := c.StartTaskManager(len(c.managers) - 1); err != nil {
				return err
			}
		}
		c.Master = fmt.Sprint("localhost:", c.restPort)
		return c.startJobServer(c.Master)
	}, func(ctx context.Context) error {
		if err := c.taken(ctx); err != nil {
			return err
		}
		return c.Ready(ctx)
	})
}

func prepare(dir, lib string) (*Cluster, error) {
	java, err := exec.LookPath("java")
	if err != nil {
		return nil, ErrNoJava
	}
	c := &Cluster{dir: dir, lib: lib, java: java}
	for _, sub := range []string{"logs", "tmp"} {
		if err := os.MkdirAll(c.path(sub), 0o755); err != nil {
			return nil, fmt.Errorf("making the cluster's folder: %w", err)
		}
	}
	return c, nil
}

// opened starts and waits; whatever fails, nothing runs on.
func (c *Cluster) opened(ctx context.Context, start func() error, ready func(context.Context) error) error {
	err := start()
	if err == nil {
		err = ready(ctx)
	}
	if err != nil {
		c.Stop()
	}
	return err
}

func (c *Cluster) path(elem string) string { return filepath.Join(c.dir, elem) }

func (c *Cluster) run(name string, heapMB int, class string, args ...string) (*process, error) {
	p, err := start(c.path("logs/"+name+".log"), c.java, c.arguments(heapMB, class, args)...)
	if err == nil {
		c.groups = append(c.groups, p.cmd.Process.Pid)
	}
	return p, err
}

func (c *Cluster) startJobServer(master string) (err error) {
	port, artifacts, err := freePorts()
	if err != nil {
		return err
	}
	c.JobServer = fmt.Sprint("localhost:", port)
	heap := jobServerMB
	if master == "[local]" {
		heap += taskManagerMB
	}
	c.jobServer, err = c.run("jobserver", heap, "org.apache.beam.runners.flink.FlinkJobServerDriver",
		"--flink-master", master, "--job-host", "localhost", "--job-port", fmt.Sprint(port),
		"--artifact-port", fmt.Sprint(artifacts), "--expansion-port", "-1", "--artifacts-dir", c.path("artifacts"))
	return err
}

// startZooKeeper starts what remembers for the JobManager which jobs there are and where their checkpoints: without it
// they end with it.
func (c *Cluster) startZooKeeper() (err error) {
	if c.zooPort, _, err = freePorts(); err != nil {
		return err
	}
	conf := c.path("zoo.cfg")
	raw := fmt.Appendf(nil, "dataDir=%s\nclientPort=%d\nclientPortAddress=localhost\nadmin.enableServer=false\n",
		c.path("zoo"), c.zooPort)
	if err := errors.Join(os.MkdirAll(c.path("zoo"), 0o755), os.WriteFile(conf, raw, 0o644)); err != nil {
		return fmt.Errorf("configuring ZooKeeper: %w", err)
	}
	c.keeps, err = c.run("zookeeper", zooMB, "org.apache.flink.runtime.zookeeper.FlinkZooKeeperQuorumPeer",
		"--zkConfigFile", conf, "--peerId", "1")
	return err
}

// StartJobManager starts the JobManager, anew if it was killed.
func (c *Cluster) StartJobManager() error {
	dir, err := c.configure("jobmanager")
	if err != nil {
		return err
	}
	c.jobManager, err = c.run("jobmanager", jobManagerMB,
		"org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint", "--configDir", dir)
	return err
}

// StartTaskManager starts a TaskManager, anew if it was killed.
func (c *Cluster) StartTaskManager(i int) error {
	name := fmt.Sprint("taskmanager", i)
	dir, err := c.configure(name)
	if err != nil {
		return err
	}
	c.managers[i], err = c.run(name, taskManagerMB,
		"org.apache.flink.runtime.taskexecutor.TaskManagerRunner", "--configDir", dir)
	return err
}

// KillTaskManager kills a TaskManager, and KillJobManager the JobManager, as a crash would.
func (c *Cluster) KillTaskManager(i int) { c.managers[i].kill() }

// KillJobManager is documented with KillTaskManager.
func (c *Cluster) KillJobManager() { c.jobManager.kill() }

// Stop ends everything that was started: who hands in jobs before who does them. It says how many processes had to be
// killed because they outlived who started them.
func (c *Cluster) Stop() (left int) {
	for _, p := range c.all() {
		p.stop()
	}
	for _, g := range c.groups {
		if syscall.Kill(-g, syscall.SIGKILL) == nil {
			left++
		}
	}
	c.groups = nil
	return left
}

// all are the programs that were started, in the order in which they are stopped.
func (c *Cluster) all() (all []*process) {
	for _, p := range append([]*process{c.jobServer}, append(c.managers, c.jobManager, c.keeps)...) {
		if p != nil {
			all = append(all, p)
		}
	}
	return all
}

// taken waits until jobs can be handed in.
func (c *Cluster) taken(ctx context.Context) error {
	return c.wait(ctx, func() bool {
		conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", c.JobServer)
		if err != nil {
			return false
		}
		_ = conn.Close()
		return true
	})
}

// Ready waits until all TaskManagers have come.
func (c *Cluster) Ready(ctx context.Context) error {
	return c.wait(ctx, func() bool {
		var overview struct {
			TaskManagers int `json:"taskmanagers"`
		}
		return c.get(ctx, "/overview", &overview) == nil && overview.TaskManagers == len(c.managers)
	})
}

// wait polls until something holds, everything has taken too long, or a program has ended.
func (c *Cluster) wait(ctx context.Context, holds func() bool) error {
	ctx, cancel := context.WithTimeoutCause(ctx, readyWithin, fmt.Errorf("it is not ready after %v", readyWithin))
	defer cancel()
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		for _, p := range c.all() {
			if err := p.ended(); err != nil {
				return fmt.Errorf("starting Flink: %w", err)
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("starting Flink: %w", context.Cause(ctx))
		case <-tick.C:
		}
	}
	return nil
}

// get asks the JobManager.
func (c *Cluster) get(ctx context.Context, path string, into any) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.Master+path, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return json.NewDecoder(resp.Body).Decode(into)
}

// freePorts finds two ports that nobody listens on.
func freePorts() (a, b int, err error) {
	var ports []int
	for range 2 {
		l, err := net.Listen("tcp", "localhost:0")
		if err != nil {
			return 0, 0, fmt.Errorf("looking for free ports: %w", err)
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports[0], ports[1], nil
}
