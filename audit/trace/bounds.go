package trace

// The bounds of what is followed. Each file that is read is bounded, but files
// call each other: ten levels of a hundred calls each have no end. No
// repository that people wrote is known to come near them; of one that does,
// what lies beyond is unread, and said to be.
const (
	// maxDepth bounds nested calls of workflows, actions and scripts. GitHub
	// allows ten of either; cycles end here too.
	maxDepth = 10
	// maxJobSites bounds the sites of one job, maxSites those of all jobs.
	// Beyond that each job still gets its share, up to as many again.
	maxJobSites = 50_000
	maxSites    = 300_000
	jobShare    = 500
	// maxJobs bounds the ways in which jobs run, as they call workflows.
	maxJobs = 10_000
)

// full tells whether no more code is followed in a job.
func (r *run) full() bool {
	share := maxJobSites
	if r.t.sites >= maxSites {
		share = jobShare
	}
	return len(r.job.Sites) >= share || r.exhausted()
}

// exhausted tells whether not even the steps' own scripts are read.
func (r *run) exhausted() bool {
	return r.t.stopped() || len(r.job.Sites) >= 2*maxJobSites || r.t.sites >= 2*maxSites
}

// stopped tells whether nobody waits for the trace any more.
func (t *tracer) stopped() bool { return t.options.Context != nil && t.options.Context.Err() != nil }

// tooMany is code that is not followed because of that.
func tooMany(what, describe string) *Unread {
	return &Unread{what, "is not read, for too much runs before it", "read what it does with the token" + describe}
}
