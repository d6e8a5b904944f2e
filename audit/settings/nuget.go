package settings

import (
	"encoding/xml"
	"strings"
)

// Nuget are the sources of packages that a nuget.config names.
// Source: https://learn.microsoft.com/nuget/reference/nuget-config-file
type Nuget struct {
	// Sources are the addresses by the names of the sources, in lower case.
	Sources map[string]string
	// PushTo is the source, by its name or address, that packages are pushed to
	// where a call names none; "" where the file names none.
	PushTo string
}

// ReadNuget reads a nuget.config. What is no such file names nothing.
func ReadNuget(source []byte) Nuget {
	type add struct {
		Key   string `xml:"key,attr"`
		Value string `xml:"value,attr"`
	}
	var file struct {
		Sources []add `xml:"packageSources>add"`
		Config  []add `xml:"config>add"`
	}
	if len(source) > maxSize || xml.Unmarshal(source, &file) != nil {
		return Nuget{}
	}
	out := Nuget{Sources: map[string]string{}}
	for _, s := range file.Sources {
		out.Sources[strings.ToLower(s.Key)] = s.Value
	}
	for _, c := range file.Config {
		if strings.EqualFold(c.Key, "defaultPushSource") {
			out.PushTo = c.Value
		}
	}
	return out
}
