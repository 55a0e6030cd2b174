package nats_test

import (
	"context"
	"crypto/tls"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/certtest"
	"github.com/taskscheduler/taskscheduler/internal/store/nats"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/route"
)

// TestCertificatesFromFiles let nodes of one authority in; one of another is refused.
func TestCertificatesFromFiles(t *testing.T) {
	authority, other := certtest.NewAuthority(t), certtest.NewAuthority(t)
	all := trio(t)
	for i := range all {
		all[i].Cluster.TLS = fromFiles(t, authority)
	}
	engines := openAll(t, all)
	if got, err := engines[0].Claims().Claim(t.Context(), "x"); err != nil || !got.Mine {
		t.Errorf("%+v, %v", got, err)
	}
	stranger := trio(t)[0]
	stranger.Node, stranger.Cluster.Join, stranger.Cluster.TLS = "stranger", all[0].Cluster.Join, fromFiles(t, other)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	if _, err := nats.Open(ctx, stranger); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a stranger: %v", err)
	}
}

func fromFiles(t *testing.T, authority *certtest.Authority) *tls.Config {
	t.Helper()
	dir := t.TempDir()
	ca, err := os.ReadFile(authority.Write(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	cert, key := authority.Issue(t, "node").Write(t, dir)
	trust, err := route.FromFiles(ca, cert, key)
	if err != nil {
		t.Fatal(err)
	}
	return trust
}
