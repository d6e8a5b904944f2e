// Patrol audits the tokens that GitHub workflows use: it finds every place
// where a personal access token reaches GitHub, and says whether GITHUB_TOKEN
// would do there.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"

	"github.com/patrol-actions/patrol/audit/command"
)

// garbagePercent lets the heap grow further between collections than Go does
// by itself: an audit makes much that lives shortly, and its heap is small.
// GOGC in the environment overrides it.
const garbagePercent = 400

func main() { os.Exit(run()) }

// run wires the process to the commands. It is apart from main so that
// deferred calls run before the process ends.
func run() int {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbagePercent)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	return command.Main(ctx, command.Process{
		Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv,
	})
}
