package githubtest

// writes are the operations that change something.
var writes = map[string]handler{}
