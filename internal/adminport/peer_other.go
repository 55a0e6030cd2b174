//go:build !linux

package adminport

import "net"

// userOf returns who is at the other end of a socket, or "".
func userOf(*net.UnixConn) string { return "" }
