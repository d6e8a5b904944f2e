package shell

import "github.com/patrol-actions/patrol/audit/value"

// stored is a variable or an output for later steps.
type stored struct{ file, name string }

// region walks code of which it is asked what it is sure to set for later steps
// wherever it runs to its end, and returns that.
func (i *interp) region(walk func()) map[stored]bool {
	outer, level := i.sure, i.level
	i.sure, i.level = map[stored]bool{}, i.guard
	walk()
	out := i.sure
	i.sure, i.level = outer, level
	return out
}

// sets walks one branch of a fork. One that ends the script with a failure sets
// what any other does, for no later step runs.
func (i *interp) sets(f *fork, walk func() *scope) {
	ended, returned := i.ended, i.returned
	var branch *scope
	sure := i.region(func() { branch = walk() })
	f.branches = append(f.branches, branch)
	if !branch.dead || i.ended != ended || i.returned != returned {
		f.sure = append(f.sure, sure)
	}
}

// setByAll notes what each of several branches sets, of which one runs. They stand
// right in the code being asked, and not in a branch or a loop of that.
func (i *interp) setByAll(branches []map[stored]bool) {
	if len(branches) == 0 || i.guard > i.level+1 || i.ended || i.returned {
		return
	}
names:
	for name := range branches[0] {
		for _, b := range branches[1:] {
			if !b[name] {
				continue names
			}
		}
		i.sure[name] = true
	}
}

// unsure returns those of the variables, or of the outputs, that are not sure to
// be set.
func (i *interp) unsure(file string, set map[string]value.Value) map[string]bool {
	out := map[string]bool{}
	for name := range set {
		if !i.sure[stored{file, name}] {
			out[name] = true
		}
	}
	return out
}
