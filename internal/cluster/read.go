package cluster

import (
	"fmt"
	"io"
)

// most is how many bytes of a question or an answer are taken from another node.
const most = 64 << 20

// readAll reads what another node sends: all of it, or it is an error. What is cut off
// at the right place looks like less, such as fewer tasks than were handed over.
func readAll(from io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(from, most+1))
	if err == nil && len(b) > most {
		return nil, fmt.Errorf("the node sends more than %d bytes", most)
	}
	return b, err
}
