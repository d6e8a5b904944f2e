package act

import (
	"context"
	"time"

	"github.com/patrol-actions/patrol/audit/github"
)

// How often GitHub lets a token write. It asks for a second between requests
// that change something, and bounds what makes content (issues, pull requests,
// which notify people) at 80 a minute and 500 an hour; the latter is kept well
// below, for others use the same token. Source: GitHub's REST API, "Rate
// limits" and "Best practices".
const (
	pauseBetween   = time.Second
	contentPerHour = 400
)

// weight is what a request that writes counts for.
type weight int

const (
	// quiet changes something of which nobody is told.
	quiet weight = iota
	// content makes something that people are told of.
	content
)

// pacer keeps requests that write apart.
type pacer struct {
	now   func() time.Time
	sleep func(context.Context, time.Duration) error
	last  time.Time
	// made are the times of the last requests that made content, oldest first.
	made []time.Time
}

func newPacer(now func() time.Time, sleep func(context.Context, time.Duration) error) pacer {
	if now == nil {
		now = time.Now
	}
	if sleep == nil {
		sleep = github.Sleep
	}
	return pacer{now: now, sleep: sleep}
}

// wait waits until a request may go.
func (p *pacer) wait(ctx context.Context, w weight) error {
	now := p.now()
	at := p.last.Add(pauseBetween)
	if w == content && len(p.made) >= contentPerHour {
		if free := p.made[len(p.made)-contentPerHour].Add(time.Hour); free.After(at) {
			at = free
		}
	}
	if p.last.IsZero() || !at.After(now) {
		at = now
	} else if err := p.sleep(ctx, at.Sub(now)); err != nil {
		return err
	}
	p.last = at
	if w == content {
		p.made = append(p.made, at)
		p.made = p.made[max(0, len(p.made)-contentPerHour):]
	}
	return ctx.Err()
}
