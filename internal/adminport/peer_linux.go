package adminport

import (
	"fmt"
	"net"
	"syscall"
)

// userOf returns who is at the other end of a socket, or "".
func userOf(socket *net.UnixConn) string {
	raw, err := socket.SyscallConn()
	if err != nil {
		return ""
	}
	var user string
	err = raw.Control(func(fd uintptr) {
		if peer, err := syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED); err == nil {
			user = fmt.Sprintf("uid %d, pid %d", peer.Uid, peer.Pid)
		}
	})
	if err != nil {
		return ""
	}
	return user
}
