package infer

import (
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// privateSubmodules is the reason that hangs on who may read the submodules.
const privateSubmodules = "private-submodules"

// UpdatesSubmodules is the operation that reads submodules alone.
const UpdatesSubmodules = "git submodule update"

// maxSubmodules bounds the submodules that are looked at.
const maxSubmodules = 100

// withSubmodules names the repositories that an operation reads as submodules,
// where .gitmodules tells: whether GITHUB_TOKEN reads these is what the reason
// asks. Submodules of submodules (recursive) are not seen, so that there the
// question stays open as it is.
func (in *inferrer) withSubmodules(op Operation, recursive bool) []Operation {
	own := len(op.Targets) == 1 && op.Targets[0].Kind == Self
	if !own || !slices.Contains(op.Reasons, privateSubmodules) {
		return []Operation{op}
	}
	targets, ok := in.submoduleTargets()
	if !ok {
		return []Operation{op}
	}
	if !recursive {
		op.Reasons = slices.DeleteFunc(slices.Clone(op.Reasons), func(code string) bool { return code == privateSubmodules })
		if len(op.Reasons) == 0 {
			op.Answer = rules.AnswerYes
		}
	}
	if len(targets) == 0 {
		return []Operation{op}
	}
	return []Operation{op, {
		Names: []string{UpdatesSubmodules}, Targets: targets, Answer: rules.AnswerConditional, Reasons: []string{privateSubmodules},
		Needs: needs("contents:read"), Confidence: "high", Place: op.Place,
	}}
}

// submoduleTargets are the repositories on GitHub that .gitmodules names. ok
// is false where there is no such file, or one of them cannot be told.
func (in *inferrer) submoduleTargets() (targets []Target, ok bool) {
	if in.options.Read == nil {
		return nil, false
	}
	source, err := in.options.Read(".gitmodules")
	addresses := submoduleAddresses(string(source))
	if err != nil || len(addresses) == 0 || len(addresses) > maxSubmodules {
		return nil, false
	}
	for _, address := range addresses {
		t, here, known := in.submodule(address)
		switch {
		case !known:
			return nil, false
		case here && t.Kind != Self && !slices.Contains(targets, t):
			targets = append(targets, t)
		}
	}
	return targets, true
}

// submodule resolves the address of a submodule; one that begins with ./ or
// ../ is relative to the address of the repository. here is false for one on
// another host, known for one that cannot be told.
func (in *inferrer) submodule(address string) (t Target, here, known bool) {
	if !strings.HasPrefix(address, ".") {
		t, here = in.target(value.Text(address))
		return t, here, !here || t.Kind != UnknownTarget
	}
	// What stands for the repository has two parts, as its address has.
	parts := strings.Split(path.Join("host/owner/name", strings.TrimSuffix(address, ".git")), "/")
	if len(parts) != 3 || parts[0] != "host" {
		return Target{}, false, false
	}
	owner := value.Text(parts[1])
	if strings.Count(address, "../") < 2 {
		owner = value.Context("github.repository_owner")
	}
	return in.repository(owner, value.Text(parts[2])), true, true
}

// submoduleAddresses are the addresses in a .gitmodules file, which is written
// as a configuration of git.
func submoduleAddresses(source string) (addresses []string) {
	inside := false
	for line := range strings.Lines(source) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			inside = strings.HasPrefix(line, "[submodule ")
			continue
		}
		key, address, ok := strings.Cut(line, "=")
		if !ok || !inside || !strings.EqualFold(strings.TrimSpace(key), "url") {
			continue
		}
		address, _, _ = strings.Cut(address, " #")
		addresses = append(addresses, strings.Trim(strings.TrimSpace(address), `"`))
	}
	return addresses
}
