package adminport

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/reload"
)

// longToken is how many bytes a token has at least that nobody guesses.
const longToken = 16

// A key is what lets somebody in: a token or a certificate.
type key struct {
	name string // "token alice"
	role Role
	// digest stands for a token, so that comparing takes the same time whatever its
	// length. A certificate's is zero, which is no token's.
	digest [sha256.Size]byte
	// subject is a certificate's; empty for a token.
	subject string
	long    bool // the token is one of a file that has tokens themselves, and can't be guessed
}

// keys are those of the files that say who may come in, which are read again when
// they change.
type keys struct {
	files   []*reload.Value[[]key]
	guesses *guesses
}

// loadKeys reads the files of a Config; nil when nobody is asked for a key.
func loadKeys(config *Config) (*keys, error) {
	k := &keys{guesses: newGuesses(config.Logger)}
	for _, source := range config.keyFiles() {
		list, err := reload.New(reload.Source[[]key]{
			Files: []string{source.name},
			Read:  source.read,
			// Unlike a certificate, a token that may have been withdrawn must not go
			// on: a file that can't be used lets nobody in.
			Changed: func(_, read []key, err error) []key {
				if err != nil {
					config.Logger.Error("admin "+source.what+" changed but can't be used: nobody is let in by it", "error", err)
					return nil
				}
				config.Logger.Info("admin "+source.what+" changed", source.what, len(read))
				warnOfShort(read, source.name, config.Logger)
				return read
			},
		})
		if err != nil {
			return nil, err
		}
		warnOfShort(list.Get(), source.name, config.Logger)
		k.files = append(k.files, list)
	}
	if len(k.files) == 0 {
		return nil, nil //nolint:nilnil // nobody needs a key
	}
	return k, nil
}

// A keyFile is a file with keys.
type keyFile struct {
	name string
	what string // what is in it, for people
	read func() ([]key, error)
}

// keyFiles are those that a Config names.
func (c *Config) keyFiles() []keyFile {
	var files []keyFile
	if c.TokenFile != "" {
		files = append(files, keyFile{c.TokenFile, "tokens", func() ([]key, error) { return readTokens(c.TokenFile) }})
	}
	if c.RoleFile != "" {
		files = append(files, keyFile{c.RoleFile, "roles", func() ([]key, error) { return readRoles(c.RoleFile) }})
	}
	return files
}

// warnOfShort tells of tokens that can be guessed.
func warnOfShort(list []key, file string, logger *slog.Logger) {
	for _, k := range list {
		if k.role == Admin && k.subject == "" && !k.long {
			logger.Warn("an admin token is short enough to be guessed: make it one of 16 characters or more, "+
				"for instance with openssl rand -hex 16", "file", file, "token", strings.TrimPrefix(k.name, tokenPrefix))
		}
	}
}

// find returns the key that passes, looking at all of them, whichever it is.
func (k *keys) find(passes func(*key) bool) (found key, ok bool) {
	for _, file := range k.files {
		list := file.Get()
		for i := range list {
			if passes(&list[i]) && !ok {
				found, ok = list[i], true
			}
		}
	}
	return found, ok
}

// check returns the key of a token. A peer that has shown too many wrong ones has to
// wait; only a token that is too long to be guessed is looked at meanwhile, so that
// nobody can lock its owner out.
func (k *keys) check(token, peer string) (found key, wait time.Duration, ok bool) {
	digest := sha256.Sum256([]byte(token))
	wait, ok = k.guesses.try(sourceOf(peer), func(exhausted bool) (right bool) {
		found, right = k.find(func(known *key) bool {
			return subtle.ConstantTimeCompare(digest[:], known.digest[:]) == 1
		})
		return right && (len(token) >= longToken || !exhausted)
	})
	return found, wait, ok
}

// now returns a key as the files have it now; ok is false when they don't any more.
func (k *keys) now(was *key) (found key, ok bool) {
	return k.find(func(known *key) bool {
		return subtle.ConstantTimeCompare(was.digest[:], known.digest[:]) == 1 &&
			was.subject == known.subject && was.name == known.name
	})
}

// certified returns the key of a certificate's subject.
func (k *keys) certified(subject string) (found key, ok bool) {
	return k.find(func(known *key) bool { return known.subject != "" && known.subject == subject })
}

const (
	// What the names of callers begin with.
	tokenPrefix       = "token "
	certificatePrefix = "certificate "
	// maxKeyFile bounds a file, in bytes.
	maxKeyFile = 1 << 20
)

// readKeyFile returns what is in a file of keys that a setting names.
func readKeyFile(setting, file string) ([]byte, error) {
	text, err := reload.ReadFile(setting, file)
	if err == nil && len(text) > maxKeyFile {
		return nil, fmt.Errorf("%s: %s is longer than 1 MiB: it should hold a key on each line", setting, file)
	}
	return text, err
}
