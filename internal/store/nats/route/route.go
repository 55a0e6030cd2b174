// Package route makes the certificates by which the servers of a cluster know each
// other.
package route

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"time"
)

// leastSecret is how many bytes a secret has at least.
const leastSecret = 32

// name is what a node's certificate is for: any node, wherever it is.
const name = "node.task-scheduler.internal"

// purpose tells the key that is made here from others of the same secret.
const purpose = "task-scheduler cluster authority 1"

// FromSecret returns settings by which those who know the same secret accept each
// other, and nobody else: each makes of it the key of one authority, and has that
// sign a certificate of its own. Nothing of the secret is sent.
func FromSecret(secret []byte) (*tls.Config, error) {
	if len(secret) < leastSecret {
		return nil, fmt.Errorf("the secret has %d bytes, fewer than %d: make one by openssl rand -base64 48", len(secret), leastSecret)
	}
	seed, err := hkdf.Key(sha256.New, secret, nil, purpose, ed25519.SeedSize)
	if err != nil {
		return nil, err
	}
	authority := ed25519.NewKeyFromSeed(seed)
	begin, end := years()
	above := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: purpose}, NotBefore: begin, NotAfter: end,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	own := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: begin, NotAfter: end, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	aboveBytes, err := x509.CreateCertificate(rand.Reader, above, above, authority.Public(), authority)
	if err != nil {
		return nil, err
	}
	if above, err = x509.ParseCertificate(aboveBytes); err != nil {
		return nil, err
	}
	ownBytes, err := x509.CreateCertificate(rand.Reader, own, above, public, authority)
	if err != nil {
		return nil, err
	}
	all := x509.NewCertPool()
	all.AddCert(above)
	config := mutual(tls.Certificate{Certificate: [][]byte{ownBytes}, PrivateKey: private}, all)
	config.ServerName = name
	return config, nil
}

// years are when certificates are good: they live as long as their processes, whose
// clocks may be wrong.
func years() (begin, end time.Time) {
	return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
}

// FromFiles returns settings by which those accept each other whose certificates are
// of an authority in the PEM file ca. A certificate has the name by which the others
// reach its node, and is for servers and for clients.
func FromFiles(ca []byte, cert, key string) (*tls.Config, error) {
	all := x509.NewCertPool()
	if !all.AppendCertsFromPEM(ca) {
		return nil, errors.New("there is no authority's certificate")
	}
	own, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return nil, err
	}
	return mutual(own, all), nil
}

func mutual(own tls.Certificate, all *x509.CertPool) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{own},
		RootCAs: all, ClientCAs: all, ClientAuth: tls.RequireAndVerifyClientCert,
	}
}
