package adminport

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode"

	"github.com/taskscheduler/taskscheduler/internal/reload"
)

const roleSetting = "Config.AdminRoleFile"

// What stands before a key in a file of roles.
const (
	digestPrefix  = "sha256:"
	subjectPrefix = "certificate:"
)

// roleLine is what a line of a file of roles should be like.
const roleLine = "write NAME ROLE sha256:DIGEST-OF-A-TOKEN or NAME ROLE certificate:SUBJECT, for instance " +
	"deploy operator certificate:CN=deploy,O=Example"

// readRoles reads a file of roles. It holds no secret, but who may write it is an
// admin.
func readRoles(file string) ([]key, error) {
	if err := reload.CheckUnwritable(roleSetting, file); err != nil {
		return nil, err
	}
	text, err := readKeyFile(roleSetting, file)
	if err != nil {
		return nil, err
	}
	return parseRoles(file, text)
}

// parseRoles reads a name, a role and a key from each line; lines that begin with #
// are comments.
func parseRoles(file string, text []byte) ([]key, error) {
	var list []key
	lines := map[string]int{} // by what must be there once
	scanner := bufio.NewScanner(bytes.NewReader(text))
	scanner.Buffer(nil, maxKeyFile+1)
	for number := 1; scanner.Scan(); number++ {
		line := strings.TrimSpace(scanner.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		k, err := parseRole(line)
		if err != nil {
			return nil, fmt.Errorf("%s: line %d of %s: %w", roleSetting, number, file, err)
		}
		for _, once := range []string{k.name, "key " + k.subject + string(k.digest[:])} {
			if other := lines[once]; other != 0 {
				return nil, fmt.Errorf("%s: line %d of %s has the name or the key of line %d: each may be there once",
					roleSetting, number, file, other)
			}
			lines[once] = number
		}
		list = append(list, k)
	}
	if err := scanner.Err(); err != nil {
		return nil, fmt.Errorf("%s: %s: %w", roleSetting, file, err)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s: %s gives nobody a role: %s", roleSetting, file, roleLine)
	}
	return list, nil
}

func parseRole(line string) (k key, err error) {
	name, rest := cutWord(line)
	role, proof := cutWord(rest)
	if proof == "" {
		return k, fmt.Errorf("want a name, a role and a key: %s", roleLine)
	}
	if k.role, err = ParseRole(role); err != nil {
		return k, err
	}
	if subject, ok := strings.CutPrefix(proof, subjectPrefix); ok {
		if k.subject = strings.TrimSpace(subject); k.subject == "" {
			return k, fmt.Errorf("no subject stands after %s", subjectPrefix)
		}
		k.name = certificatePrefix + name
		return k, nil
	}
	digest, ok := strings.CutPrefix(proof, digestPrefix)
	raw, err := hex.DecodeString(digest)
	if !ok || err != nil || len(raw) != sha256.Size {
		return k, fmt.Errorf("the key of %.60q is neither sha256: and 64 hexadecimal digits nor certificate: and a subject", name)
	}
	k.name, k.digest, k.long = tokenPrefix+name, [sha256.Size]byte(raw), true
	return k, nil
}

// cutWord returns the first word of a line and what follows it.
func cutWord(line string) (word, rest string) {
	at := strings.IndexFunc(line, unicode.IsSpace)
	if at < 0 {
		return line, ""
	}
	return line[:at], strings.TrimSpace(line[at:])
}

// NewToken makes a token that nobody guesses, and the line by which a file of roles
// lets in who bears it.
func NewToken(name string, role Role) (token, line string, err error) {
	wrong := func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }
	if name == "" || name[0] == '#' || strings.ContainsFunc(name, wrong) {
		return "", "", fmt.Errorf("%.60q can't be the name of a token: take one word, for instance alice", name)
	}
	token = rand.Text()
	digest := sha256.Sum256([]byte(token))
	return token, fmt.Sprintf("%s %s %s%x", name, role, digestPrefix, digest), nil
}
