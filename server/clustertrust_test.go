package server

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAClusterSecretIsItsText: nodes whose files end in another way know each other, and
// one that others may read is no secret.
func TestAClusterSecretIsItsText(t *testing.T) {
	secret := strings.Repeat("s3cr3t", 8)
	file := func(name, text string, mode os.FileMode) Config {
		name = filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(name, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return Config{ClusterSecretFile: name}
	}
	plain, written, other := file("plain", secret, 0o600), file("written", secret+"\r\n", 0o600), file("other", secret+"x", 0o600)
	first, err := plain.clusterTrust()
	if err != nil {
		t.Fatal(err)
	}
	for config, same := range map[*Config]bool{&written: true, &other: false} {
		trust, err := config.clusterTrust()
		if err != nil || trust.RootCAs.Equal(first.RootCAs) != same {
			t.Errorf("%s: %v, trusted %t, want %t", config.ClusterSecretFile, err, !same, same)
		}
	}
	open := file("open", secret, 0o644)
	if _, err := open.clusterTrust(); err == nil || !strings.Contains(err.Error(), "Config.ClusterSecretFile") || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a file that others may read: %v", err)
	}
}

// TestAClusterPortInUse is told of as every other one.
func TestAClusterPortInUse(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, err = Listen(Config{
		Addr: "127.0.0.1:0", AdminAddr: adminOff, LibraryDir: t.TempDir(), DataDir: t.TempDir(),
		ClusterListen: taken.Addr().String(), ClusterJoin: []string{"127.0.0.1:1"},
	})
	if err == nil || !strings.Contains(err.Error(), "the port is in use") || !strings.Contains(err.Error(), "Config.ClusterListen") {
		t.Error(err)
	}
}
