package audit

// Action is a kind of thing that is done beside reporting.
type Action string

// The actions.
const (
	// ActionIssue keeps an issue up to date with the report.
	ActionIssue Action = "issue"
	// ActionPullRequest proposes the edits that replace tokens.
	ActionPullRequest Action = "pull-request"
	// ActionSARIF gives a repository's findings to its code scanning.
	ActionSARIF Action = "sarif"
)

// Done says what became of an action.
type Done string

// What can become of an action.
const (
	DoneCreated  Done = "created"
	DoneUpdated  Done = "updated"
	DoneReopened Done = "reopened"
	DoneClosed   Done = "closed"
	// DoneUnchanged is where all was as it should be.
	DoneUnchanged Done = "unchanged"
	// DoneSkipped is where it was not to be done, or the token may not.
	DoneSkipped Done = "skipped"
	// DoneFailed is where it should have worked. It may work next time.
	DoneFailed Done = "failed"
)

// Outcome is what became of one action on one repository. Its texts are safe
// to show on one line.
type Outcome struct {
	Action Action `json:"action"`
	// Repository is "owner/name".
	Repository string `json:"repository"`
	Done       Done   `json:"done"`
	// DryRun tells that nothing was done: Done is what would have been, as far
	// as reading tells.
	DryRun bool `json:"dry_run,omitempty"`
	// URL is the page of what was made or found; empty for none.
	URL string `json:"url,omitempty"`
	// Permission is what the token would have to have, as "contents: write and
	// workflows: write"; empty where that is not what lacks.
	Permission string `json:"permission,omitempty"`
	// Message says more, in a sentence without a full stop; it may be empty.
	Message string `json:"message,omitempty"`
}

// String writes an outcome on one line.
func (o Outcome) String() string {
	text := o.Repository + ": " + string(o.Action) + " "
	if o.DryRun && o.Done != DoneUnchanged && o.Done != DoneSkipped && o.Done != DoneFailed {
		text += "would be "
	}
	text += string(o.Done)
	if o.Message != "" {
		text += ": " + o.Message
	}
	if o.URL != "" {
		text += " (" + o.URL + ")"
	}
	return text
}
