package rules

import "testing"

func TestSignOf(t *testing.T) {
	for name, want := range map[string]struct {
		kind SignKind
		says string
	}{
		"commit-readme.sh":                         {SignStored, "commits"},
		"git_commit.sh":                            {SignStored, "commits"},
		"Commit.ps1":                               {SignStored, "commits"},
		"push.sh":                                  {SignStored, "pushes"},
		"git-push-changes.sh":                      {SignStored, "pushes"},
		"build-and-push.sh":                        {SignStored, "pushes"},
		"build-image-and-push":                     {SignStored, ""},
		"docker-push.sh":                           {SignStored, ""},
		"push-metrics.sh":                          {SignStored, ""},
		"pushover":                                 {SignStored, ""},
		"commitlint":                               {SignStored, ""},
		"commit-msg":                               {SignStored, ""},
		"check-commit.sh":                          {SignStored, ""},
		"create_pr_or_update_existing_one.py":      {SignHanded, "opens a pull request"},
		"open-release-pr.js":                       {SignHanded, "opens a pull request"},
		"createPullRequest.ts":                     {SignHanded, "opens a pull request"},
		"create-docs-pr.js":                        {SignHanded, ""},
		"create_project.py":                        {SignHanded, ""},
		"print-prs":                                {SignHanded, ""},
		"backport.py":                              {SignHanded, "pushes a branch and opens a pull request"},
		"backport-assistant":                       {SignHanded, "pushes a branch and opens a pull request"},
		"backport-labels.py":                       {SignHanded, ""},
		"backported":                               {SignHanded, ""},
		"HOMEBREW_TAP_GITHUB_TOKEN":                {SignVariable, "is for a Homebrew tap"},
		"tap_github_token":                         {SignVariable, "is for a Homebrew tap"},
		"GITHUB_BREW_TOKEN":                        {SignVariable, "is for a Homebrew tap"},
		"HOMEBREW_GITHUB_API_TOKEN":                {SignVariable, ""},
		"STAPLE_TOKEN":                             {SignVariable, ""},
		"SCOOP_TAP_GITHUB_TOKEN":                   {SignVariable, "is for a Scoop bucket"},
		"BUCKET_TOKEN":                             {SignVariable, ""},
		"Commit and push":                          {SignStepStored, "says that it pushes"},
		"Push changes to main":                     {SignStepStored, "says that it pushes"},
		"Push tag and open PR to main":             {SignStepStored, "says that it pushes a tag"},
		"Push docker tags":                         {SignStepStored, ""},
		"Build and push":                           {SignStepStored, ""},
		"Push the button":                          {SignStepStored, ""},
		"Create PR back to development":            {SignStepHanded, "says that it opens a pull request"},
		"Create release":                           {SignStepHanded, ""},
		"Create the preview of a PR":               {SignStepHanded, ""},
		"update-gists.sh":                          {SignHanded, "is for gists"},
		"get-gist":                                 {SignHanded, ""},
		"logist":                                   {SignHanded, ""},
		"README_GIST_PAT":                          {SignVariable, "is for gists"},
		"GIST_ID":                                  {SignVariable, ""},
		"REGIST_TOKEN":                             {SignVariable, ""},
		"ADD_TO_PROJECT_PAT":                       {SignVariable, "is for project boards"},
		"PROJECT_TOKEN":                            {SignVariable, ""},
		"Update navigator gist files":              {SignStepHanded, "says that it writes gists"},
		"Read gist":                                {SignStepHanded, ""},
		"Add issue to the project board":           {SignStepHanded, "says that it adds to a project board"},
		"Add license headers to project":           {SignStepHanded, ""},
		"SOURCEMAPS_REPOSITORY":                    {SignTarget, "names the repository"},
		"TARGET_REPO":                              {SignTarget, "names the repository"},
		"GITHUB_REPOSITORY":                        {SignTarget, ""},
		"private-fixtures":                         {SignPrivate, "is not public by its name"},
		"app-mobile-private":                       {SignPrivate, "is not public by its name"},
		"Private.Docs":                             {SignPrivate, "is not public by its name"},
		"app-private-keys":                         {SignPrivate, ""},
		"terraform-private-link":                   {SignPrivate, ""},
		"private-join-and-compute":                 {SignPrivate, ""},
		"privateer":                                {SignPrivate, ""},
		"TARGET_REPO_TOKEN":                        {SignTarget, ""},
		"create-new-issue.js":                      {SignHanded, "opens an issue"},
		"create-issue-comment.js":                  {SignHanded, ""},
		"GH_PROJECTS_PAT":                          {SignVariable, "is for project boards"},
		"GITHUB_TOKEN_PROJECT":                     {SignVariable, ""},
		"project 12":                               {SignGiven, "is the number of a project board"},
		"gh-project-number 3":                      {SignGiven, "is the number of a project board"},
		"project-id PVT_abc":                       {SignGiven, "is the number of a project board"},
		"project-id 77":                            {SignGiven, ""},
		"project my-app":                           {SignGiven, ""},
		"Create and push git tag":                  {SignStepStored, "says that it pushes a tag"},
		"Create git tag name":                      {SignStepStored, ""},
		"gha_tag_bumped_packages.sh":               {SignStored, "tags"},
		"list-tag-releases.sh":                     {SignStored, ""},
		"Bump version, push and tag":               {SignStepStored, "says that it pushes and tags"},
		"Bump version, tag and push image":         {SignStepStored, ""},
		"push-after-release.sh":                    {SignStored, "pushes"},
		"Push tag, open PR":                        {SignStepHanded, "says that it opens a pull request"},
		"CROSSREPO_PAT":                            {SignVariable, "is for other repositories"},
		"TAG_CREATE_GITHUB_TOKEN":                  {SignVariable, "is for tags"},
		"DOCKER_TAG_TOKEN":                         {SignVariable, ""},
		"DOCS_DISPATCH_TOKEN":                      {SignVariable, "is for workflows of other repositories"},
		"DISPATCH_URL":                             {SignVariable, ""},
		"BOT_REPOSYNC_TOKEN":                       {SignVariable, "is for several repositories"},
		"SYNC_TOKEN":                               {SignVariable, ""},
		"PRIVATE_REPO_IMPORT_PAT":                  {SignVariable, "is for private repositories"},
		"Send repository dispatch":                 {SignStepHanded, "says that it sends an event to a repository"},
		"url https://github.com/orgs/a/projects/1": {SignGiven, "is the address of a project board"},
	} {
		sign, ok := SignOf(want.kind, name)
		if ok != (want.says != "") || sign.Says != want.says {
			t.Errorf("%s %s: %q, want %q", want.kind, name, sign.Says, want.says)
		}
	}
}

// TestSignTable holds the rows to what they are for: to speak of writing.
func TestSignTable(t *testing.T) {
	for _, r := range signRows().rows {
		e := r.sign.Effect
		if len(e.Operations) == 0 || len(e.Needs) == 0 || e.Answer == AnswerYes && len(e.Events) == 0 && r.kind != SignTarget {
			t.Errorf("%s %s: %+v can speak against nothing", r.kind, r.pattern, e)
		}
		for _, code := range e.Reasons {
			if _, ok := PageByID(code); !ok {
				t.Errorf("%s: no reason %s", r.pattern, code)
			}
		}
	}
}
