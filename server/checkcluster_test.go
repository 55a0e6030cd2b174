package server

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCheckOfClusterSecret: what keeps a node from starting is told beforehand.
func TestCheckOfClusterSecret(t *testing.T) {
	for _, test := range []struct {
		secret, want string
		mode         os.FileMode
	}{
		{"short", "fewer than 32", 0o600},
		{strings.Repeat("s", 40), "chmod 600", 0o644},
	} {
		file := filepath.Join(t.TempDir(), "secret")
		if err := os.WriteFile(file, []byte(test.secret), test.mode); err != nil {
			t.Fatal(err)
		}
		findings := Check(t.Context(), Config{
			AdminAddr: adminOff, LibraryDir: t.TempDir(), DataDir: filepath.Join(t.TempDir(), "data"),
			ClusterListen: "127.0.0.1:6222", ClusterJoin: []string{"127.0.0.1:6223"}, ClusterSecretFile: file,
		})
		told := 0
		for _, f := range findings {
			if f.Part == "cluster" && f.Err != nil && strings.Contains(f.Err.Error(), test.want) {
				told++
			}
		}
		if told != 1 {
			t.Errorf("%q is told %d times: %v", test.want, told, findings)
		}
	}
}
