//go:build !unix

package load

import (
	"errors"
	"syscall"
)

// readNow is known on Unix alone.
func readNow(syscall.RawConn, []byte) (int, error) {
	return 0, errors.New("a fixed rate needs a Unix system")
}
