package script

import (
	"maps"
	"slices"
)

// spread copies the members of t into o. Where t is not known, o's members
// may be others afterwards.
func spread(o *object, t thing) {
	wasOpen := o.open
	switch t := t.(type) {
	case *object:
		for _, name := range t.names {
			o.set(name, t.members[name])
		}
		if t.environ {
			spread(o, outside{"process.env"})
		}
		if t.open {
			blur(o, t)
		}
	case either:
		spreadEither(o, t)
	case nil, none:
	case text:
		if _, known := t.value.Literal(); !known {
			blur(o, nil)
		}
	case outside:
		blur(o, nil)
		if t.name == "process.env" {
			o.environ, o.open = true, wasOpen
		}
	default:
		blur(o, nil)
	}
}

// spreadEither copies the members of one of several things, or of none.
func spreadEither(o *object, t either) {
	of := t.of
	if t.absent {
		of = append(slices.Clip(of), none{})
	}
	copies := make([]*object, len(of))
	for i, one := range of {
		copies[i] = &object{names: slices.Clone(o.names), members: maps.Clone(o.members), open: o.open, environ: o.environ}
		spread(copies[i], one)
	}
	for _, c := range copies {
		o.open, o.environ = o.open || c.open, o.environ || c.environ
		for _, name := range c.names {
			states := make([]thing, len(copies))
			for i, other := range copies {
				states[i] = other.members[name]
				if states[i] == nil {
					states[i] = none{}
				}
			}
			o.set(name, join(states...))
		}
	}
}

// blur says that members which were set before may have been set anew by an
// object of which only some members are known.
func blur(o *object, from *object) {
	o.open = true
	for _, name := range o.names {
		if from != nil {
			if _, known := from.members[name]; known {
				continue
			}
		}
		if _, ok := o.members[name].(text); ok {
			o.members[name] = join(o.members[name], unknown{"..." + name})
		}
	}
}
