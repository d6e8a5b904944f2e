package infer

import (
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
)

// keyNames begin the names of files that hold the private keys of SSH, as
// ssh-keygen gives them.
var keyNames = []string{"id_rsa", "id_ed25519", "id_ecdsa", "id_dsa"}

// sshKeys notes what a command hands to SSH: a private key, which is no token of
// GitHub whatever its name.
func (in *inferrer) sshKeys(site *trace.Site) {
	c := site.Command
	if name := path.Base(c.Args[0].LiteralOr("")); name == "ssh-add" || name == "ssh-keygen" {
		in.key(site, c.Stdin)
		return
	}
	for _, out := range c.Output {
		if !isKeyFile(out.Path.String()) {
			continue
		}
		in.key(site, c.Stdin)
		for _, word := range c.Args[1:] {
			in.key(site, word)
		}
	}
}

func (in *inferrer) key(site *trace.Site, v value.Value) {
	if v.HoldsCredential() {
		in.use(site, v, commandWords(site.Command), func(u *Use) { u.Other = true })
	}
}

// isKeyFile tells whether a file is one of SSH, or is called as its keys are.
func isKeyFile(file string) bool {
	file = strings.ReplaceAll(file, `\`, "/")
	return slices.Contains(strings.Split(path.Dir(file), "/"), ".ssh") ||
		slices.ContainsFunc(keyNames, func(name string) bool { return strings.HasPrefix(path.Base(file), name) })
}
