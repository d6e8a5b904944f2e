package rules

// WordKind is what a word tells that stands in a name. It is a hint, and wrong
// where a name misleads.
type WordKind string

// The kinds of words. What each means, the head of table/words.tsv says in full.
const (
	// WordGit speaks of work with git's credentials.
	WordGit WordKind = "git"
	// WordMany is one of WordGit for what a build may make or write down as well.
	WordMany WordKind = "many"
	// WordEdit is one of WordGit for a change of files as often: where the job
	// itself writes with the credentials, that is how the change gets out.
	WordEdit WordKind = "edit"
	// WordRecord records something with git's credentials, in the call of a program.
	WordRecord WordKind = "record"
	// WordDeliver sends something off: with git's credentials, or to another service.
	WordDeliver WordKind = "deliver"
	// WordElsewhere is of what is pushed, and not with git.
	WordElsewhere WordKind = "elsewhere"
	// WordBuild is of code that needs no credentials of git.
	WordBuild WordKind = "build"
	// WordLook is of what only tells something.
	WordLook WordKind = "look"
	// WordRunner is of a call, and names no task.
	WordRunner WordKind = "runner"
	// WordPull is what a pull request has.
	WordPull WordKind = "pull"
	// WordGitHub is GitHub, or what it has.
	WordGitHub WordKind = "github"
	// WordSaid is part of the name of an input for what an action is to say.
	WordSaid WordKind = "said"
	// WordSource is of a branch that something is taken from, or compared with.
	WordSource WordKind = "source"
	// WordAddress ends the name of a secret that holds an address.
	WordAddress WordKind = "address"
	// WordRole is what commits are signed with in place of a login.
	WordRole WordKind = "role"
	// WordMain is a name that main branches have by custom, and no tag has.
	WordMain WordKind = "main"
	// WordDefault is a further name that default branches have by custom.
	WordDefault WordKind = "default"
	// WordLine begins the name of a branch that is kept up beside the default
	// branch, or made by GitHub itself.
	WordLine WordKind = "line"
	// WordApp is the whole name of an App as GraphQL gives it, or of an account that
	// a service writes with: none of them is the user of a secret.
	WordApp WordKind = "app"
)

var wordKinds = []WordKind{WordGit, WordMany, WordEdit, WordRecord, WordDeliver, WordElsewhere, WordBuild, WordLook, WordRunner, WordPull,
	WordGitHub, WordSaid, WordSource, WordAddress, WordRole, WordMain, WordDefault, WordLine, WordApp}

var wordRows = kindRows("words", "word", wordKinds)

var wordsOf = byKind(wordRows)

// Has tells whether a word, in lower case, is one of the kind.
func (k WordKind) Has(word string) bool { return wordsOf().has[k][word] }

// Words are those of the kind, in the table's order. They are not to be changed.
func (k WordKind) Words() []string { return wordsOf().list[k] }
