package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/patrol-actions/patrol/audit/command"
)

// TestInterruptedWhileWaiting wants a run to end that waits for something which
// never comes.
func TestInterruptedWhileWaiting(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot be sent an interrupt there")
	}
	program := filepath.Join(t.TempDir(), "patrol")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	run := exec.Command(program, "-")
	var said bytes.Buffer
	run.Stderr = &said
	if _, err := run.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Second)
	if err := run.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- run.Wait() }()
	select {
	case err := <-ended:
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != command.ExitUnfinished || !strings.Contains(said.String(), "interrupted") {
			t.Errorf("ended with %v, and said %q", err, said.String())
		}
	case <-time.After(10 * grace):
		run.Process.Kill()
		t.Fatal("it goes on")
	}
}
