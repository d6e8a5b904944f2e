// Package githubtest is a GitHub to test against: a server in memory that
// answers REST and GraphQL requests from a [World] of plain data, as GitHub
// answers them to each kind of token.
//
//	world := githubtest.World{
//		Users:        []githubtest.User{{Login: "monalisa"}},
//		Repositories: []githubtest.Repository{{Owner: "monalisa", Name: "hello", Files: map[string]string{"README.md": "Hi"}}},
//		Tokens:       []githubtest.Token{{Name: "bot", Value: "ghp_bot", Kind: githubtest.Classic, User: "monalisa", Scopes: []string{"repo"}}},
//	}
//	server := githubtest.New(t, world)
//	// server.URL, server.GraphQLURL
//
// Which permissions and scopes an operation takes is read from the project's
// own table (package rules), so a client and its tests cannot differ on that.
// What the table does not say (how a refusal is worded, which role a user
// needs) stands in this package, with a comment where it is a guess.
//
// # Contract
//
// With the environment variable PATROL_OPENAPI naming api.github.com.json of
// the npm package @octokit/openapi (not its dereferenced form, which takes a
// minute to compile), every request and every answer is held against GitHub's
// OpenAPI description; with PATROL_GRAPHQL_SCHEMA naming schema.graphql of
// @octokit/graphql-schema, every GraphQL document is held against GitHub's
// schema. A mismatch fails the test that made the exchange.
// With PATROL_CONTRACT_LOG naming a file, each server adds a line to it when
// its test ends: the name of the test and the number of exchanges checked.
//
// # Adding an endpoint
//
// A list whose rows a test only wants to name is there already: put them into
// Lists of a repository, an organization or a user, under the end of the
// path. Otherwise add a row to the table in endpoints.go, and a function that
// fills a shape (shapes.json, written by the program in generate).
package githubtest
