package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/sethvargo/go-githubactions"
	"github.com/spf13/pflag"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/github"
	"github.com/patrol-actions/patrol/audit/reach"
)

// inspection says which tokens to ask about, and how.
type inspection struct {
	maxRepositories int
	maxWait         time.Duration
	expiringDays    int
}

func (i *inspection) flags(f *pflag.FlagSet) {
	f.IntVar(&i.maxRepositories, "max-repositories", 0, "list at most `N` repositories of a token (0 for all)")
	f.DurationVar(&i.maxWait, "max-wait", 0, "wait at most this `TIME` for GitHub's rate limits, such as 15m; beyond it say when to ask again")
	f.IntVar(&i.expiringDays, "expiring-days", 14, "a token that expires within so many `DAYS` is a finding")
}

func (i *inspection) check() error {
	switch {
	case i.maxRepositories < 0:
		return errors.New("--max-repositories: say a number from 1 on, or 0 for all")
	case i.maxWait < 0:
		return errors.New("--max-wait: say a time such as 90s or 15m")
	case i.expiringDays < 0 || i.expiringDays > 366:
		return errors.New("--expiring-days: say a number of days from 0 to 366")
	}
	return nil
}

// givenToken is a token to ask about. Fault says why there is none.
type givenToken struct {
	name  string
	token github.Token
	fault string
}

// variableName is what an environment variable or a secret can be called.
var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// tokenShape matches what looks like the value of a token, which somebody may
// give in place of a name or with it. It must not be repeated in a message.
var tokenShape = regexp.MustCompile(`gh[pousr]_|github_pat_|^v1\.[0-9a-f]|\b[0-9a-f]{40}$|\beyJ`)

// errArgument is for an argument with the value of a token.
var errArgument = errors.New("an argument looks like the value of a token, and others can read arguments: revoke that token if the machine has other users, put its value into an environment variable, and give the variable's name")

// checkName refuses what cannot be the name of an environment variable.
func checkName(name string) error {
	switch {
	case tokenShape.MatchString(name):
		return errArgument
	case !variableName.MatchString(name):
		return fmt.Errorf("%q is not the name of an environment variable", name)
	}
	return nil
}

// given takes the tokens from the environment, and for the name - from
// standard input.
func (i *inspection) given(p Process, names []string) ([]givenToken, error) {
	if len(names) == 0 {
		given, err := usualTokens(p)
		if err != nil {
			err = fmt.Errorf("%w, or name the environment variable that holds one, as in 'patrol token BOT_PAT'", err)
		}
		return given, err
	}
	var out []givenToken
	for _, name := range names {
		if name == "-" {
			lines, err := readTokens(p.Stdin, "=")
			if err != nil {
				return nil, fmt.Errorf("standard input: %w", err)
			}
			out = append(out, lines...)
			continue
		}
		if err := checkName(name); err != nil {
			return nil, err
		}
		out = append(out, fromVariable(p, name))
	}
	return out, nil
}

// usualTokens are those in the variables that GitHub's tools read.
func usualTokens(p Process) ([]givenToken, error) {
	names := []string{"GH_TOKEN", "GITHUB_TOKEN"}
	if host := p.Getenv("GH_HOST"); host != "" && host != "github.com" && !strings.HasSuffix(host, ".ghe.com") {
		names = []string{"GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"}
	}
	for _, name := range names {
		if value := p.Getenv(name); value != "" {
			return []givenToken{newGiven(name, value)}, nil
		}
	}
	return nil, fmt.Errorf("no token: set %s", strings.Join(names, " or "))
}

// fromVariable takes a token from the environment.
func fromVariable(p Process, name string) givenToken {
	value := p.Getenv(name)
	if value == "" {
		return givenToken{name: name, fault: "the environment variable " + name + " is empty or not set"}
	}
	return newGiven(name, value)
}

// newGiven makes a token of a value. The fault never repeats the value.
func newGiven(name, value string) givenToken {
	token, err := github.NewToken(value)
	if err != nil {
		return givenToken{name: name, fault: err.Error()}
	}
	return givenToken{name: name, token: token}
}

// maxTokenLines bounds what is read as a list of tokens.
const maxTokenLines = 10_000

// readTokens reads lines of names and values with a separator between them;
// blank lines and those that begin with # are left out. Messages give numbers
// of lines and never what stands there.
func readTokens(r io.Reader, separator string) ([]givenToken, error) {
	var out []givenToken
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(strings.TrimSuffix(lines.Text(), "\r"))
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(line, separator)
		name = strings.TrimSpace(strings.TrimPrefix(name, "export "))
		if !ok || !variableName.MatchString(name) {
			return nil, fmt.Errorf("line %d is not of the form NAME%sVALUE", n, separator)
		}
		if len(out) == maxTokenLines {
			return nil, fmt.Errorf("line %d: more than %d tokens", n, maxTokenLines)
		}
		value = unquoted(strings.TrimSpace(value))
		if value == "" {
			out = append(out, givenToken{name: name, fault: "its line has no value: is the secret set, and may this run have it?"})
			continue
		}
		out = append(out, newGiven(name, value))
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("there is no token: write one a line, as NAME%sVALUE", separator)
	}
	return out, nil
}

