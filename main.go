// Patrol audits the tokens that GitHub workflows use: it finds every place
// where a personal access token reaches GitHub, and says whether GITHUB_TOKEN
// would do there.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/patrol-actions/patrol/audit/command"
)

// grace is how long an interrupted run may take to come to its own end: what
// it is at may not ask whether to stop, such as waiting for standard input.
const grace = 5 * time.Second

func main() { os.Exit(run()) }

// run wires the process to the commands. It is apart from main so that
// deferred calls run before the process ends.
func run() int {
	if os.Getenv("GOGC") == "" {
		tuneCollector(command.MemoryFloor(os.Args[1:]))
	}
	// A runner that cancels a job sends the one and then the other. A second
	// signal ends the process at once.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, func() {
		stop()
		time.Sleep(grace)
		fmt.Fprintln(os.Stderr, "patrol: interrupted")
		os.Exit(command.ExitUnfinished)
	})
	return command.Main(ctx, command.Process{
		Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv,
	})
}
