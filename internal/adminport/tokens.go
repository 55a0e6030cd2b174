package adminport

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/reload"
)

// tokens are the secrets of Config.TokenFile, which is read again when it
// changes: one for each line, with a name before it if it has one. Lines that
// begin with # are comments.
type tokens struct {
	list    *reload.Value[[]token]
	guesses *guesses
}

// longToken is how many bytes a token has at least that nobody guesses.
const longToken = 16

type token struct {
	name string
	long bool
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
			warnOfShort(read, file, logger)
			return read
		},
	})
	if err != nil {
		return nil, err
	}
	warnOfShort(list.Get(), file, logger)
	return &tokens{list, newGuesses(logger)}, nil
}

// warnOfShort tells of tokens that can be guessed.
func warnOfShort(list []token, file string, logger *slog.Logger) {
	for _, t := range list {
		if !t.long {
			logger.Warn("an admin token is short enough to be guessed: make it one of 16 characters or more, "+
				"for instance with openssl rand -hex 16", "file", file, "token", t.name)
		}
	}
}

// check returns the name of the token in an Authorization header, if it is one
// of the file's. A peer that has shown too many wrong ones has to wait; only a
// token that is too long to be guessed is looked at meanwhile, so that nobody
// can lock its owner out.
func (t *tokens) check(header, peer string) (name string, wait time.Duration, ok bool) {
	scheme, secret, _ := strings.Cut(header, " ")
	secret = strings.TrimSpace(secret)
	if !strings.EqualFold(scheme, "Bearer") || secret == "" {
		return "", 0, false
	}
	digest := sha256.Sum256([]byte(secret))
	list := t.list.Get()
	wait, ok = t.guesses.try(sourceOf(peer), func(exhausted bool) (right bool) {
		for _, known := range list { // all of them, whichever it is
			if subtle.ConstantTimeCompare(digest[:], known.digest[:]) == 1 && (known.long || !exhausted) {
				name, right = known.name, true
			}
		}
		return right
	})
	return name, wait, ok
}

const tokenSetting = "Config.AdminTokenFile" //nolint:gosec // the name of a setting, and no secret

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
			list = append(list, newToken(fmt.Sprintf("of line %d", number), fields[0]))
		case len(fields) == 2:
			list = append(list, newToken(string(fields[0]), fields[1]))
		default:
			return nil, fmt.Errorf("%s: line %d of %s has more than a name and a token", tokenSetting, number, file)
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s: %s holds no token: write one on each line, with a name before it", tokenSetting, file)
	}
	return list, nil
}

func newToken(name string, secret []byte) token {
	return token{name: name, long: len(secret) >= longToken, digest: sha256.Sum256(secret)}
}