// unquoted takes the quotes off a value, as files of variables have them.
func unquoted(value string) string {
	if n := len(value); n >= 2 && (value[0] == '"' || value[0] == '\'') && value[n-1] == value[0] {
		return value[1 : n-1]
	}
	return value
}

// maskTokens tells a runner of GitHub Actions to mask the values in its log.
// The runner takes the command off the log, which is the one place to which a
// value is ever written. It is for the action alone, whose standard output is
// the runner's: elsewhere that may be a file. Lines that are of another form
// are left out: nothing repeats them, and they could be other commands.
func maskTokens(p Process, values string) {
	if p.Getenv("GITHUB_ACTIONS") != "true" {
		return
	}
	action := githubactions.New(githubactions.WithWriter(p.Stdout), githubactions.WithGetenv(p.Getenv))
	for line := range strings.Lines(values) {
		name, value, _ := strings.Cut(line, ":")
		value = unquoted(strings.TrimSpace(value))
		if variableName.MatchString(strings.TrimSpace(name)) && value != "" && !strings.Contains(value, "::") {
			action.AddMask(value)
		}
	}
}

// ask inspects one token.
func (i *inspection) ask(ctx context.Context, p Process, o *auditOptions, g givenToken, repositories []string) (*audit.Token, error) {
	host, err := o.host(p.Getenv)
	if err != nil {
		return nil, usageError{err}
	}
	if g.fault != "" {
		return &audit.Token{Name: g.name, Kind: audit.TokenUnknown, Host: host.Name(), State: audit.TokenUnclear, Problems: []audit.Problem{{Message: g.fault}}}, nil
	}
	c, err := github.New(github.Options{
		Host: host, Token: g.token, UserAgent: "patrol/" + Version(), ReadOnly: true, MaxWait: i.maxWait, Log: o.logRequests(p), Sleep: p.Sleep, Redact: o.redacted,
	})
	if err != nil {
		return &audit.Token{Name: g.name, Kind: audit.TokenUnknown, Host: host.Name(), State: audit.TokenUnclear, Problems: []audit.Problem{{Message: err.Error()}}}, nil
	}
	progress := newCounter(p, o.quiet, g.name+": %d repositories")
	defer progress.clear()
	return reach.Inspect(ctx, c, reach.Options{Name: g.name, Repositories: repositories, MaxRepositories: i.maxRepositories, Progress: progress.show})
}

// apiURLUsage says what --api-url takes.
const apiURLUsage = "the `URL` of the API, where the workflows run on another GitHub than github.com, such as https://HOST/api/v3"

// host is the GitHub to ask: --api-url, GITHUB_API_URL, GH_HOST, github.com.
func (o *auditOptions) host(getenv func(string) string) (github.Host, error) {
	for _, source := range []struct{ name, value string }{{"--api-url", o.apiURL}, {"GITHUB_API_URL", getenv("GITHUB_API_URL")}} {
		if source.value == "" {
			continue
		}
		host, err := github.ParseHost(source.value)
		if err != nil {
			return host, fmt.Errorf("%s: %w", source.name, err)
		}
		return host, nil
	}
	if name := getenv("GH_HOST"); name != "" {
		host, err := github.HostNamed(name)
		if err != nil {
			return host, fmt.Errorf("GH_HOST: %w", err)
		}
		return host, nil
	}
	return github.Host{}, nil
}

// logRequests writes every request to standard error with -v.
func (o *auditOptions) logRequests(p Process) func(github.Event) {
	if o.verbose == 0 || o.quiet {
		return nil
	}
	return func(e github.Event) {
		o.logging.Lock()
		defer o.logging.Unlock()
		switch {
		case e.Wait > 0:
			fmt.Fprintf(p.Stderr, "patrol: waiting %s for the rate limit of %s\n", e.Wait.Round(time.Second), e.Host)
		case e.Err != nil:
			fmt.Fprintf(p.Stderr, "patrol: %s %s%s: %v\n", e.Method, e.Host, e.Path, e.Err)
		default:
			fmt.Fprintf(p.Stderr, "patrol: %s %s%s: %d in %s, %d requests left\n", e.Method, e.Host, e.Path, e.Status, e.Duration.Round(time.Millisecond), e.Remaining)
		}
	}
}

// counter shows how far a long work is, on a line of a terminal that is
// written again and again; nowhere else.
type counter struct {
	out    io.Writer
	format string
	shown  time.Time
}

func newCounter(p Process, quiet bool, format string) *counter {
	file, ok := p.Stderr.(*os.File)
	// Some runners give a terminal: what is written over and over would stand
	// in the log, and before the commands in standard output.
	if quiet || !ok || !isatty.IsTerminal(file.Fd()) || p.Getenv("CI") != "" || p.Getenv("GITHUB_ACTIONS") != "" || p.Getenv("TERM") == "dumb" {
		return &counter{}
	}
	return &counter{out: file, format: format}
}

func (c *counter) show(n int) {
	if c.out != nil && time.Since(c.shown) > 100*time.Millisecond {
		fmt.Fprintf(c.out, "\r\x1b[K"+c.format, n)
		c.shown = time.Now()
	}
}

func (c *counter) clear() {
	if c.out != nil {
		fmt.Fprint(c.out, "\r\x1b[K")
	}
}
