// SPDX-License-Identifier: Apache-2.0

package outside

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// heap bounds the memory of an emulator: left alone, Java takes a quarter of the machine's.
const heap = "-Xmx1g"

// Firestore starts Google's emulator of Firestore, and returns its host:port.
func Firestore(t testing.TB) (addr string) {
	t.Helper()
	jar := component(t, "cloud-firestore-emulator", "cloud-firestore-emulator.jar")
	return startJava(t, "the Firestore emulator", "-Duser.language=en", "-cp", jar,
		"com.google.cloud.datastore.emulator.firestore.CloudFirestore", "start")
}

// PubSub starts Google's emulator of Pub/Sub, and returns its host:port.
func PubSub(t testing.TB) (addr string) {
	t.Helper()
	jar := component(t, "pubsub-emulator", "lib/cloud-pubsub-emulator-*-all.jar")
	return startJava(t, "the Pub/Sub emulator", "-jar", jar)
}

// component finds a file of a component of the Google Cloud CLI by its pattern, or skips the test.
func component(t testing.TB, name, pattern string) string {
	t.Helper()
	gcloud := Program(t, "gcloud", "install the Google Cloud CLI, and with it "+name)
	out, err := exec.CommandContext(t.Context(), gcloud, "info", "--format=value(installation.sdk_root)").Output()
	if err != nil {
		t.Skipf("asking gcloud where it is installed: %v", err)
	}
	path := filepath.Join(strings.TrimSpace(string(out)), "platform", name, filepath.FromSlash(pattern))
	found, err := filepath.Glob(path)
	if err != nil || len(found) == 0 {
		t.Skipf("%s is not here: gcloud components install %s, or its package", path, name)
	}
	return found[0]
}

// startJava starts an emulator that takes the options host and port.
func startJava(t testing.TB, name string, args ...string) (addr string) {
	t.Helper()
	java := Program(t, "java", "install a Java runtime of version 17 or later")
	ports := Start(t, Server{Name: name, Ports: 1, Args: func(ports []int) []string {
		all := append([]string{java, heap}, args...)
		return append(all, "--host=127.0.0.1", fmt.Sprint("--port=", ports[0]))
	}})
	return fmt.Sprint("127.0.0.1:", ports[0])
}
