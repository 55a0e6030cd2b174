package server

import (
	"strings"
	"testing"
)

// TestCheckOfOtherNodes: addresses at which nobody can ever be are refused, and not waited
// for, nor is what may be a password shown.
func TestCheckOfOtherNodes(t *testing.T) {
	for _, test := range []struct {
		config Config
		want   string
	}{
		{Config{NATS: []string{"nats://127.0.0.1:99999"}}, "can't be read"},
		{Config{NATS: []string{"nats://127.0.0.1:0"}}, "can't be read"},
		{Config{NATS: []string{"nats://127.0.0.1:4222", "http://127.0.0.1:4222"}}, "server 2 of 2"},
		{Config{NATS: []string{"nats://user:secret word@127.0.0.1:4222"}}, "can't be read"},
		{Config{NATS: []string{"nats://"}}, "can't be read"},
		{Config{NATS: []string{"nats://127.0.0.1:4222"}, NATSPrefix: "a.b"}, "the prefix"},
		{Config{NATS: []string{"nats://127.0.0.1:4222"}, NATSPrefix: ">"}, "the prefix"},
		{Config{NATS: []string{"nats://127.0.0.1:4222"}, NATSPrefix: strings.Repeat("x", 300)}, "the prefix"},
		{
			Config{DataDir: "data", ClusterListen: "127.0.0.1:6222", ClusterJoin: []string{"127.0.0.1:6222"}},
			"name the other nodes",
		},
	} {
		test.config.Addr, test.config.AdminAddr = "127.0.0.1:0", adminOff
		_, err := Listen(test.config)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("NATS %q, prefix %q, join %q: %v", test.config.NATS, test.config.NATSPrefix, test.config.ClusterJoin, err)
		}
	}
}
