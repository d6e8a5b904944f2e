package settings

import (
	"regexp"
	"slices"
	"strings"
)

// FastlaneCall is a call of one of fastlane's own actions on GitHub.
type FastlaneCall struct {
	Action string
	// Arguments are the expressions of Ruby by their names.
	Arguments map[string]string
}

// githubActions are fastlane's actions that take a token for GitHub in their
// argument api_token.
// Source: https://docs.fastlane.tools/actions/
var githubActions = regexp.MustCompile(`\b(set_github_release|create_pull_request|commit_github_file|get_github_release|github_api)\b\s*\(`)

// fastlaneBlock matches the beginning of a block that has a name, or that runs
// beside every lane.
var fastlaneBlock = regexp.MustCompile(`^([ ]*)(?:(?:private_)?lane\s+:(\w+)\s+do|def\s+(?:self\.)?(\w+)|(before_all|after_all|before_each|after_each|error)\s+do)\b`)

// rubyWord matches what may be a name.
var rubyWord = regexp.MustCompile(`\w+`)

// fastlaneOther matches what may use a token in ways that are not followed.
var fastlaneOther = regexp.MustCompile("`|%x|\\b(?:sh|system|exec|spawn|eval|send|public_send|instance_eval|load|require|require_relative|fastlane_require|import|import_from_git|Open3|IO|Octokit|Net|URI|Faraday|HTTParty|RestClient|Dotenv|other_action|Actions|git_branch_push|gh)\\b")

// ReadFastlane returns the calls of actions on GitHub in what a lane of a
// Fastfile runs: its own block, those that it names, and those that run beside
// every lane. ok is false where there is no such lane, or where what it runs is
// not to be told line by line. Mentioned are the lines that stand outside of
// the calls.
func ReadFastlane(source, lane string) (calls []FastlaneCall, mentioned string, ok bool) {
	if !readable([]byte(source)) || strings.ContainsAny(source, "\t\r") {
		return nil, "", false
	}
	blocks, rest, ok := fastlaneBlocks(strings.Split(source, "\n"))
	if !ok || len(blocks[lane]) == 0 {
		return nil, "", false
	}
	text := slices.Concat(rest, blocks[""], blocks[lane])
	done := map[string]bool{lane: true, "": true}
	for i := 0; i < len(text); i++ {
		for _, word := range rubyWord.FindAllString(text[i], -1) {
			if lines := blocks[word]; len(lines) > 0 && !done[word] {
				done[word], text = true, append(text, lines...)
			}
		}
	}
	whole := strings.Join(text, "\n")
	if fastlaneOther.MatchString(whole) {
		return nil, "", false
	}
	for _, at := range slices.Backward(githubActions.FindAllStringSubmatchIndex(whole, -1)) {
		arguments, length, ok := rubyArguments(whole[at[1]:])
		if !ok {
			return nil, "", false
		}
		calls = append(calls, FastlaneCall{Action: whole[at[2]:at[3]], Arguments: arguments})
		whole = whole[:at[0]] + whole[at[1]+length:]
	}
	slices.Reverse(calls)
	return calls, whole, true
}

// fastlaneBlocks takes a Fastfile apart by the names of its blocks: "" for
// those that always run. A block ends where "end" stands as deep as it began.
func fastlaneBlocks(lines []string) (blocks map[string][]string, rest []string, ok bool) {
	blocks = map[string][]string{}
	for i := 0; i < len(lines); i++ {
		if strings.HasPrefix(strings.TrimSpace(lines[i]), "#") {
			continue
		}
		m := fastlaneBlock.FindStringSubmatch(lines[i])
		if m == nil {
			rest = append(rest, lines[i])
			continue
		}
		name, end := m[2]+m[3], -1
		for j := i + 1; j < len(lines) && end < 0; j++ {
			if lines[j] == m[1]+"end" {
				end = j
			}
		}
		if end < 0 {
			return nil, nil, false
		}
		for _, line := range lines[i+1 : end] {
			if !strings.HasPrefix(strings.TrimSpace(line), "#") {
				blocks[name] = append(blocks[name], line)
			}
		}
		// A name may stand for a lane of each platform.
		blocks[name] = append(blocks[name], "")
		i = end
	}
	return blocks, rest, true
}

// rubyArguments reads named arguments up to the bracket that ends a call.
func rubyArguments(text string) (arguments map[string]string, length int, ok bool) {
	arguments = map[string]string{}
	depth, start, quote := 1, 0, byte(0)
	add := func(end int) bool {
		one := strings.TrimSpace(text[start:end])
		if one == "" {
			return true
		}
		name, expression, named := strings.Cut(one, ":")
		arguments[strings.TrimSpace(name)] = strings.TrimSpace(expression)
		return named && !strings.ContainsAny(name, `"'( `)
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quote != 0:
			if c == '\\' {
				i++
			} else if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case strings.IndexByte("([{", c) >= 0:
			depth++
		case strings.IndexByte(")]}", c) >= 0:
			if depth--; depth == 0 {
				return arguments, i + 1, add(i)
			}
		case c == ',' && depth == 1:
			if !add(i) {
				return nil, 0, false
			}
			start = i + 1
		case c == '#' || c == '/' || c == '%':
			return nil, 0, false
		}
	}
	return nil, 0, false
}
