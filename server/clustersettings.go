package server

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"

	"github.com/taskscheduler/taskscheduler/internal/reload"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/route"
)

// checkCluster finds what is wrong with the settings for several nodes.
func (c *Config) checkCluster() error {
	outside, own := len(c.NATS) > 0, c.ClusterListen != ""
	switch {
	case outside && c.DataDir != "":
		return errors.New("Config.NATS and Config.DataDir exclude each other: NATS servers that run by themselves keep the data where they are")
	case !outside && (c.NATSCredentials != "" || c.NATSNKey != "" || c.NATSCACert != "" || c.NATSCert != ""):
		return errors.New("Config.NATSCredentials, Config.NATSNKey, Config.NATSCACert and Config.NATSCert need Config.NATS")
	case (c.NATSCert == "") != (c.NATSKey == ""):
		return errors.New("Config.NATSCert and Config.NATSKey belong together: set both, or none")
	case !own && (len(c.ClusterJoin) > 0 || c.ClusterSecretFile != "" || c.clusterFiles()):
		return errors.New("Config.ClusterJoin and what goes with it need Config.ClusterListen: the others reach this node there")
	case !own:
		return c.checkOutside()
	case c.DataDir == "":
		return errors.New("Config.ClusterListen needs Config.DataDir: each node keeps a copy of the data there")
	case !slices.ContainsFunc(c.ClusterJoin, func(addr string) bool { return addr != c.ClusterListen }):
		return errors.New("Config.ClusterListen needs Config.ClusterJoin: name the other nodes")
	}
	return c.checkNodes()
}

func (c *Config) checkOutside() error {
	if err := c.outside().Check(); err != nil {
		return fmt.Errorf("Config.NATS: %w", err)
	}
	return nil
}

// clusterFiles tells whether there are certificates by which nodes know each other.
func (c *Config) clusterFiles() bool {
	return c.ClusterCACert != "" || c.ClusterCert != "" || c.ClusterKey != ""
}

func (c *Config) checkNodes() error {
	files := c.clusterFiles()
	switch {
	case files && (c.ClusterCACert == "" || c.ClusterCert == "" || c.ClusterKey == ""):
		return errors.New("Config.ClusterCACert, Config.ClusterCert and Config.ClusterKey belong together: set all, or none")
	case files && c.ClusterSecretFile != "":
		return errors.New("Config.ClusterSecretFile and Config.ClusterCACert exclude each other: choose one way for the nodes to know each other")
	}
	for i, addr := range append([]string{c.ClusterListen}, c.ClusterJoin...) {
		name := "Config.ClusterListen"
		if i > 0 {
			name = "Config.ClusterJoin"
		}
		host, ok := hostOf(addr)
		if !ok || i > 0 && host == "" {
			return fmt.Errorf("%s %q is not an address: write it as host:port, for instance 10.0.0.1:6222", name, addr)
		}
		if !files && c.ClusterSecretFile == "" && !loopback(host) {
			return fmt.Errorf("%s %s can be reached from other machines: set Config.ClusterSecretFile, or Config.ClusterCACert, "+
				"Config.ClusterCert and Config.ClusterKey", name, addr)
		}
	}
	return nil
}

// hostOf returns the host of an address that has a port; ok tells whether it has.
func hostOf(addr string) (host string, ok bool) {
	host, port, err := net.SplitHostPort(addr)
	n, portErr := strconv.Atoi(port)
	return host, err == nil && portErr == nil && n >= 1 && n <= 1<<16-1
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// checkClusterKey says what is wrong when others may read the key. A secret that others
// may read is refused: see clusterTrust.
func (c *Config) checkClusterKey() error {
	if c.ClusterKey == "" {
		return nil
	}
	return reload.CheckSecret("Config.ClusterKey", c.ClusterKey)
}

// clusterTrust returns what nodes know each other by; nil on loopback without any.
func (c *Config) clusterTrust() (*tls.Config, error) {
	switch {
	case c.ClusterSecretFile != "":
		if err := reload.CheckSecret("Config.ClusterSecretFile", c.ClusterSecretFile); err != nil {
			return nil, err
		}
		secret, err := os.ReadFile(c.ClusterSecretFile)
		if err != nil {
			return nil, fmt.Errorf("Config.ClusterSecretFile: %w", err)
		}
		trust, err := route.FromSecret(bytes.TrimSpace(secret)) // whatever an editor has put at its end
		if err != nil {
			return nil, fmt.Errorf("Config.ClusterSecretFile %s: %w", c.ClusterSecretFile, err)
		}
		return trust, nil
	case c.ClusterCACert != "":
		ca, err := os.ReadFile(c.ClusterCACert)
		if err != nil {
			return nil, fmt.Errorf("Config.ClusterCACert: %w", err)
		}
		trust, err := route.FromFiles(ca, c.ClusterCert, c.ClusterKey)
		if err != nil {
			return nil, fmt.Errorf("Config.ClusterCACert %s, Config.ClusterCert %s, Config.ClusterKey %s: %w",
				c.ClusterCACert, c.ClusterCert, c.ClusterKey, err)
		}
		return trust, nil
	}
	return nil, nil //nolint:nilnil // there is none, and none is needed
}
