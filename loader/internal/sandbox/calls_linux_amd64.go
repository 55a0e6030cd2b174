package sandbox

import "golang.org/x/sys/unix"

const (
	auditArchitecture = unix.AUDIT_ARCH_X86_64
	otherCalls        = 0x40000000 // x32's
)

var (
	forkCalls   = []uint32{unix.SYS_FORK, unix.SYS_VFORK}
	allowedHere = []uint32{
		unix.SYS_EPOLL_WAIT, unix.SYS_POLL, unix.SYS_SELECT, unix.SYS_STAT, unix.SYS_LSTAT, unix.SYS_NEWFSTATAT,
		unix.SYS_ACCESS, unix.SYS_PIPE, unix.SYS_DUP2, unix.SYS_EPOLL_CREATE, unix.SYS_EVENTFD, unix.SYS_SIGNALFD,
		unix.SYS_MKDIR, unix.SYS_RMDIR, unix.SYS_RENAME, unix.SYS_LINK, unix.SYS_UNLINK,
		unix.SYS_SYMLINK, unix.SYS_READLINK, unix.SYS_GETDENTS, unix.SYS_GETPGRP, unix.SYS_ALARM, unix.SYS_PAUSE,
		unix.SYS_TIME, unix.SYS_ARCH_PRCTL,
	}
	creatorsHere = []creator{
		{call: unix.SYS_OPEN, flags: 1, mode: 2},
		{call: unix.SYS_CREAT, flags: always, mode: 1},
		{call: unix.SYS_MKNOD, flags: always, mode: 1},
	}
)
