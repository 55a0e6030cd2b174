package prompt

import (
	"bufio"
	"io"
	"strings"
)

// A script is the lines of a file or a pipe.
type script struct{ text *bufio.Reader }

func newScript(from io.Reader) script { return script{bufio.NewReader(from)} }

func (l script) readLine() (string, error) {
	line, err := l.text.ReadString('\n')
	if line != "" { // the last one may lack its end
		return strings.TrimRight(line, "\r\n"), nil
	}
	return "", err
}
