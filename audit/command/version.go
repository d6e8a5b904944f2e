package command

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// Version is the version that the program was built from: a released one, or
// the commit that go build notes.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}

func newVersion(p Process) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Show the version", Args: atMost(0),
		Run: func(*cobra.Command, []string) { fmt.Fprintln(p.Stdout, "patrol", Version()) },
	}
}
