// Command aer finds accounts that behave as if someone else were driving them, ends their sessions, and tells people why.
package main

import (
	"io"
	"os"
)

func main() { os.Exit(mainExit()) }

// mainExit is main without the exit, so that scripts can run it inside a test.
func mainExit() int {
	if isWorker(os.Args[1:]) {
		return runWorker()
	}
	return execute(os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr})
}

// streams are the three standard files: data goes to out, logs and progress to err.
type streams struct {
	in       io.Reader
	out, err io.Writer
}
