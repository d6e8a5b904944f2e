package report

import (
	"reflect"

	"github.com/patrol-actions/patrol/audit"
)

// Redact replaces every text of a report by what a function makes of it: names
// and messages of an API may repeat what the API was sent. It is to be called
// before the report is sorted and written, for formats escape and cut texts.
func Redact(r *audit.Report, redact func(string) string) {
	redactValue(reflect.ValueOf(r), redact)
}

// redactValue goes through a value that can be set, or that points to others.
func redactValue(v reflect.Value, redact func(string) string) {
	switch v.Kind() {
	case reflect.String:
		if text := v.String(); v.CanSet() && redact(text) != text {
			v.SetString(redact(text))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			redactValue(v.Elem(), redact)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			redactValue(v.Field(i), redact)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			redactValue(v.Index(i), redact)
		}
	case reflect.Map:
		redactMap(v, redact)
	}
}

// redactMap goes through a map, whose keys and values cannot be set in place.
func redactMap(m reflect.Value, redact func(string) string) {
	changed := func(old reflect.Value) reflect.Value {
		place := reflect.New(old.Type()).Elem()
		place.Set(old)
		redactValue(place, redact)
		return place
	}
	for _, key := range m.MapKeys() {
		value := changed(m.MapIndex(key))
		m.SetMapIndex(key, reflect.Value{})
		m.SetMapIndex(changed(key), value)
	}
}
