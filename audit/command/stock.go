package command

import (
	"cmp"
	"context"
	"encoding/json"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/estate"
	"github.com/patrol-actions/patrol/audit/github"
	"github.com/patrol-actions/patrol/audit/inventory"
)

// stock is what GitHub tells of accounts and repositories beside their files.
type stock struct {
	source   *inventory.Source
	estate   *estate.Estate
	accounts []*audit.Inventory
	// settings are those of repositories, by name in lower case.
	settings map[string]*inventory.Settings
	// unasked are what could not be asked before the run was ended.
	unasked []audit.Problem
}

func newStock(client *github.Client, e *estate.Estate) *stock {
	return &stock{source: inventory.New(client), estate: e, settings: map[string]*inventory.Settings{}}
}

// ofAccounts asks for the secrets, tokens and settings of accounts.
func (s *stock) ofAccounts(ctx context.Context, accounts []audit.Account) error {
	for i := range accounts {
		if accounts[i].Login == "" {
			continue
		}
		found, err := s.source.Account(ctx, &accounts[i])
		if found != nil {
			s.accounts = append(s.accounts, found)
		}
		if err := cmp.Or(err, s.source.Stopped()); err != nil {
			return err
		}
	}
	return nil
}

// kept is what is noted of a repository for the rest of the run: its settings,
// and what could not be asked until then.
type kept struct {
	*inventory.Settings
	Unasked []audit.Problem
}

// ofRepositories asks for the secrets of the repositories that have workflows.
// What was asked before the run was ended is not asked again.
func (s *stock) ofRepositories(ctx context.Context, all iter.Seq2[*audit.Repository, error], shown *progress) error {
	var names []string
	for r, err := range all {
		if err != nil {
			return err
		}
		if r.Workflows > 0 {
			names = append(names, *r.Name)
		}
	}
	for i, name := range names {
		if err := s.ofRepository(ctx, name); err != nil {
			return err
		}
		shown.step("repositories asked for their secrets", i+1, len(names))
	}
	return nil
}

func (s *stock) ofRepository(ctx context.Context, name string) error {
	data, err := s.estate.Kept(name)
	if err != nil {
		return err
	}
	k := kept{Settings: &inventory.Settings{}}
	if data != nil {
		if err := json.Unmarshal(data, &k); err != nil {
			return err
		}
		s.unasked = merged(s.unasked, k.Unasked)
	} else {
		if k.Settings, err = s.source.Repository(ctx, name, inventory.Options{}); err != nil {
			return err
		}
		// What was not asked for that reason must not be kept as if it were.
		if err := s.source.Stopped(); err != nil {
			return err
		}
		k.Unasked = s.source.Unasked()
		if data, err = json.Marshal(k); err != nil {
			return err
		}
		if err := s.estate.Keep(name, data); err != nil {
			return err
		}
	}
	s.settings[strings.ToLower(name)] = k.Settings
	return nil
}

// merged are the problems of two lists, each once.
func merged(a, b []audit.Problem) []audit.Problem {
	for _, p := range b {
		if !slices.Contains(a, p) {
			a = append(a, p)
		}
	}
	return a
}

// inventories are what was asked for, for a join.
func (s *stock) inventories() []*audit.Inventory {
	own := &audit.Inventory{Unasked: merged(s.source.Unasked(), s.unasked)}
	out := slices.Clone(s.accounts)
	byLogin := map[string]*audit.Inventory{}
	for _, i := range out {
		byLogin[strings.ToLower(i.Account)] = i
	}
	for _, name := range slices.Sorted(maps.Keys(s.settings)) {
		settings := s.settings[name]
		login, _, _ := strings.Cut(settings.Name, "/")
		i := byLogin[strings.ToLower(login)]
		if i == nil {
			i = &audit.Inventory{Account: login}
			byLogin[strings.ToLower(login)] = i
			out = append(out, i)
		}
		settings.Keep(i)
	}
	if len(out) == 0 {
		return []*audit.Inventory{own}
	}
	out[0].Unasked = append(out[0].Unasked, own.Unasked...)
	return out
}

// fill puts what is known of a repository into its report.
func (s *stock) fill(r *audit.Repository) {
	name := strings.ToLower(*r.Name)
	if settings := s.settings[name]; settings != nil {
		settings.Fill(r)
	}
	for _, i := range s.accounts {
		if teams := i.Teams[name]; teams != nil {
			r.Teams = teams
		}
	}
}

// repositoryRequests is how many requests the secrets of a repository take.
func repositoryRequests() (least, most int) { return inventory.Requests(inventory.Options{}) }
