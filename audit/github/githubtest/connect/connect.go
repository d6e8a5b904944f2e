// Package connect makes clients of the GitHub in memory. It is apart from it,
// so that the tests of the client itself can use that one.
package connect

import (
	"context"
	"testing"
	"time"

	"github.com/patrol-actions/patrol/audit/github"
	"github.com/patrol-actions/patrol/audit/github/githubtest"
)

// Client asks a server with the token of a value. It never really waits. The
// options are changed before the client is made.
func Client(t testing.TB, server *githubtest.Server, value string, change ...func(*github.Options)) *github.Client {
	t.Helper()
	host, err := github.ParseHost(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	token, err := github.NewToken(value)
	if err != nil {
		t.Fatal(err)
	}
	options := github.Options{Host: host, Token: token, Sleep: func(context.Context, time.Duration) error { return nil }}
	for _, f := range change {
		f(&options)
	}
	c, err := github.New(options)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// ReadOnly is for [Client]: the client refuses to write.
func ReadOnly(o *github.Options) { o.ReadOnly = true }
