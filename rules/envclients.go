package rules

import (
	"regexp"
	"slices"
)

// envClient is a row of table/env-clients.tsv.
type envClient struct {
	language  string
	pattern   *regexp.Regexp
	variables []string
}

var envClientRows = rows("env-clients", []string{"language", "pattern", "variables", "source"}, func(r row) (envClient, error) {
	pattern, err := regexp.Compile(r.cell("pattern"))
	return envClient{r.cell("language"), pattern, r.list("variables")}, err
})

var envClients = index(envClientRows, func(r envClient) string { return r.language })

// TakesFromEnv tells whether code in a language uses a library that takes a GitHub
// token from a variable of the environment by itself.
func TakesFromEnv(language, source, variable string) bool {
	return slices.ContainsFunc(envClients()[language], func(c envClient) bool {
		return slices.Contains(c.variables, variable) && c.pattern.MatchString(source)
	})
}
