package compare

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/rules"
)

// Limits say from when on a token is a finding.
type Limits struct {
	// Now is the time of the run.
	Now time.Time
	// ExpiringDays is how many days before its end a token is said to expire.
	ExpiringDays int
	// Audited tells that uses were looked for, so that there being none means
	// something.
	Audited bool
}

// spareFactor is how many times more repositories than its uses touch a token
// may reach before that is a finding: a token for a handful of repositories is
// often given a few more on purpose.
const spareFactor = 3

// Findings judges a token. Its place is that of the first reference to it;
// a token without one has none.
func Findings(t *audit.Token, uses []Use, l Limits) []*audit.Finding {
	out := []*audit.Finding{}
	add := func(rule, message, fix string) {
		page, ok := rules.PageByID(rule)
		if !ok {
			return
		}
		f := &audit.Finding{Rule: rule, Severity: page.Severity, Message: message, Fix: fix, ID: rule + ":" + strings.ToUpper(t.Name)}
		if len(uses) > 0 {
			first := uses[0].Reference
			f.File, f.Line, f.EndLine, f.Column, f.EndColumn, f.Reference = first.File, first.Line, first.EndLine, first.Column, first.EndColumn, first.ID
		}
		out = append(out, f)
	}
	if t.State == audit.TokenDead {
		add("dead-token", "GitHub does not accept "+t.Name+": it was revoked, it expired, or it is no token", deadFix(uses))
		return out
	}
	if t.State != audit.TokenAlive {
		return out
	}
	if t.Kind == audit.TokenClassic {
		add("classic-token", classicMessage(t), replacement(t))
	}
	if message := broad(t, uses); message != "" {
		add("broad-token", message, replacement(t))
	}
	if t.Unlimited {
		add("unlimited-token", t.Name+" never expires", "give the token that replaces it an end, of 90 days or less")
	}
	if message := expiring(t, l); message != "" {
		add("expiring-token", message, "renew it in time, or replace it: "+replacement(t))
	}
	if l.Audited && len(uses) == 0 && t.Kind != audit.TokenGitHub {
		add("unused-token", "no workflow that was audited uses "+t.Name, "revoke it if nothing else uses it")
	}
	return out
}

func deadFix(uses []Use) string {
	if len(uses) == 0 {
		return "remove the secret"
	}
	return "the steps that use it fail or do less than they seem to: replace it, or remove them"
}

func classicMessage(t *audit.Token) string {
	scopes := "no scope"
	if len(t.Scopes) > 0 {
		scopes = strings.Join(t.Scopes, ", ")
	}
	text := fmt.Sprintf("%s is a classic token with %s", t.Name, scopes)
	if t.Reach != nil {
		text += fmt.Sprintf(": it reaches every repository of its user, %d in all, %d of them not public", t.Reach.Repositories, t.Reach.Private+t.Reach.Internal)
	}
	return text
}

// broad says what a token holds that no use takes. Nothing is said where the
// uses are not known.
func broad(t *audit.Token, uses []Use) string {
	var parts []string
	if len(t.Excess) > 0 {
		parts = append(parts, "no use takes "+strings.Join(t.Excess, ", "))
	}
	if r := t.Reach; r != nil && len(uses) > 0 && !open(uses) && t.Kind != audit.TokenGitHub {
		touched := len(Repositories(uses))
		if reached := r.Private + r.Internal; reached > spareFactor*max(touched, 1) {
			parts = append(parts, fmt.Sprintf("its uses touch %s, and it reaches %d that are not public", repositories(touched), reached))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return t.Name + " holds more than it is used for: " + strings.Join(parts, "; ")
}

func repositories(n int) string {
	if n == 1 {
		return "1 repository"
	}
	return fmt.Sprintf("%d repositories", n)
}

// expiring says how long a token that nears its end still lives.
func expiring(t *audit.Token, l Limits) string {
	if t.ExpiresAt == nil || !slices.Contains([]audit.TokenKind{audit.TokenClassic, audit.TokenFineGrained}, t.Kind) {
		return ""
	}
	end, err := time.Parse(time.RFC3339, *t.ExpiresAt)
	if err != nil {
		return ""
	}
	left := end.Sub(l.Now)
	if left > time.Duration(l.ExpiringDays)*24*time.Hour {
		return ""
	}
	days := int(left.Hours() / 24)
	if days < 1 {
		return fmt.Sprintf("%s expires within a day, at %s", t.Name, *t.ExpiresAt)
	}
	return fmt.Sprintf("%s expires in %s, at %s", t.Name, count(days, "day"), *t.ExpiresAt)
}

// replacement is the remedy in a sentence.
func replacement(t *audit.Token) string {
	if t.Remedy == nil {
		return "say with --uses what uses it, to learn what would do"
	}
	return t.Remedy.Summary
}
