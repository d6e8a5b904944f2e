package rules

import "testing"

// TestWorse holds the answers to the order of the verdicts that they lead to.
func TestWorse(t *testing.T) {
	order := []Answer{AnswerYes, AnswerConditional, AnswerUnknown, AnswerNo}
	for i, low := range order {
		for _, high := range order[i:] {
			if low.Worse(high) != high || high.Worse(low) != high {
				t.Errorf("%s and %s: %s, %s, want %s", low, high, low.Worse(high), high.Worse(low), high)
			}
		}
		if got := AnswerOther.Worse(low); got != low {
			t.Errorf("other and %s: %s", low, got)
		}
	}
}
