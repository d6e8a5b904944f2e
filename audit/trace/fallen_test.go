package trace

import "testing"

// faulty fails where it is asked about an action.
type faulty struct{}

func (faulty) Command([]string, string) bool { return false }
func (faulty) Action(string) bool            { panic("a fault") }

// TestFallen: a fault while one job is read costs that job alone.
func TestFallen(t *testing.T) {
	r := repository(".github/workflows/a.yml", `on: push
jobs:
  bad:
    runs-on: x
    env:
      TOKEN: ${{ secrets.PAT }}
    steps:
      - run: gh one
      - uses: acme/mint@v1
  good:
    runs-on: x
    env:
      TOKEN: ${{ secrets.PAT }}
    steps:
      - run: gh two
`)
	var fallen []string
	options := Options{
		Described: faulty{},
		Fell:      func(j *Job, fault any) { fallen = append(fallen, j.Job.ID+": "+fault.(string)) },
	}
	jobs := Trace(r, options).Jobs
	if len(fallen) != 1 || fallen[0] != "bad: a fault" {
		t.Errorf("fallen: %q", fallen)
	}
	if len(jobs) != 2 || len(jobs[0].Sites) != 1 || jobs[0].Sites[0].Unread == nil {
		t.Fatalf("the job that fell is not left unread: %+v", jobs)
	}
	if v, _ := jobs[0].Sites[0].Env.Lookup("TOKEN"); !v.HoldsCredential() {
		t.Error("it is not seen that the job has the secret")
	}
	if sites := jobs[1].Sites; len(sites) != 1 || sites[0].Command.Text() != "gh two" {
		t.Errorf("the other job is not read: %+v", sites)
	}
}
