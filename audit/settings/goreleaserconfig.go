package settings

import (
	"slices"

	"go.yaml.in/yaml/v4"
)

// GoreleaserConfig is what of .goreleaser.yaml says where a release goes, and what
// is published beside it (https://goreleaser.com/customization).
type GoreleaserConfig struct {
	Release struct {
		GitHub     GoreleaserRepository `yaml:"github"`
		Discussion string               `yaml:"discussion_category_name"`
		Draft      any                  `yaml:"draft"`
		Disable    any                  `yaml:"disable"`
		Prerelease any                  `yaml:"prerelease"`
	} `yaml:"release"`
	// Nightly says what becomes of a nightly build: no release is made of it unless
	// it is to be published, in any case no milestone is closed, and some of the
	// publishers are left out. Source: https://goreleaser.com/customization/nightlies/
	Nightly struct {
		Publish any    `yaml:"publish_release"`
		Tag     string `yaml:"tag_name"`
	} `yaml:"nightly"`
	Changelog struct {
		Use     string `yaml:"use"`
		Disable any    `yaml:"disable"`
	} `yaml:"changelog"`
	Milestones []struct {
		Repo  GoreleaserRepository `yaml:"repo"`
		Close any                  `yaml:"close"`
	} `yaml:"milestones"`
	GitHubURLs struct {
		API string `yaml:"api"`
	} `yaml:"github_urls"`
	Env           []string              `yaml:"env"`
	Brews         []GoreleaserPublisher `yaml:"brews"`
	HomebrewCasks []GoreleaserPublisher `yaml:"homebrew_casks"`
	Scoops        []GoreleaserPublisher `yaml:"scoops"`
	Winget        []GoreleaserPublisher `yaml:"winget"`
	Krews         []GoreleaserPublisher `yaml:"krews"`
	Nix           []GoreleaserPublisher `yaml:"nix"`
	// Brew and Scoop are those of versions that knew of one.
	Brew  GoreleaserPublisher `yaml:"brew"`
	Scoop GoreleaserPublisher `yaml:"scoop"`
	Kos   []struct {
		// Repository is an older name of Repositories.
		Repository   string   `yaml:"repository"`
		Repositories []string `yaml:"repositories"`
	} `yaml:"kos"`
}

// GoreleaserPublisher is a section that puts a file into a repository.
type GoreleaserPublisher struct {
	Repository GoreleaserRepository `yaml:"repository"`
	// Tap, Bucket, Index and GitHub are older names of Repository.
	Tap        GoreleaserRepository `yaml:"tap"`
	Bucket     GoreleaserRepository `yaml:"bucket"`
	Index      GoreleaserRepository `yaml:"index"`
	GitHub     GoreleaserRepository `yaml:"github"`
	SkipUpload any                  `yaml:"skip_upload"`
	Directory  string               `yaml:"directory"`
	Message    string               `yaml:"commit_msg_template"`
}

// GoreleaserRepository is a repository that a section names; its texts may be
// templates.
type GoreleaserRepository struct {
	Owner       string `yaml:"owner"`
	Name        string `yaml:"name"`
	Branch      string `yaml:"branch"`
	Token       string `yaml:"token"`
	PullRequest struct {
		Enabled any                   `yaml:"enabled"`
		Draft   any                   `yaml:"draft"`
		Base    *GoreleaserRepository `yaml:"base"`
	} `yaml:"pull_request"`
	Git struct {
		URL string `yaml:"url"`
	} `yaml:"git"`
}

// GoreleaserSection are the publishers of one kind.
type GoreleaserSection struct {
	// Skip is the word of --skip that leaves them out.
	Skip string
	// ByDay says that a nightly build leaves them out.
	ByDay bool
	List  []GoreleaserPublisher
}

// Publishers are the sections of the configuration that put a file into a
// repository.
func (c *GoreleaserConfig) Publishers() []GoreleaserSection {
	return []GoreleaserSection{
		{"homebrew", true, slices.Concat(c.Brews, []GoreleaserPublisher{c.Brew}, c.HomebrewCasks)},
		{"scoop", true, append(slices.Clone(c.Scoops), c.Scoop)},
		{"winget", false, c.Winget}, {"krew", true, c.Krews}, {"nix", false, c.Nix},
	}
}

// Config reads the file. Of the release it also says whether the file itself tells
// of one, and not a program that filled it in; ok is false where it is no YAML.
func (f GoreleaserFile) Config() (config GoreleaserConfig, tellsRelease, ok bool) {
	var whole struct {
		Release any `yaml:"release"`
	}
	if yaml.Unmarshal(f.Source, &config) != nil {
		return config, false, false
	}
	tellsRelease = yaml.Unmarshal(f.Source, &whole) == nil && whole.Release != nil && !slices.Contains(f.Filled, "release")
	return config, tellsRelease, true
}
