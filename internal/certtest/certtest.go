// Package certtest makes certificates for tests: authorities, and what they
// sign for servers on the loopback and for clients.
package certtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// lifetime is how long certificates last, before and after now.
const lifetime = time.Hour

// An Authority signs certificates.
type Authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  []byte
}

// NewAuthority returns an authority of its own, which nothing else trusts.
func NewAuthority(tb testing.TB) *Authority {
	tb.Helper()
	template := template(tb, "certtest authority", time.Now().Add(lifetime))
	template.IsCA = true
	template.BasicConstraintsValid = true
	template.KeyUsage = x509.KeyUsageCertSign
	key := newKey(tb)
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		tb.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		tb.Fatal(err)
	}
	return &Authority{cert: cert, key: key, pem: encode("CERTIFICATE", der)}
}

// Pool returns a pool that holds the authority alone.
func (a *Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

// Write writes the authority's certificate into dir and returns the file's name.
func (a *Authority) Write(tb testing.TB, dir string) string {
	tb.Helper()
	return write(tb, filepath.Join(dir, "ca.pem"), a.pem)
}

// A Pair is a certificate and its key, in PEM.
type Pair struct{ Cert, Key []byte }

// Issue returns a certificate for 127.0.0.1, ::1 and localhost, good for
// servers and clients, whose common name is name.
func (a *Authority) Issue(tb testing.TB, name string) Pair {
	tb.Helper()
	return a.IssueUntil(tb, name, time.Now().Add(lifetime))
}

// IssueUntil is [Authority.Issue] with an end, which may be in the past.
func (a *Authority) IssueUntil(tb testing.TB, name string, end time.Time) Pair {
	tb.Helper()
	template := template(tb, name, end)
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	template.DNSNames = []string{"localhost"}
	template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	key := newKey(tb)
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		tb.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		tb.Fatal(err)
	}
	return Pair{Cert: encode("CERTIFICATE", der), Key: encode("PRIVATE KEY", keyDER)}
}

// TLS returns the pair as crypto/tls wants it.
func (p Pair) TLS(tb testing.TB) tls.Certificate {
	tb.Helper()
	pair, err := tls.X509KeyPair(p.Cert, p.Key)
	if err != nil {
		tb.Fatal(err)
	}
	return pair
}

// Write writes the pair into dir as cert.pem and key.pem, over those that are
// there, and returns the files' names.
func (p Pair) Write(tb testing.TB, dir string) (certFile, keyFile string) {
	tb.Helper()
	return write(tb, filepath.Join(dir, "cert.pem"), p.Cert), write(tb, filepath.Join(dir, "key.pem"), p.Key)
}

func template(tb testing.TB, name string, end time.Time) *x509.Certificate {
	tb.Helper()
	const serialBits = 127 // X.509 allows 20 bytes
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), serialBits))
	if err != nil {
		tb.Fatal(err)
	}
	return &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    end.Add(-2 * lifetime),
		NotAfter:     end,
	}
}

func newKey(tb testing.TB) *ecdsa.PrivateKey {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	return key
}

func encode(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func write(tb testing.TB, file string, content []byte) string {
	tb.Helper()
	if err := os.WriteFile(file, content, 0o600); err != nil {
		tb.Fatal(err)
	}
	return file
}
