// Package fingerprint makes ids out of what does not change when files are
// laid out anew.
package fingerprint

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// IDs makes the ids of one report; the zero IDs is ready for use. It is not
// safe for concurrent use.
type IDs struct{ seen map[string]int }

// ID returns the fingerprint of some parts; the same parts again give another.
func (i *IDs) ID(parts ...string) string {
	if i.seen == nil {
		i.seen = map[string]int{}
	}
	text := strings.Join(parts, "\x00")
	n := i.seen[text]
	i.seen[text]++
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", text, n))
	return hex.EncodeToString(sum[:10])
}
