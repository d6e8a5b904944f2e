package rules

// ProgramKind is a kind of programs whose calls are read alike.
type ProgramKind string

// The kinds of programs. What each means, the head of table/program-kinds.tsv says
// in full.
const (
	// TakesGoals takes goals in any order and number in place of one subcommand:
	// "mvn clean deploy". Wrappers are scripts of the project, but made by the program.
	TakesGoals ProgramKind = "goals"
	// LikeConda makes an environment of a file, whose packages of pip it has pip
	// install.
	LikeConda ProgramKind = "conda"
	// LikeTerraform runs a configuration of Terraform.
	LikeTerraform ProgramKind = "terraform"
	// ReadsEnvFile reads a file of variables behind --env-file, for itself or for the
	// program that it runs.
	ReadsEnvFile ProgramKind = "env-file"
	// RunsContainer runs a command in a container.
	RunsContainer ProgramKind = "container"
	// BuildsImage builds an image, and hands variables to the build by name.
	BuildsImage ProgramKind = "image"
	// PublishesPackage publishes the one package of a folder to a registry of npm.
	PublishesPackage ProgramKind = "publish"
	// UnderNpx is a program of npm that runs others, or scripts of the package: npx
	// is no more than its way.
	UnderNpx ProgramKind = "npx"
	// Bundles makes one file of many.
	Bundles ProgramKind = "bundler"
	// Client talks to GitHub, and is known without a row of its own.
	Client ProgramKind = "client"
	// PowerShellClient is such a command of PowerShell.
	PowerShellClient ProgramKind = "posh-client"
	// Filters has what it is given in its output: tokens stay in it.
	Filters ProgramKind = "filter"
	// PassesOn only passes on what it is handed: where it goes shows elsewhere, if
	// at all.
	PassesOn ProgramKind = "passes"
	// PrintsText prints the text of the file that its last word may name.
	PrintsText ProgramKind = "text"
	// StaysIdle starts nothing, and asks GitHub nothing.
	StaysIdle ProgramKind = "idle"
	// FindsOut finds something out, for a script to go by.
	FindsOut ProgramKind = "tests"
	// HasOwnScript is a program for which projects keep a script of the same name
	// that gets and starts the program itself.
	HasOwnScript ProgramKind = "own-script"
	// PrintsNames prints names of files, or what no rule of a makefile is named after.
	PrintsNames ProgramKind = "names"
	// Turns sets where later calls of git and gh go, and what they take along.
	Turns ProgramKind = "turns"
	// KeepsVariables runs scripts of the project with the variables that it was given,
	// and none of its own but those of [RunnerSets].
	KeepsVariables ProgramKind = "keeps"
	// BuildsProject runs code of the project while it builds, tests or installs it.
	BuildsProject ProgramKind = "builds"
)

var programKinds = []ProgramKind{TakesGoals, LikeConda, LikeTerraform, ReadsEnvFile, RunsContainer, BuildsImage, PublishesPackage, UnderNpx,
	Bundles, Client, PowerShellClient, Filters, PassesOn, PrintsText, StaysIdle, FindsOut, HasOwnScript, PrintsNames, Turns, KeepsVariables, BuildsProject}

var programKindRows = kindRows("program-kinds", "program", programKinds)

var programsOf = byKind(programKindRows)

// Has tells whether a program is of the kind, by its name, or by the words of its
// command with one space between them.
func (k ProgramKind) Has(program string) bool { return programsOf().has[k][program] }

// Programs are those of the kind, in the table's order. They are not to be changed.
func (k ProgramKind) Programs() []string { return programsOf().list[k] }
