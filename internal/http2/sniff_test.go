package http2_test

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	xhttp2 "golang.org/x/net/http2"

	"github.com/taskscheduler/taskscheduler/internal/certtest"
	"github.com/taskscheduler/taskscheduler/internal/http2"
)

// aboutRequest answers with what a request is said to be.
var aboutRequest = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	server, _ := r.Context().Value(http.ServerContextKey).(*http.Server)
	secure := "plain"
	if r.TLS != nil {
		secure = r.TLS.NegotiatedProtocol
	}
	if local == nil || server == nil || r.RemoteAddr == "" {
		http.Error(w, "no context", http.StatusInternalServerError)
		return
	}
	_, _ = io.WriteString(w, r.Proto+" "+secure)
})

func TestOnePortTwoProtocols(t *testing.T) {
	s := serveTest(t, &http.Server{Handler: aboutRequest}, http2.Options{})
	for _, version := range []int{1, 2} {
		client := plainClient(t)
		client.Transport.(*http.Transport).Protocols.SetHTTP1(version == 1)
		client.Transport.(*http.Transport).Protocols.SetUnencryptedHTTP2(version == 2)
		response, err := client.Get("http://" + s.addr)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := body(t, response), []string{"", "HTTP/1.1 plain", "HTTP/2.0 plain"}[version]; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestTLS(t *testing.T) {
	authority := certtest.NewAuthority(t)
	hs := &http.Server{
		Handler: aboutRequest,
		TLSConfig: &tls.Config{
			Certificates: []tls.Certificate{authority.Issue(t, "server").TLS(t)},
			CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA},
		},
	}
	s := serveTest(t, hs, http2.Options{})
	for version, want := range map[int]string{1: "HTTP/1.1 ", 2: "HTTP/2.0 h2"} {
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: authority.Pool()}, Protocols: new(http.Protocols)}
		transport.Protocols.SetHTTP1(version == 1)
		transport.Protocols.SetHTTP2(version == 2)
		t.Cleanup(transport.CloseIdleConnections)
		response, err := (&http.Client{Transport: transport}).Get("https://" + s.addr)
		if err != nil {
			t.Fatal(err)
		}
		if got := body(t, response); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	weak, err := tls.Dial("tcp", s.addr, &tls.Config{
		RootCAs: authority.Pool(), NextProtos: []string{"h2"}, MaxVersion: tls.VersionTLS12,
		CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer weak.Close()
	_, _ = io.WriteString(weak, xhttp2.ClientPreface)
	framer := xhttp2.NewFramer(weak, weak)
	for {
		frame, err := framer.ReadFrame()
		if err != nil {
			t.Fatal(err)
		}
		if away, ok := frame.(*xhttp2.GoAwayFrame); ok {
			if away.ErrCode != xhttp2.ErrCodeInadequateSecurity {
				t.Errorf("GOAWAY %v", away.ErrCode)
			}
			break
		}
	}
}

// Connections that say nothing, or not enough, keep nobody waiting and are
// closed some time.
func TestSilentConnections(t *testing.T) {
	s := serveTest(t, &http.Server{Handler: aboutRequest, ReadHeaderTimeout: 500 * time.Millisecond}, http2.Options{})
	var silent []net.Conn
	for _, begin := range []string{"", "P", "PRI * HT", xhttp2.ClientPreface} {
		conn, err := net.Dial("tcp", s.addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		_, _ = io.WriteString(conn, begin)
		silent = append(silent, conn)
	}
	client := plainClient(t)
	response, err := client.Get("http://" + s.addr)
	if err != nil {
		t.Fatal(err)
	}
	body(t, response)
	for _, conn := range silent {
		_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
		if _, err := io.Copy(io.Discard, conn); isTimeout(err) {
			t.Error("a silent connection stays")
		}
	}
}

// A preface in pieces is one all the same; what only begins like it isn't.
func TestPrefaceInPieces(t *testing.T) {
	s := serveTest(t, &http.Server{Handler: aboutRequest}, http2.Options{})
	client, server := net.Pipe() // writes of a pipe are reads of the other end
	go s.ServeConn(server)
	framer := xhttp2.NewFramer(client, client)
	go func() {
		for i := range xhttp2.ClientPreface {
			_, _ = io.WriteString(client, xhttp2.ClientPreface[i:i+1])
		}
		_ = framer.WriteSettings()
	}()
	for {
		frame, err := framer.ReadFrame()
		if err != nil {
			t.Fatal(err)
		}
		if settings, ok := frame.(*xhttp2.SettingsFrame); ok && settings.IsAck() {
			break
		}
	}
	client.Close()

	conn, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = io.WriteString(conn, "PRI / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	answer, err := io.ReadAll(conn)
	if err != nil || len(answer) == 0 || string(answer[:8]) != "HTTP/1.1" {
		t.Errorf("%q %v", answer, err)
	}
}
