package command

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/accept"
	"github.com/patrol-actions/patrol/audit/compare"
	"github.com/patrol-actions/patrol/audit/config"
)

// configuration says where the configuration of an audit comes from.
type configuration struct {
	file string
	none bool
	// shared is the one for all repositories; nil where each has its own.
	shared *config.Config
	// text is what shared was read from.
	text string
}

func (c *configuration) flags(f *pflag.FlagSet) {
	f.StringVar(&c.file, "config", "", "read the configuration from `FILE`, for every PATH; without it, each repository has its own in .github/patrol.yml or patrol.yml ('' for none)")
	f.BoolVar(&c.none, "no-config", false, "read no configuration, as with --config ''")
}

// read reads the configuration that was asked for.
func (c *configuration) read(f *pflag.FlagSet) error {
	switch given := f.Changed("config"); {
	case c.none && c.file != "":
		return errors.New("--config and --no-config exclude each other: leave one out")
	case c.none || given && c.file == "":
		c.shared = &config.Config{}
		return nil
	case !given:
		return nil
	}
	info, err := os.Stat(c.file)
	if err == nil && info.IsDir() {
		return fmt.Errorf("--config: %s is a folder: give the file", c.file)
	}
	file, err := os.Open(c.file)
	if err != nil {
		return fmt.Errorf("--config: %s: %w", c.file, cause(err))
	}
	defer file.Close()
	var text strings.Builder
	c.shared, err = config.Read(c.file, io.TeeReader(file, &text))
	c.text = text.String()
	return err
}

// of returns the configuration of the repository in a folder.
func (c *configuration) of(fsys fs.FS, folder string) (*config.Config, error) {
	if c.shared != nil {
		return c.shared, nil
	}
	found, err := config.Find(fsys)
	var faults *config.Error
	if !errors.As(err, &faults) {
		return found, err
	}
	// Messages call the file as people would from here.
	here, wrong := os.Getwd()
	if wrong != nil {
		return nil, faults.In(filepath.ToSlash(folder))
	}
	if relative, wrong := filepath.Rel(here, folder); wrong == nil {
		folder = relative
	}
	return nil, faults.In(filepath.ToSlash(folder))
}

// stale adds the findings on acceptances of the shared configuration that are
// needed no more. They are of no repository, and stand with the first.
func (o *auditOptions) stale(r *audit.Report, now time.Time) {
	if c := o.config.shared; c != nil && len(r.Repositories) > 0 {
		first := r.Repositories[0]
		first.Findings = append(first.Findings, c.Apply(accept.Stale(c, &o.ledger, now))...)
	}
}

// ofToken returns the configuration for the findings about a token: the
// shared one, else that of the repository that uses it, or of the only one.
func (o *auditOptions) ofToken(uses []compare.Use, audited *audit.Report) *config.Config {
	if o.config.shared != nil || audited == nil {
		return o.config.shared
	}
	for _, r := range audited.Repositories {
		first := len(uses) > 0 && slices.Contains(r.References, uses[0].Reference)
		if r.Root == nil || !first && len(audited.Repositories) > 1 {
			continue
		}
		if found, ok := o.own.Load(*r.Root); ok {
			return found.(*config.Config)
		}
	}
	return nil
}

// faults are the errors in the configurations of repositories, all others
// left out.
func faults(failures []error) error {
	all := &config.Error{}
	for _, err := range failures {
		var one *config.Error
		if errors.As(err, &one) {
			all.Problems = append(all.Problems, one.Problems...)
		}
	}
	if len(all.Problems) == 0 {
		return nil
	}
	return all
}
