package server

import (
	"cmp"
	"errors"
	"net"
	"os"
	"runtime/debug"
	"strconv"

	"github.com/taskscheduler/taskscheduler/internal/setting"
)

// limits returns the numbers among the settings that are in force, by name.
func (c *Config) limits() map[string]string {
	limits := make(map[string]string)
	for _, s := range setting.All(c) {
		if s.Unit == setting.Text {
			continue
		}
		limits[s.Name] = s.Value()
		if limits[s.Name] == "0" || limits[s.Name] == "0s" {
			limits[s.Name] = "unlimited"
		}
	}
	return limits
}

// recordedVersion is what the Go toolchain knows of the program's version.
func recordedVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(unknown)"
	}
	return cmp.Or(info.Main.Version, "(unknown)")
}

var errStopping = errors.New("the server is shutting down")

// refuse makes the server refuse new tasks, or take them again, and its health
// say so. Once it is shutting down it refuses for good.
func (s *Server) refuse(refuse bool) error {
	if !s.health.turn(refuse, s.scheduler.Pause) {
		return errStopping
	}
	s.announce()
	if refuse && s.cluster != nil {
		s.handOver()
	}
	return nil
}

// nodeID returns the name of a server that listens on addr: the address, or
// host name and port when it is unspecified, or on loopback and one of several nodes,
// which others on other machines may have as well.
func nodeID(addr net.Addr, several bool) string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() && (!several || !tcp.IP.IsLoopback()) {
		return addr.String()
	}
	host, err := os.Hostname()
	if err != nil {
		return addr.String()
	}
	return net.JoinHostPort(host, strconv.Itoa(tcp.Port))
}
