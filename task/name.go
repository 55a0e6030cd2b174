package task

import (
	"reflect"
	"runtime"
	"strings"
	"unicode"
)

// functionName returns the contract's spelling of fn's name, or "" when fn is
// not a function with a name of its own.
func functionName(fn any) string {
	v := reflect.ValueOf(fn)
	if v.Kind() != reflect.Func || v.IsNil() {
		return ""
	}
	full := runtime.FuncForPC(v.Pointer()).Name() // survives -trimpath -ldflags=-s
	name := full[strings.LastIndexByte(full, '/')+1:]
	_, name, _ = strings.Cut(name, ".")
	// Closures are "init.func1" or "glob..func1", method values "T.M-fm",
	// instances of generic functions "F[...]".
	if strings.ContainsAny(name, ".-[") {
		return ""
	}
	return snakeCase(name)
}

// snakeCase turns ProcessPersonMap into process_person_map, HTTPGet into
// http_get and Sum2 into sum2.
func snakeCase(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		if i > 0 && unicode.IsUpper(r) && runes[i-1] != '_' &&
			(!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
