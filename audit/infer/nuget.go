package infer

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/settings"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// githubNuget is GitHub's registry of NuGet packages.
const githubNuget = "nuget.pkg.github.com"

// nugetSource is a source of packages that the job has added by a name.
type nugetSource struct{ address, password value.Value }

// nugetFlags are the flags of nuget.exe, which have one dash and any case, as
// dotnet names them.
var nugetFlags = map[string]string{
	"-source": "--source", "-name": "--name", "-apikey": "--api-key", "-username": "--username", "-password": "--password",
	"-skipduplicate": "--skip-duplicate", "-storepasswordincleartext": "--store-password-in-clear-text",
}

// isNuget tells whether a command is dotnet nuget or nuget.exe.
func isNuget(words []string) bool {
	return len(words) > 2 && (isNugetExe(words[0]) || words[0] == "dotnet" && words[1] == "nuget")
}

// isNugetExe tells whether the name of a program is that of nuget.exe.
func isNugetExe(word string) bool {
	return strings.EqualFold(strings.TrimSuffix(strings.ToLower(path.Base(word)), ".exe"), "nuget")
}

// nuget returns what is known of a call of dotnet nuget or of nuget.exe, in which
// the name of a source is replaced by the address that an earlier command of the
// job, or a nuget.config, gives to that name. It notes the sources that the call
// itself adds.
func (in *inferrer) nuget(site *trace.Site, words []string, table *value.Table) (info *rules.ProgramInfo, ok bool) {
	if isNugetExe(words[0]) {
		words = slices.Clone(words)
		for i, w := range words {
			switch long := nugetFlags[strings.ToLower(w)]; {
			case long != "":
				words[i] = long
			case i == 1, i == 2 && words[1] == "sources":
				words[i] = strings.ToLower(w)
			}
		}
	}
	if info, ok = rules.Program(words); !ok {
		return nil, false
	}
	given := func(name string) value.Value {
		text, _ := info.Lookup(name)
		return table.Value(text)
	}
	source := given("source")
	switch strings.TrimPrefix(info.Name, "dotnet ") {
	case "nuget add source":
		in.addSource(given("name"), given("arg:1"), given("password"))
		return info, true
	case "nuget update source":
		in.addSource(given("arg:1"), source, given("password"))
		return info, true
	case "nuget sources add":
		in.addSource(given("name"), source, given("password"))
		return info, true
	case "nuget push":
	default:
		return info, true
	}
	configured := in.nugetConfig(site)
	if len(source) == 0 {
		source = value.Text(configured.PushTo)
	}
	name := strings.ToLower(source.LiteralOr(""))
	if known, ok := in.session.sources[name]; ok && name != "" {
		source = known.address
	} else if address := configured.Sources[name]; address != "" {
		source = value.Text(address)
	} else if name == "github" {
		source = value.Text("https://" + githubNuget + "/")
	}
	if len(source) == 0 {
		return info, true
	}
	resolved := *info
	resolved.Flags = maps.Clone(info.Flags)
	if resolved.Flags == nil {
		resolved.Flags = map[string][]string{}
	}
	var text strings.Builder
	for _, p := range source {
		if part, ok := (value.Value{p}).Literal(); ok {
			text.WriteString(part)
			continue
		}
		text.WriteString(table.Placeholder(value.Value{p}, 0))
	}
	resolved.Flags["source"] = []string{text.String()}
	return &resolved, true
}

// addSource notes a source that the job adds.
func (in *inferrer) addSource(name, address, password value.Value) {
	text, known := name.Literal()
	if !known || text == "" || len(address) == 0 {
		return
	}
	if in.session.sources == nil {
		in.session.sources = map[string]nugetSource{}
	}
	in.session.sources[strings.ToLower(text)] = nugetSource{address: address, password: password}
}

// nugetPassword is what a push without a key of its own signs in with: the
// password of the source that it names.
func (in *inferrer) nugetPassword(info *rules.ProgramInfo, table *value.Table) value.Value {
	if !strings.HasSuffix(info.Name, "nuget push") {
		return nil
	}
	text, _ := info.Lookup("source")
	address := table.Value(text)
	for _, name := range slices.Sorted(maps.Keys(in.session.sources)) {
		if s := in.session.sources[name]; s.address.Equal(address) && s.password.HoldsCredential() {
			return s.password
		}
	}
	return nil
}

// nugetConfig is the nuget.config for the folder of a command: those of the
// folders above count as well, the nearest first.
func (in *inferrer) nugetConfig(site *trace.Site) settings.Nuget {
	out := settings.Nuget{Sources: map[string]string{}}
	dir := folder(site.Command.Dir)
	if in.options.Read == nil || strings.HasPrefix(dir, "?") {
		return out
	}
	var names []string
	for _, n := range rules.NamedFilesOf([]string{"nuget", "restore"}) {
		names = append(names, n.Files...)
	}
	for ; ; dir = path.Dir(dir) {
		for _, name := range names {
			source, err := in.options.Read(path.Join(dir, name))
			if err != nil {
				continue
			}
			read := settings.ReadNuget(source)
			for name, address := range read.Sources {
				if out.Sources[name] == "" {
					out.Sources[name] = address
				}
			}
			if out.PushTo == "" {
				out.PushTo = read.PushTo
			}
			break
		}
		if dir == "." || dir == "/" {
			return out
		}
	}
}
