package loader

import (
	"strings"
	"testing"
)

func FuzzPluginNamesAreNoPaths(f *testing.F) {
	for _, name := range []string{"math", "..", ".", "a/b", `a\b`, "a..b", "", "C:", "a\x00b", "..%2f", "-rf"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if checkName(name) == nil && (name == "" || len(name) > 128 || strings.ContainsAny(name, "/\\:\x00 ") || name[0] == '.') {
			t.Errorf("%q is taken for a name", name)
		}
	})
}

func TestPluginNames(t *testing.T) {
	for file, want := range map[string]string{ // want is a name, or "!" and a part of the error
		"libmath.so": "math", "math.so": "math", "libmath.wasm": "math", "m.v2-x_1.so": "m.v2-x_1",
		"library.so": "rary", "_x.so": "_x", "libllib.so": "llib", "a.b.dylib": "a.b",
		"lib.so": "!nothing is left", "9x.so": "!want letters", "x y.so": "!want letters", "x:y.so": "!want letters",
		"ä.so": "!want letters", "lib-x.so": "!want letters",
		strings.Repeat("x", 128) + ".so": strings.Repeat("x", 128),
		strings.Repeat("x", 129) + ".so": "!more than 128",
	} {
		name, err := pluginName(file)
		switch part, fails := strings.CutPrefix(want, "!"); {
		case fails && (err == nil || !strings.Contains(err.Error(), part) || !strings.Contains(err.Error(), file)):
			t.Errorf("%s: got the error %v, want one with %q and the file's name", file, err, part)
		case !fails && (err != nil || name != want):
			t.Errorf("%s: got %q and %v, want %q", file, name, err, want)
		}
	}
}

func TestEndings(t *testing.T) {
	for file, want := range map[string]bool{
		math: true, "x.wasm": true, "X.WASM": true, "." + math: false, "..data": false, "README.md": false, "x": false,
		"x" + nativeEnding + ".1": false, "x.exe": false,
	} {
		if got := isPluginFile(file); got != want {
			t.Errorf("%s: got %t, want %t", file, got, want)
		}
	}
}
