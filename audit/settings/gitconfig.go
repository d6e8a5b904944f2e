package settings

import (
	"regexp"
	"strings"
)

// GitSetting is a setting of git: "remote.origin.url". Its section and its last part
// are in lower case, as git reads them.
type GitSetting struct{ Key, Text string }

// GitSettings returns what a file of git's configuration sets, in its order. What
// stands under no section is left out.
// Source: https://git-scm.com/docs/git-config#_configuration_file
func GitSettings(source string) (list []GitSetting) {
	section := ""
	for line := range strings.Lines(strings.ReplaceAll(source, "\\\n", "")) {
		line = strings.TrimSpace(line)
		if inner, ok := strings.CutPrefix(line, "["); ok {
			head, rest, closed := strings.Cut(inner, "]")
			if !closed {
				section = ""
				continue
			}
			section, line = sectionOf(head), strings.TrimSpace(rest)
		}
		if line == "" || section == "" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, ";") {
			continue
		}
		key, text, given := strings.Cut(line, "=")
		if text = gitText(text); !given {
			key, text = line, "true"
		}
		if key = strings.ToLower(strings.TrimSpace(key)); settingName.MatchString(key) {
			list = append(list, GitSetting{section + "." + key, text})
		}
	}
	return list
}

// sectionName and settingName match the names that git takes.
var (
	sectionName = regexp.MustCompile(`^[a-z0-9-][a-z0-9.-]*$`)
	settingName = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
)

// sectionOf is what the settings under [remote "origin"] begin with, "" for what is no
// section.
func sectionOf(head string) string {
	name, of, quoted := strings.Cut(strings.TrimSpace(head), `"`)
	name = strings.ToLower(strings.TrimSpace(name))
	switch {
	case !sectionName.MatchString(name):
		return ""
	case !quoted:
		return name
	}
	return name + "." + strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(strings.TrimSuffix(of, `"`))
}

// gitText is a value without its quotes and the comment behind it.
func gitText(text string) string {
	var out strings.Builder
	quoted := false
	text = strings.TrimSpace(text)
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text):
			i++
			out.WriteByte(text[i])
		case c == '"':
			quoted = !quoted
		case !quoted && (c == '#' || c == ';'):
			return strings.TrimSpace(out.String())
		default:
			out.WriteByte(c)
		}
	}
	return strings.TrimSpace(out.String())
}
