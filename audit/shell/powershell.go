package shell

func (i *interp) powerShell(string) {}
func (i *interp) batch(string)      {}
