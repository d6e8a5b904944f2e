package command

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/patrol-actions/patrol/rules"
)

// version is that of a release, which the linker sets (release/build.sh). No
// code may.
var version string

// Version is the version that the program was built from: a released one, the
// module's where go install got it, or the commit that go build notes.
func Version() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}

// build is the version for results that are kept. Programs that are built while
// somebody works on them have one version; the bytes of the program tell them
// apart.
func build() string {
	v := Version()
	if v != "(devel)" && !strings.HasSuffix(v, "+dirty") {
		return v
	}
	path, err := os.Executable()
	if err != nil {
		return v
	}
	file, err := os.Open(path)
	if err != nil {
		return v
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return v
	}
	return v + " " + hex.EncodeToString(sum.Sum(nil))
}

const versionHelp = `Show the version, and of every table of what Patrol knows about GitHub the
date, the version and the source that it was taken from.`

func newVersion(p Process) *cobra.Command {
	var short bool
	var format string
	command := &cobra.Command{
		Use: "version", Short: "Show the version, and how old the tables are", Long: versionHelp, Args: atMost(0),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(*cobra.Command, []string) error {
			var tables []rules.SourceInfo
			if !short {
				tables = rules.Sources()
			}
			switch format {
			case "text":
				return writeVersion(p.Stdout, tables)
			case "json":
				return writeVersionJSON(p.Stdout, tables)
			}
			return usageError{fmt.Errorf("unknown format %q: say one of text, json", format)}
		},
	}
	command.Flags().BoolVar(&short, "short", false, "show the version alone")
	command.Flags().StringVar(&format, "format", "text", "write it as `NAME`: text, json")
	return command
}

func writeVersion(w io.Writer, tables []rules.SourceInfo) error {
	fmt.Fprintln(w, "patrol", Version())
	aligned := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, t := range tables {
		fmt.Fprintf(aligned, "%s\t%s\t%s\t%s\n", t.Table, t.Date, t.Version, t.Source)
	}
	return aligned.Flush()
}

// versionReport is what "version --format json" writes.
type versionReport struct {
	Version string `json:"version"`
	// Tables is absent with --short.
	Tables []tableReport `json:"tables,omitempty"`
}

type tableReport struct {
	Table   string `json:"table"`
	Date    string `json:"date"`
	Version string `json:"version"`
	Source  string `json:"source"`
	Rows    int    `json:"rows"`
}

func writeVersionJSON(w io.Writer, tables []rules.SourceInfo) error {
	report := versionReport{Version: Version()}
	for _, t := range tables {
		report.Tables = append(report.Tables, tableReport{t.Table, t.Date, t.Version, t.Source, t.Rows})
	}
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(report)
}
