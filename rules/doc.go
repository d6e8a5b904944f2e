// Package rules holds what Patrol knows about GitHub: which permissions an
// operation takes, whether GITHUB_TOKEN can hold them, which events it
// causes, and what actions, commands and programs do with a token. The
// judgement about a workflow is made elsewhere (package decide); here are the
// facts, and the words for them.
//
// # Vocabulary
//
// A [Permission] is one permission of a fine-grained PAT or an App, under the
// name that GitHub's API gives it. [Needs] are the permissions that something
// takes, with alternatives. An [Event] is what it causes, a [Condition] when
// it does so, and an [Effect] all of that together.
//
// # Tables
//
// The facts stand in table/*.tsv: text, one row a fact, cells separated by
// tabs, "-" for an empty cell. A table begins with comment lines that name
// its source, its date and its version, and then explain its columns. It is
// parsed when it is first asked for. A row that cannot be read is left out,
// and a test fails.
//
//   - permissions: every permission, its workflow key, its classic scopes
//   - scopes: the scopes of classic tokens, and which holds which
//   - endpoints, endpoint-cases: the REST operations
//   - mutations, fields, types: GraphQL
//   - actions, gh, gh-flags, programs, hooks, loaded-files, clients, golang,
//     terraform: what uses all that
//
// To add a fact, add a row where it belongs in the order of the table, and a
// line to a test if the fact is odd. A new permission needs its row in
// permissions first, a new REST operation its row in endpoints: other tables
// may only name what these hold.
//
// The program in generate compares permissions, endpoints, mutations, fields
// and types with what GitHub publishes; docs/tables.md tells how.
//
// Where GitHub's pages list an operation under several permissions, the needs
// say what that means: "issues:write|pull_requests:write" where either does
// (the one that fits the object, strictly), "administration:write,pages:write"
// where both are needed. The pages do not always say which, so for odd pairs
// this is what we concluded, and the row notes it. Contents with workflows
// means contents, and workflows too if files under .github/workflows are
// touched: a column of its own.
//
// # Circumstances
//
// Conditions name inputs, flags or arguments. Those of REST and GraphQL
// operations also name circumstances that no argument shows by itself:
//
//   - object: the type of what is acted on ("Issue"), parent: of what that
//     belongs to
//   - workflow-files: files under .github/workflows are among the changes
//   - protected: a branch protection or ruleset keeps the actor out
//   - fork, private-fork, other-repository, other-private, private: whose
//     repository it is, and who may see it
//   - viewer: the user asked about is the token's own; secret: a secret
//     gist; drafts: draft releases; person: a person's login is needed
//   - assignee, team-reviewers: who is assigned or asked
//   - open-pull-request: the branch has one; merge-queue: its base has one;
//     merged: later, when the pull request merges; closing-keyword: it
//     closes an issue so
//   - missing-label: a label that is added does not exist yet
//   - new-ref, deleted-ref, destination, last-run, pending-comments,
//     review-submitted: as they say
//
// A caller answers what it knows, and "not known" to the rest.
package rules
