package change

import (
	"encoding/json"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/patrol-actions/patrol/audit/value"
)

// assigned is one key of a file that a program sets, or takes away.
type assigned struct {
	keys []string
	text string // as JSON; "" where the key goes
}

// keyed is the edit of a program that sets keys of a file, by the text that names the
// keys and what they are set to. Those of jq that are no more than ".a.b = literal" are
// made; of others it counts whether the text says where to go.
func keyed(expression string) Edit {
	set, ok := assignments(expression)
	return setsKeys(set, ok, expression)
}

// setsKeys is the edit that sets keys, where they are known; said is what the call says.
func setsKeys(set []assigned, known bool, said string) Edit {
	return func(_, text string) (string, bool) {
		if !saying.MatchString(said) {
			return text, true
		}
		if known {
			if changed, ok := setKeys(text, set); ok {
				return changed, true
			}
		}
		return text, false
	}
}

// assignment matches one step of an expression of jq or yq, keyName one part of the
// path in it.
var (
	assignment = regexp.MustCompile(`^\s*((?:\.(?:[\w-]+|"[^"]*")|\.?\["[^"]*"\])+)\s*\|?=\s*("(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|true|false|null)\s*(?:\||$)`)
	deletion   = regexp.MustCompile(`^\s*del\(((?:\.(?:[\w-]+|"[^"]*")|\.?\["[^"]*"\])+)\)\s*(?:\||$)`)
	keyName    = regexp.MustCompile(`\.([\w-]+)|\.?\[?"([^"]*)"\]?`)
)

// maxKeys bounds the keys that one expression sets.
const maxKeys = 500

// assignments reads an expression of jq or yq.
func assignments(expression string) (out []assigned, ok bool) {
	rest := expression
	for strings.TrimSpace(rest) != "" && len(out) < maxKeys {
		m := assignment.FindStringSubmatch(rest)
		if m == nil {
			if m = deletion.FindStringSubmatch(rest); m == nil {
				return nil, false
			}
			m = append(m, "")
		}
		var keys []string
		for _, k := range keyName.FindAllStringSubmatch(m[1], -1) {
			keys = append(keys, k[1]+k[2])
		}
		out = append(out, assigned{keys, m[2]})
		rest = rest[len(m[0]):]
	}
	return out, len(out) > 0 && len(out) < maxKeys && !strings.Contains(expression, "$") && !value.HasPlaceholder(expression)
}

// setKeys sets keys of a file of JSON or YAML.
func setKeys(text string, set []assigned) (string, bool) {
	var root yaml.Node
	if yaml.Unmarshal([]byte(text), &root) != nil || len(root.Content) != 1 {
		return "", false
	}
	for _, a := range set {
		if !setKey(root.Content[0], a) {
			return "", false
		}
	}
	if json.Valid([]byte(text)) {
		var out strings.Builder
		ok := writeJSON(&out, root.Content[0], "")
		return out.String() + "\n", ok
	}
	out, err := yaml.Marshal(&root)
	return string(out), err == nil
}

// setKey sets one key below a node.
func setKey(n *yaml.Node, a assigned) bool {
	if n.Kind != yaml.MappingNode {
		return false
	}
	at := -1
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == a.keys[0] {
			at = i
		}
	}
	if len(a.keys) == 1 && a.text == "" {
		if at >= 0 {
			n.Content = append(n.Content[:at:at], n.Content[at+2:]...)
		}
		return true
	}
	if at < 0 {
		if a.text == "" {
			return true
		}
		at = len(n.Content)
		n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: a.keys[0]}, &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"})
	}
	if len(a.keys) > 1 {
		return setKey(n.Content[at+1], assigned{a.keys[1:], a.text})
	}
	var leaf yaml.Node
	if yaml.Unmarshal([]byte(a.text), &leaf) != nil || len(leaf.Content) != 1 {
		return false
	}
	n.Content[at+1] = leaf.Content[0]
	return true
}

// writeJSON writes a node as JSON, a key a line.
func writeJSON(out *strings.Builder, n *yaml.Node, indent string) bool {
	open, closing, step := "{", "}", 2
	switch n.Kind {
	case yaml.ScalarNode:
		text := n.Value
		if n.ShortTag() == "!!str" {
			quoted, err := json.Marshal(n.Value)
			if err != nil {
				return false
			}
			text = string(quoted)
		}
		out.WriteString(text)
		return true
	case yaml.SequenceNode:
		open, closing, step = "[", "]", 1
	case yaml.MappingNode:
	default:
		return false
	}
	out.WriteString(open)
	for i := 0; i+step <= len(n.Content); i += step {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString("\n" + indent + "  ")
		for k := range step {
			if k > 0 {
				out.WriteString(": ")
			}
			if !writeJSON(out, n.Content[i+k], indent+"  ") {
				return false
			}
		}
	}
	if len(n.Content) > 0 {
		out.WriteString("\n" + indent)
	}
	out.WriteString(closing)
	return true
}

// gitKey matches the name of a setting of git.
var gitKey = regexp.MustCompile(`^([\w-]+)(?:\.(.+))?\.([\w-]+)$`)

// gitSet is the edit of git config: a setting of a file of settings.
func gitSet(key, text string) Edit {
	m := gitKey.FindStringSubmatch(key)
	return func(_, file string) (string, bool) {
		if !saying.MatchString(key + " " + text) {
			return file, true
		}
		if m == nil || value.HasPlaceholder(key+text) {
			return file, false
		}
		header := "[" + strings.ToLower(m[1]) + "]"
		if m[2] != "" {
			header = "[" + strings.ToLower(m[1]) + ` "` + m[2] + `"]`
		}
		var out strings.Builder
		in, done := false, false
		for line := range strings.Lines(file) {
			bare := strings.TrimSpace(line)
			if strings.HasPrefix(bare, "[") {
				in = strings.EqualFold(bare, header)
			}
			name, _, _ := strings.Cut(bare, "=")
			if in && strings.EqualFold(strings.TrimSpace(name), m[3]) {
				continue
			}
			out.WriteString(line)
			if in && !done && strings.HasPrefix(bare, "[") {
				out.WriteString("\t" + m[3] + " = " + text + "\n")
				done = true
			}
		}
		if !done {
			out.WriteString("\n" + header + "\n\t" + m[3] + " = " + text + "\n")
		}
		return out.String(), true
	}
}
