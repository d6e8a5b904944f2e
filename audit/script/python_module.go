package script

// takeModules puts the modules of the project that a script takes in before it.
func takeModules(in Input) *pyText {
	return plainText(in.Path, in.Source)
}
