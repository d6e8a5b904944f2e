package rules

import "testing"

func TestTerraform(t *testing.T) {
	label, ok := Terraform("github_issue_label")
	if !ok || label.Attribute != "repository" || len(label.Reads) != 1 || len(label.Writes) != 1 {
		t.Errorf("%v %+v", ok, label)
	}
	if user, ok := Terraform("data.github_user"); !ok || user.Writes != nil || user.Attribute != "" {
		t.Errorf("%v %+v", ok, user)
	}
	if _, ok := Terraform("github_frobnicate"); ok {
		t.Error("known")
	}
	for _, r := range terraformRows().rows {
		if len(r.resource.Reads) == 0 {
			t.Errorf("%s reads nothing", r.name)
		}
	}
}
