package port

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"log/slog"
	"strings"

	"github.com/taskscheduler/taskscheduler/internal/reload"
)

// tokens are the secrets of Config.TokenFile, which is read again when it
// changes: one for each line, with a name before it if it has one. Lines that
// begin with # are comments.
type tokens struct {
	list *reload.Value[[]token]
}

type token struct {
	name string
	// digest stands for the secret, so that comparing takes the same time
	// whatever its length.
	digest [sha256.Size]byte
}

func loadTokens(file string, logger *slog.Logger) (*tokens, error) {
	list, err := reload.New(reload.Source[[]token]{
		Files: []string{file},
		Read:  func() ([]token, error) { return readTokens(file) },
		// Unlike a certificate, a token that may have been withdrawn must not go
		// on: a file that can't be used lets nobody in.
		Changed: func(_, read []token, err error) []token {
			if err != nil {
				logger.Error("admin tokens changed but can't be used: nobody is let in", "error", err)
				return nil
			}
			logger.Info("admin tokens changed", "tokens", len(read))
			return read
		},
	})
	if err != nil {
		return nil, err
	}
	return &tokens{list}, nil
}

// check returns the name of the token in an Authorization header, if it is one
// of the file's.
func (t *tokens) check(header string) (name string, ok bool) {
	scheme, secret, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", false
	}
	digest := sha256.Sum256([]byte(strings.TrimSpace(secret)))
	for _, known := range t.list.Get() { // all of them, whichever it is
		if subtle.ConstantTimeCompare(digest[:], known.digest[:]) == 1 {
			name, ok = known.name, true
		}
	}
	return name, ok
}

const tokenSetting = "Config.AdminTokenFile"

// maxTokenFile bounds the file, in bytes.
const maxTokenFile = 1 << 20

func readTokens(file string) ([]token, error) {
	if err := reload.CheckSecret(tokenSetting, file); err != nil {
		return nil, err
	}
	text, err := reload.ReadFile(tokenSetting, file)
	if err != nil {
		return nil, err
	}
	if len(text) > maxTokenFile {
		return nil, fmt.Errorf("%s: %s is longer than 1 MiB: it should hold a token on each line", tokenSetting, file)
	}
	return parseTokens(file, text)
}

func parseTokens(file string, text []byte) ([]token, error) {
	var list []token
	number := 0
	for line := range bytes.Lines(text) {
		number++
		fields := bytes.Fields(line)
		switch {
		case len(fields) == 0, fields[0][0] == '#':
		case len(fields) == 1:
			list = append(list, token{fmt.Sprintf("of line %d", number), sha256.Sum256(fields[0])})
		case len(fields) == 2:
			list = append(list, token{string(fields[0]), sha256.Sum256(fields[1])})
		default:
			return nil, fmt.Errorf("%s: line %d of %s has more than a name and a token", tokenSetting, number, file)
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s: %s holds no token: write one on each line, with a name before it", tokenSetting, file)
	}
	return list, nil
}
