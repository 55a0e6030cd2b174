package server

import (
	"net"
	"os"
	"strconv"
)

// nodeID returns the name of a server that listens on addr: the address, or
// host name and port when it is unspecified.
func nodeID(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return addr.String()
	}
	host, err := os.Hostname()
	if err != nil {
		return addr.String()
	}
	return net.JoinHostPort(host, strconv.Itoa(tcp.Port))
}
