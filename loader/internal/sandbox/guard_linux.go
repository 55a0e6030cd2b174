package sandbox

import (
	"net"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A notification is the kernel's struct seccomp_notif.
type notification struct {
	id           uint64
	pid, flags   uint32
	call         int32
	architecture uint32
	instruction  uint64
	arguments    [6]uint64
}

// A response is the kernel's struct seccomp_notif_resp.
type response struct {
	id    uint64
	value int64
	error int32
	flags uint32
}

// ServeClones asks admit whenever the process at the other end of the socket
// wants to start a thread or a process, until the socket or the process is gone.
// Closing the socket ends it before the process has told where to listen; stop,
// when closed, ends it at any time.
func ServeClones(socket *net.UnixConn, stop <-chan struct{}, admit func() bool) {
	listener := receiveListener(socket)
	if listener == nil {
		return
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		serveClones(listener, admit)
	}()
	select {
	case <-served:
	case <-stop:
	}
	_ = listener.Close() // the process is gone
	<-served
}

// receiveListener returns nil when the process says nothing.
func receiveListener(socket *net.UnixConn) *os.File {
	control := make([]byte, unix.CmsgSpace(4))
	_, n, flags, _, err := socket.ReadMsgUnix(make([]byte, 1), control)
	if err != nil || flags&unix.MSG_CTRUNC != 0 {
		return nil
	}
	messages, err := unix.ParseSocketControlMessage(control[:n])
	if err != nil || len(messages) != 1 {
		return nil
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil || len(fds) != 1 {
		return nil
	}
	unix.CloseOnExec(fds[0])
	if err := unix.SetNonblock(fds[0], true); err != nil {
		_ = unix.Close(fds[0])
		return nil
	}
	return os.NewFile(uintptr(fds[0]), "clones")
}

func serveClones(listener *os.File, admit func() bool) {
	raw, err := listener.SyscallConn()
	if err != nil {
		return
	}
	for over := false; !over && err == nil; {
		err = raw.Read(func(fd uintptr) bool {
			ready := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
			if n, _ := unix.Poll(ready, 0); n == 0 { // to receive would wait, whatever the file's mode
				return false
			}
			if over = ready[0].Revents&unix.POLLIN == 0; !over {
				answerClone(fd, admit)
			}
			return true
		})
	}
}

func answerClone(fd uintptr, admit func() bool) {
	var asked notification
	if !control(fd, unix.SECCOMP_IOCTL_NOTIF_RECV, unsafe.Pointer(&asked)) {
		return // the process that asked has ended
	}
	answer := response{id: asked.id, flags: unix.SECCOMP_USER_NOTIF_FLAG_CONTINUE}
	if !admit() {
		answer = response{id: asked.id, error: -int32(unix.EAGAIN)}
	}
	control(fd, unix.SECCOMP_IOCTL_NOTIF_SEND, unsafe.Pointer(&answer)) // it fails when nobody waits any more
}

func control(fd uintptr, request uint, argument unsafe.Pointer) (ok bool) {
	_, _, failed := unix.Syscall(unix.SYS_IOCTL, fd, uintptr(request), uintptr(argument))
	return failed == 0
}
