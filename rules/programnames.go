package rules

import "fmt"

// otherName is a name by which a program is run that is not its own.
type otherName struct{ name, program string }

var programNameRows = rows("program-names", []string{"name", "program", "source"}, func(r row) (otherName, error) {
	n := otherName{r.cell("name"), r.cell("program")}
	if n.name == "" || n.program == "" || n.name == n.program {
		return otherName{}, fmt.Errorf("want a name, and the program's own")
	}
	return n, nil
})

var otherNames = index(programNameRows, func(n otherName) string { return n.name })

// ownName returns the name under which the tables have a program that is run by a
// name.
func ownName(name string) string {
	for _, n := range otherNames()[name] {
		return n.program
	}
	return name
}
