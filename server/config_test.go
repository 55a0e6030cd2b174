package server

import (
	"cmp"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/certtest"
	"github.com/taskscheduler/taskscheduler/internal/setting"
	"github.com/taskscheduler/taskscheduler/loader"
)

func TestListenSaysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	authority := certtest.NewAuthority(t)
	cert, key := authority.Issue(t, "server").Write(t, dir)
	sub := func(name string) string {
		path := filepath.Join(dir, name)
		if err := os.Mkdir(path, 0o700); err != nil {
			t.Fatal(err)
		}
		return path
	}
	_, otherKey := authority.Issue(t, "other").Write(t, sub("other"))
	expiredCert, expiredKey := authority.IssueUntil(t, "server", time.Now().Add(-time.Minute)).Write(t, sub("expired"))
	earlyCert, earlyKey := authority.IssueUntil(t, "server", time.Now().Add(24*time.Hour)).Write(t, sub("early"))
	garbage := filepath.Join(dir, "garbage.pem")
	if err := os.WriteFile(garbage, []byte("garbage"), 0o600); err != nil {
		t.Fatal(err)
	}
	taken := listenTest(t, Config{})
	serve(t, taken)
	missing := filepath.Join(dir, "missing.pem")

	for _, test := range []struct {
		name string
		cfg  Config
		want []string
	}{
		{"negative limit", Config{MaxPendingTasks: -1}, []string{"Config.MaxPendingTasks"}},
		{"a long look back", Config{HistoryCapacity: 1_000_001}, []string{"Config.HistoryCapacity 1000001", "at most 1000000"}},
		{"a long look back on failures", Config{HistoryFailures: 1_000_001}, []string{"Config.HistoryFailures", "at most 1000000"}},
		{"negative time", Config{DrainTimeout: -1}, []string{"Config.DrainTimeout"}},
		{"no port", Config{Addr: "127.0.0.1"}, []string{"Config.Addr", `"127.0.0.1"`, "host:port"}},
		{"no such port", Config{Addr: "127.0.0.1:99999"}, []string{"Config.Addr", "99999"}},
		{"not this machine", Config{Addr: "192.0.2.1:0"}, []string{"Config.Addr", "192.0.2.1"}},
		{"port in use", Config{Addr: taken.Addr().String()}, []string{"Config.Addr", taken.Addr().String(), "in use"}},
		{"certificate without key", Config{TLSCert: cert}, []string{"Config.TLSKey"}},
		{"key without certificate", Config{TLSKey: key}, []string{"Config.TLSCert"}},
		{"authority alone", Config{TLSCACert: cert}, []string{"Config.TLSCert", "Config.TLSKey"}},
		{"missing certificate", Config{TLSCert: missing, TLSKey: key}, []string{"Config.TLSCert", missing}},
		{"missing key", Config{TLSCert: cert, TLSKey: missing}, []string{"Config.TLSKey", missing}},
		{"missing authority", Config{TLSCert: cert, TLSKey: key, TLSCACert: missing}, []string{"Config.TLSCACert", missing}},
		{"another's key", Config{TLSCert: cert, TLSKey: otherKey}, []string{"Config.TLSCert", cert, "Config.TLSKey", otherKey, "fit"}},
		{"no certificate in it", Config{TLSCert: garbage, TLSKey: key}, []string{"Config.TLSCert", garbage}},
		{"no key in it", Config{TLSCert: cert, TLSKey: garbage}, []string{"Config.TLSKey", garbage}},
		{"no authority in it", Config{TLSCert: cert, TLSKey: key, TLSCACert: garbage}, []string{"Config.TLSCACert", garbage}},
		{"expired", Config{TLSCert: expiredCert, TLSKey: expiredKey}, []string{"Config.TLSCert", expiredCert, "expired on"}},
		{"not valid yet", Config{TLSCert: earlyCert, TLSKey: earlyKey}, []string{"Config.TLSCert", earlyCert, "not valid before"}},
		{"origin with a path", Config{CORSOrigins: []string{"https://example.com/"}}, []string{"Config.CORSOrigins", "https://example.com/"}},
		{"origin without scheme", Config{CORSOrigins: []string{"example.com"}}, []string{"Config.CORSOrigins", "example.com"}},
		{"every origin by its scheme", Config{CORSOrigins: []string{"http://*"}}, []string{"Config.CORSOrigins", "every site"}},
		{"origin of a name's end", Config{CORSOrigins: []string{"https://*example.com"}}, []string{"others' sites"}},
		{"header that is none", Config{CORSHeaders: []string{"a b"}}, []string{"Config.CORSHeaders", "a b"}},
		{"origin with two stars", Config{CORSOrigins: []string{"https://*.*.com"}}, []string{"Config.CORSOrigins"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.cfg.Addr == "" {
				test.cfg.Addr = "127.0.0.1:0"
			}
			if test.cfg.AdminAddr == "" {
				test.cfg.AdminAddr = adminOff
			}
			s, err := Listen(test.cfg)
			if err == nil {
				s.clients.listener.Close()
				t.Fatal("Listen succeeded")
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("the error has several lines: %v", err)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q lacks %q", err, want)
				}
			}
		})
	}
}

func TestOrigins(t *testing.T) {
	for _, origin := range []string{"*", "https://example.com", "http://localhost:3000", "https://*.example.com"} {
		cfg := Config{Addr: "127.0.0.1:0", AdminAddr: adminOff, CORSOrigins: []string{origin}}.withDefaults()
		if err := cfg.check(); err != nil {
			t.Errorf("%s: %v", origin, err)
		}
	}
}

func TestNodeID(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	loopback := "127.0.0.1"
	if mode := os.Getenv(testMode); strings.Contains(mode, "nats") || strings.Contains(mode, "nodes") {
		loopback = host // on which each machine's nodes may listen
	}
	for _, test := range []struct{ addr, id, prefix string }{
		{"127.0.0.1:0", "", loopback + ":"},
		{":0", "", host + ":"},
		{"0.0.0.0:0", "", host + ":"},
		{"127.0.0.1:0", "node-7", "node-7"},
	} {
		s := listenTest(t, Config{Addr: test.addr, NodeID: test.id})
		serve(t, s)
		if !strings.HasPrefix(s.nodeID, test.prefix) || strings.HasSuffix(s.nodeID, ":0") {
			t.Errorf("Addr %q, NodeID %q: the node is %q, want %s…", test.addr, test.id, s.nodeID, test.prefix)
		}
	}
}

// The loader has users of its own, so it says its defaults itself.
func TestTheLoaderHasTheSameDefaults(t *testing.T) {
	own := make(map[string]string)
	for _, s := range setting.All(new(Config)) {
		own[s.Field] = s.Default
	}
	of := setting.All(new(loader.Config))
	for _, s := range of {
		if want := cmp.Or(own["Plugin"+s.Field], own[s.Field]); s.Default != want {
			t.Errorf("the loader's %s is %s, the server's %s", s.Field, s.Default, want)
		}
	}
	if len(of) == 0 {
		t.Error("the loader has no settings")
	}
}
