package rules

import "fmt"

// TerraformResource is what a resource of Terraform's GitHub provider, or a
// data source of it, does to GitHub.
type TerraformResource struct {
	// Reads are the ids of the operations by which it is looked up, Writes of
	// those by which it is made or changed.
	Reads, Writes []string
	// Attribute names the repository; "" for a resource of an organization or
	// a user.
	Attribute string
}

type terraformRow struct {
	name     string
	resource TerraformResource
}

var terraformRows = rows("terraform", []string{"resource", "reads", "writes", "attribute"}, func(r row) (terraformRow, error) {
	out := terraformRow{r.cell("resource"), TerraformResource{r.list("reads"), r.list("writes"), r.cell("attribute")}}
	for _, id := range append(r.list("reads"), out.resource.Writes...) {
		if _, ok := OperationByID(id); !ok {
			return terraformRow{}, fmt.Errorf("%s: no operation %s", out.name, id)
		}
	}
	return out, nil
})

var terraformResources = index(terraformRows, func(r terraformRow) string { return r.name })

// Terraform returns what a resource does, by its type: "github_issue_label",
// "data.github_user".
func Terraform(name string) (TerraformResource, bool) {
	found := terraformResources()[name]
	if len(found) == 0 {
		return TerraformResource{}, false
	}
	return found[0].resource, true
}
