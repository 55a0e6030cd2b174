package server

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/datadir"
	"github.com/taskscheduler/taskscheduler/internal/reload"
	"github.com/taskscheduler/taskscheduler/loader"
)

// A Finding is what [Check] says of one part of a configuration.
type Finding struct {
	// Part is what was looked at: "settings", "certificate", "plugin math".
	Part string
	// Note says what it is, in a few words.
	Note string
	// Err is what is wrong, in a line that says what to do; nil: nothing.
	Err error
	// Fatal: no server would start.
	Fatal bool
}

// Check looks at all that a server with this configuration would need: settings,
// certificates, tokens, who could reach which address, and the plugins, each of
// which is loaded in a process of its own and unloaded. It listens nowhere and
// changes nothing. Part by part it tells what it found.
func Check(ctx context.Context, cfg Config) []Finding {
	BecomePlugin()
	cfg = cfg.withDefaults()
	c := &checker{config: &cfg, now: time.Now()}
	c.settings()
	c.certificate("certificate", cfg.tls())
	if cfg.AdminAddr != adminOff {
		c.certificate("admin certificate", cfg.adminTLS())
		c.admin()
	}
	if cfg.DataDir != "" {
		err := datadir.CheckNew(cfg.DataDir)
		if err != nil {
			err = fmt.Errorf("Config.DataDir: %w", err)
		}
		c.add("data", "in "+cfg.DataDir, err, true)
	}
	c.cluster()
	c.plugins(ctx)
	return c.findings
}

// cluster looks at what the nodes know each other by.
func (c *checker) cluster() {
	if c.config.ClusterListen == "" || c.config.checkCluster() != nil {
		return // settings has told
	}
	_, err := c.config.clusterTrust()
	c.add("cluster", "at "+c.config.ClusterListen, err, true)
	if err := c.config.checkClusterKey(); err != nil {
		c.add("cluster", "", err, false)
	}
}

// A checker collects findings.
type checker struct {
	config   *Config
	now      time.Time
	findings []Finding
}

func (c *checker) add(part, note string, err error, fatal bool) {
	c.findings = append(c.findings, Finding{part, note, err, err != nil && fatal})
}

func (c *checker) settings() {
	before := len(c.findings)
	for _, check := range c.config.checks() {
		if err := check(); err != nil {
			c.add("settings", "", err, true)
		}
	}
	c.address("Config.Addr", c.config.Addr)
	c.address("Config.ProbeAddr", c.config.ProbeAddr)
	if len(c.findings) == before {
		c.add("settings", "", nil, false)
	}
}

// address finds names and ports that there are not.
func (c *checker) address(setting, addr string) {
	if _, _, err := net.SplitHostPort(addr); err != nil {
		return // it has been told, or there is none
	}
	if _, err := net.ResolveTCPAddr("tcp", addr); err != nil {
		c.add("settings", "", fmt.Errorf("%s %q is no address of this machine: %w", setting, addr, err), true)
	}
}

// expiresSoon is how long before its end a certificate is worth a word.
const expiresSoon = 14 * 24 * time.Hour

// certificate looks at the files of one listener's TLS.
func (c *checker) certificate(part string, files tlsFiles) {
	if files.cert == "" || files.key == "" {
		return // settings has told what is missing, if anything is
	}
	if pair, err := loadPair(files, c.now); err != nil {
		c.add(part, "", err, true)
	} else {
		names := slices.Concat(pair.Leaf.DNSNames, addresses(pair.Leaf.IPAddresses))
		note := fmt.Sprintf("for %s, until %s", strings.Join(names, ", "), pair.Leaf.NotAfter.Format(time.DateOnly))
		life := pair.Leaf.NotAfter.Sub(pair.Leaf.NotBefore)
		if left := pair.Leaf.NotAfter.Sub(c.now); left < min(expiresSoon, life/5) { // some live for an hour, as a rule
			err = fmt.Errorf("%sCert: %s expires on %s: renew it",
				files.setting, files.cert, pair.Leaf.NotAfter.Format(time.RFC3339))
		}
		c.add(part, note, err, false)
	}
	if err := reload.CheckSecret(files.setting+"Key", files.key); err != nil {
		c.add(part, "", err, false)
	}
	if files.ca == "" {
		return
	}
	if _, err := loadAuthorities(files); err != nil {
		c.add(part, "", err, true)
		return
	}
	c.authorities(part, files)
}

// authorities tells of those whose time is over: none of their certificates counts.
func (c *checker) authorities(part string, files tlsFiles) {
	text, err := os.ReadFile(files.ca)
	if err != nil {
		return // it was read a moment ago
	}
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		authority, err := x509.ParseCertificate(block.Bytes)
		if err == nil && c.now.After(authority.NotAfter) {
			c.add(part, "", fmt.Errorf("%sCACert: in %s, %s expired on %s: clients with its certificates are not let in",
				files.setting, files.ca, authority.Subject, authority.NotAfter.Format(time.RFC3339)), false)
		}
	}
}

func addresses(ips []net.IP) []string {
	texts := make([]string, len(ips))
	for i, ip := range ips {
		texts[i] = ip.String()
	}
	return texts
}

// admin looks at who could get in as an operator.
func (c *checker) admin() {
	config := c.config.adminConfig()
	if config.Check() != nil {
		return // settings has told
	}
	if c.config.AdminTLSCert != "" {
		config.TLS = baseTLSConfig()
		if c.config.AdminTLSCACert != "" {
			config.TLS.ClientAuth = tls.RequireAndVerifyClientCert
		}
	}
	tokens, short, err := config.CheckFiles()
	note := "at " + config.Addr
	if tokens > 0 {
		note += fmt.Sprintf(", %d tokens", tokens)
	}
	c.add("admin", note, err, true)
	for _, name := range short {
		c.add("admin", "", fmt.Errorf("Config.AdminTokenFile: the token %s is short enough to be guessed: "+
			"make it one of 16 characters or more, for instance with openssl rand -hex 16", name), false)
	}
}

// plugins loads each, as a server would.
func (c *checker) plugins(ctx context.Context) {
	for found, err := range loader.CheckAll(ctx, c.config.loader()) {
		part := "plugins"
		if found.File != "" {
			part = "plugin " + found.Name
		}
		note := ""
		if err == nil {
			note = fmt.Sprintf("%s, %d tasks", found.File, len(found.Tasks))
		}
		c.add(part, note, err, false)
	}
}
