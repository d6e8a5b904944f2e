package audit

import "fmt"

// Severity grades a finding.
type Severity string

// The severities, from least to most.
const (
	SeverityNotice  Severity = "notice"
	SeverityWarning Severity = "warning"
	SeverityError   Severity = "error"
)

var severityOrder = map[Severity]int{SeverityNotice: 1, SeverityWarning: 2, SeverityError: 3}

// AtLeast tells whether s is as severe as t, or more.
func (s Severity) AtLeast(t Severity) bool { return severityOrder[s] >= severityOrder[t] }

// ParseSeverity reads a severity as users write it.
func ParseSeverity(text string) (Severity, error) {
	if _, ok := severityOrder[Severity(text)]; !ok {
		return "", fmt.Errorf("unknown severity %q: say error, warning or notice", text)
	}
	return Severity(text), nil
}

// Finding is a rule's result at a place.
type Finding struct {
	Rule     string   `json:"rule"`
	Severity Severity `json:"severity"`
	// Message is one or two sentences of plain text.
	Message string `json:"message"`
	// ID is a fingerprint that stays when lines move.
	ID        string `json:"id"`
	File      string `json:"file"`
	Line      int    `json:"line"`
	EndLine   int    `json:"end_line"`
	Column    int    `json:"column"`
	EndColumn int    `json:"end_column"`
	// Reference is the ID of the reference that it is about, if any.
	Reference string `json:"reference,omitempty"`
	// Related are further places, such as the workflow that would stop.
	Related []Place `json:"related,omitempty"`
	// Fix says what to do, in one or more lines of plain text.
	Fix string `json:"fix,omitempty"`
	// Acceptance says who accepts it, and why; nil where nobody does.
	Acceptance *Acceptance `json:"acceptance,omitempty"`
}

// AcceptanceKind is where a finding is accepted.
type AcceptanceKind string

// The places where findings are accepted.
const (
	// AcceptedByConfiguration is an entry under "accept" in patrol.yml.
	AcceptedByConfiguration AcceptanceKind = "configuration"
	// AcceptedByComment is a comment beside the finding's line.
	AcceptedByComment AcceptanceKind = "comment"
)

// Acceptance says that people know of a finding and leave it as it is.
type Acceptance struct {
	Kind AcceptanceKind `json:"kind"`
	// Reason is why, in their words.
	Reason string `json:"reason"`
	// Expires is the last day on which it holds, as "2027-01-31"; empty for
	// no end.
	Expires string `json:"expires,omitempty"`
	// File and Line are where it is written.
	File string `json:"file"`
	Line int    `json:"line"`
}
