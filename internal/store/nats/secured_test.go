package nats_test

import (
	"context"
	"crypto/tls"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"

	"github.com/taskscheduler/taskscheduler/internal/certtest"
	"github.com/taskscheduler/taskscheduler/internal/logtest"
	"github.com/taskscheduler/taskscheduler/internal/store"
	"github.com/taskscheduler/taskscheduler/internal/store/nats"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/natstest"
)

// A secured server lets those in who prove who they are.
type secured struct {
	change func(*server.Options)
	right  nats.Outside // its URLs may have a user where HOST stands for the rest
	wrong  []refused
}

// refused is one whom the server doesn't let in.
type refused struct {
	nats.Outside

	name    string
	want    string
	secrets []string
}

// TestSecuredServers let those in who have the right credentials. Others are told what
// is wrong, and neither an error nor the log shows a secret.
func TestSecuredServers(t *testing.T) {
	for name, prepare := range map[string]func(*testing.T) secured{
		"password": withPassword, "token": withToken, "NKey": withNKey, "credentials": withCredentials, "certificate": withCertificate,
	} {
		t.Run(name, func(t *testing.T) {
			s := prepare(t)
			cluster := natstest.Start(t, 1, func(o *server.Options) { large(o); s.change(o) })
			at := strings.TrimPrefix(strings.TrimPrefix(cluster.URLs()[0], "nats://"), "tls://")
			results := open(t, as(&s.right, at, slog.New(slog.DiscardHandler))).Results()
			o := store.Outcome{State: store.Succeeded, Result: "1"}
			if got, err := results.Create(t.Context(), "x", o); err != nil || got != o {
				t.Errorf("the right one: %+v, %v", got, err)
			}
			for _, w := range s.wrong {
				var log logtest.Buffer
				ctx, cancel := context.WithTimeout(t.Context(), backstop)
				_, err := nats.Open(ctx, as(&w.Outside, at, log.Logger(slog.LevelDebug)))
				cancel()
				if err == nil || !strings.Contains(err.Error(), w.want) {
					t.Errorf("%s: %v; want %q", w.name, err, w.want)
				}
				for _, secret := range w.secrets {
					if err != nil && strings.Contains(err.Error(), secret) || strings.Contains(log.String(), secret) {
						t.Errorf("%s: the secret %q is shown: %v\n%s", w.name, secret, err, log.String())
					}
				}
			}
		})
	}
}

// as returns the settings of a node that uses a server in this way.
func as(o *nats.Outside, at string, logger *slog.Logger) nats.Config {
	use := *o
	if len(use.URLs) == 0 {
		use.URLs = []string{"nats://HOST"}
	}
	use.URLs = []string{strings.Replace(use.URLs[0], "HOST", at, 1)}
	return nats.Config{
		Outside: &use, Node: "a", Lease: 10 * time.Second, MaxMessage: 5 << 20, TTL: time.Hour, Capacity: 1000, Logger: logger,
	}
}

const refuses = "they refuse this node"

func withPassword(*testing.T) secured {
	return secured{
		change: func(o *server.Options) { o.Username, o.Password = "user", "right" },
		right:  nats.Outside{URLs: []string{"nats://user:right@HOST"}},
		wrong: []refused{
			{nats.Outside{URLs: []string{"nats://user:another@HOST"}}, "another password", refuses, []string{"another"}},
			{nats.Outside{}, "nothing", refuses, nil},
			{nats.Outside{URLs: []string{"nats://user:100%another@HOST"}}, "what is no URL", "can't be read", []string{"another"}},
		},
	}
}

func withToken(*testing.T) secured {
	return secured{
		change: func(o *server.Options) { o.Authorization = "right" },
		right:  nats.Outside{URLs: []string{"right@HOST"}},
		wrong:  []refused{{nats.Outside{URLs: []string{"nats://another@HOST"}}, "another token", refuses, []string{"another"}}},
	}
}

func withNKey(t *testing.T) secured {
	t.Helper()
	right, other := newKey(t, nkeys.CreateUser), newKey(t, nkeys.CreateUser)
	damaged := writeSecret(t, []byte(strings.Replace(string(other.seed), "U", "X", 1)))
	secrets := []string{string(other.seed)}
	return secured{
		change: func(o *server.Options) { o.Nkeys = []*server.NkeyUser{{Nkey: right.public}} },
		right:  nats.Outside{NKey: writeSecret(t, right.seed)},
		wrong: []refused{
			{nats.Outside{NKey: writeSecret(t, other.seed)}, "another key", refuses, secrets},
			{nats.Outside{}, "nothing", refuses, nil},
			{nats.Outside{NKey: damaged}, "a damaged one", damaged, []string{string(other.seed[4:])}},
			{nats.Outside{NKey: "nowhere"}, "no file", "nowhere", nil},
		},
	}
}

