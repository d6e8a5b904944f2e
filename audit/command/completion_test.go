package command

import (
	"io"
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// What a flag's help lists is what the shell offers.
func TestFixedValues(t *testing.T) {
	root := newRoot(Process{Getenv: os.Getenv}, io.Discard)
	found := 0
	for _, c := range append([]*cobra.Command{root}, root.Commands()...) {
		for _, name := range []string{"annotate", "fail-on", "min-severity", "format"} {
			flag := c.Flags().Lookup(name)
			if flag == nil {
				continue
			}
			found++
			values, ok := c.GetFlagCompletionFunc(name)
			if !ok {
				t.Errorf("%s --%s is not completed", c.Name(), name)
				continue
			}
			offered, _ := values(c, nil, "")
			if len(offered) < 2 {
				t.Errorf("%s --%s offers %q", c.Name(), name, offered)
			}
			for _, value := range offered {
				if !strings.Contains(flag.Usage, value) {
					t.Errorf("%s --%s offers %s, which its help does not name: %s", c.Name(), name, value, flag.Usage)
				}
			}
		}
	}
	if found < 13 {
		t.Errorf("%d flags", found)
	}
}
