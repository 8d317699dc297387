// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// opens are the packages of Java that Flink and Beam look into.
var opens = []string{
	"java.lang", "java.lang.reflect", "java.util", "java.util.concurrent", "java.util.concurrent.atomic",
	"java.util.concurrent.locks", "java.net", "java.io", "java.nio", "sun.nio.ch", "java.text", "java.time",
}

// arguments are the command line of one of the programs, with so much memory for its objects.
func (c *Cluster) arguments(heapMB int, class string, args []string) []string {
	line := []string{fmt.Sprintf("-Xmx%dm", heapMB), "-XX:+UseSerialGC", "-Djava.io.tmpdir=" + c.path("tmp"),
		"-Dorg.slf4j.simpleLogger.showDateTime=true", "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
		"--add-exports=java.base/sun.net.util=ALL-UNNAMED"}
	for _, p := range opens {
		line = append(line, "--add-opens=java.base/"+p+"=ALL-UNNAMED")
	}
	return append(append(line, "-cp", filepath.Join(c.lib, "*"), class), args...)
}

// configure writes the configuration of a program into a folder of its own and returns the folder. Everything is small,
// on this machine, and below the cluster's folder.
func (c *Cluster) configure(name string) (dir string, err error) {
	keys := []string{
		"jobmanager.rpc.address: localhost", "jobmanager.bind-host: localhost",
		fmt.Sprint("jobmanager.rpc.port: ", c.rpcPort), "jobmanager.memory.process.size: 1g",
		"rest.address: localhost", "rest.bind-address: localhost", fmt.Sprint("rest.port: ", c.restPort),
		"cluster.evenly-spread-out-slots: true", "taskmanager.load-balance.mode: slots",
		"taskmanager.host: localhost", "taskmanager.bind-host: localhost", "taskmanager.resource-id: " + name,
		"taskmanager.numberOfTaskSlots: 2", "taskmanager.cpu.cores: 1.0",
		"taskmanager.memory.task.heap.size: 384m", "taskmanager.memory.task.off-heap.size: 0b",
		"taskmanager.memory.framework.heap.size: 128m", "taskmanager.memory.framework.off-heap.size: 128m",
		"taskmanager.memory.network.min: 64m", "taskmanager.memory.network.max: 64m",
		"taskmanager.memory.managed.size: 64m", "taskmanager.memory.jvm-metaspace.size: 256m",
		"taskmanager.memory.jvm-overhead.min: 192m", "taskmanager.memory.jvm-overhead.max: 192m",
		"io.tmp.dirs: " + c.path("tmp"), "parallelism.default: 2", "classloader.resolve-order: parent-first",
		"state.backend.type: hashmap", "execution.checkpointing.storage: filesystem",
		"state.checkpoints.dir: file://" + c.path("checkpoints"),
		"restart-strategy.type: fixed-delay", "restart-strategy.fixed-delay.attempts: 20",
		"restart-strategy.fixed-delay.delay: 1 s", "heartbeat.interval: 1000", "heartbeat.timeout: 5000",
	}
	if c.zooPort != 0 {
		keys = append(keys, "high-availability.type: zookeeper",
			fmt.Sprint("high-availability.zookeeper.quorum: localhost:", c.zooPort),
			"high-availability.storageDir: file://"+c.path("ha"),
			// Who waits for the JobManager gives up after a minute, and a new one leads when the session of the old is over.
			"high-availability.zookeeper.client.session-timeout: 6000")
	}
	dir = c.path("conf-" + name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("configuring %s: %w", name, err)
	}
	raw := []byte(strings.Join(keys, "\n") + "\n")
	if err := os.WriteFile(filepath.Join(dir, "config.yaml"), raw, 0o644); err != nil {
		return "", fmt.Errorf("configuring %s: %w", name, err)
	}
	return dir, nil
}