func withCredentials(t *testing.T) secured {
	t.Helper()
	operator, account, system := newKey(t, nkeys.CreateOperator), newKey(t, nkeys.CreateAccount), newKey(t, nkeys.CreateAccount)
	claims := jwt.NewAccountClaims(account.public)
	claims.Limits.JetStreamLimits = jwt.JetStreamLimits{DiskStorage: jwt.NoLimit, Streams: jwt.NoLimit, Consumer: jwt.NoLimit}
	accounts := &server.MemAccResolver{}
	for _, c := range []*jwt.AccountClaims{claims, jwt.NewAccountClaims(system.public)} {
		if err := accounts.Store(c.Subject, encodeClaims(t, c, operator)); err != nil {
			t.Fatal(err)
		}
	}
	stranger := newKey(t, nkeys.CreateAccount)
	right, _ := credentials(t, account, time.Time{})
	other, otherSeed := credentials(t, stranger, time.Time{})
	expired, expiredSeed := credentials(t, account, time.Now().Add(-time.Hour))
	empty := writeSecret(t, []byte("nothing of this"))
	return secured{
		change: func(o *server.Options) {
			o.TrustedKeys, o.SystemAccount, o.AccountResolver = []string{operator.public}, system.public, accounts
		},
		right: nats.Outside{Credentials: right},
		wrong: []refused{
			{nats.Outside{Credentials: other}, "those of another account", refuses, []string{otherSeed}},
			{nats.Outside{Credentials: expired}, "expired ones", refuses, []string{expiredSeed}},
			{nats.Outside{}, "nothing", refuses, nil},
			{nats.Outside{Credentials: empty}, "a file of something else", empty, []string{"nothing of this"}},
			{nats.Outside{Credentials: "nowhere"}, "no file", "nowhere", nil},
		},
	}
}

func withCertificate(t *testing.T) secured {
	t.Helper()
	authority, stranger := certtest.NewAuthority(t), certtest.NewAuthority(t)
	dir := t.TempDir()
	ca := authority.Write(t, dir)
	cert, key := authority.Issue(t, "node").Write(t, dir)
	otherDir := t.TempDir()
	otherCert, otherKey := stranger.Issue(t, "node").Write(t, otherDir)
	return secured{
		change: func(o *server.Options) {
			o.TLS, o.TLSVerify, o.TLSTimeout = true, true, 5
			o.TLSConfig = &tls.Config{
				MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{authority.Issue(t, "server").TLS(t)},
				ClientCAs: authority.Pool(), ClientAuth: tls.RequireAndVerifyClientCert,
			}
		},
		right: nats.Outside{CA: ca, Cert: cert, Key: key},
		wrong: []refused{
			{nats.Outside{CA: ca, Cert: otherCert, Key: otherKey}, "the certificate of another authority", refuses, nil},
			{nats.Outside{CA: ca}, "no certificate", refuses, nil},
			{nats.Outside{Cert: cert, Key: key}, "no authority", "not of an authority that is known here", nil},
			{nats.Outside{CA: ca, Cert: cert, Key: otherKey}, "another's key", "private key does not match", nil},
		},
	}
}

// key is an NKey.
type key struct {
	pair   nkeys.KeyPair
	public string
	seed   []byte
}

func newKey(t *testing.T, create func() (nkeys.KeyPair, error)) (k key) {
	t.Helper()
	var err error
	if k.pair, err = create(); err != nil {
		t.Fatal(err)
	}
	if k.public, err = k.pair.PublicKey(); err != nil {
		t.Fatal(err)
	}
	if k.seed, err = k.pair.Seed(); err != nil {
		t.Fatal(err)
	}
	return k
}

func encodeClaims(t *testing.T, c jwt.Claims, by key) string {
	t.Helper()
	text, err := c.Encode(by.pair)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// credentials returns a file with a user's, and the secret in it.
func credentials(t *testing.T, account key, end time.Time) (file, seed string) {
	t.Helper()
	user := newKey(t, nkeys.CreateUser)
	claims := jwt.NewUserClaims(user.public)
	if !end.IsZero() {
		claims.Expires = end.Unix()
	}
	text, err := jwt.FormatUserConfig(encodeClaims(t, claims, account), user.seed)
	if err != nil {
		t.Fatal(err)
	}
	return writeSecret(t, text), string(user.seed)
}

func writeSecret(t *testing.T, text []byte) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
