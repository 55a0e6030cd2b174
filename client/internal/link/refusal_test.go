package link

import (
	"crypto/tls"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestRefusal: whoever comes without the certificate that a server wants is told so,
// also when net/http has nothing to tell but that there is no connection.
func TestRefusal(t *testing.T) {
	t.Parallel()
	lost := errors.New("http2: " + notEstablished)
	for wanted, sign := range map[tls.ClientAuthType]string{
		tls.RequireAnyClientCert: "certificate required",
		tls.NoClientCert:         notEstablished,
	} {
		s := httptest.NewUnstartedServer(http.NotFoundHandler())
		s.EnableHTTP2 = true
		s.TLS = &tls.Config{ClientAuth: wanted}
		s.StartTLS()
		t.Cleanup(s.Close)
		trust := s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
		l := New(Config{Addr: s.Listener.Addr().String(), TLS: &tls.Config{RootCAs: trust}, ConnectTimeout: time.Minute})
		if err := l.refusal(t.Context(), lost); !strings.HasSuffix(err.Error(), sign) {
			t.Errorf("%v: got %v, want %s", wanted, err, sign)
		}
		if err := l.refusal(t.Context(), http.ErrServerClosed); !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("another error became %v", err)
		}
		l.Close()
	}
}
