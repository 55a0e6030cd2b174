package adminport

import (
	"bytes"
	"crypto/sha256"
	"fmt"

	"github.com/taskscheduler/taskscheduler/internal/reload"
)

const tokenSetting = "Config.AdminTokenFile" //nolint:gosec // the name of a setting, and no secret

// readTokens reads a file of tokens, one for each line, with a name before it if it
// has one. Lines that begin with # are comments. Who bears one is an admin.
func readTokens(file string) ([]key, error) {
	if err := reload.CheckSecret(tokenSetting, file); err != nil {
		return nil, err
	}
	text, err := readKeyFile(tokenSetting, file)
	if err != nil {
		return nil, err
	}
	return parseTokens(file, text)
}

func parseTokens(file string, text []byte) ([]key, error) {
	var list []key
	number := 0
	for line := range bytes.Lines(text) {
		number++
		fields := bytes.Fields(line)
		switch {
		case len(fields) == 0, fields[0][0] == '#':
		case len(fields) == 1:
			list = append(list, tokenKey(fmt.Sprintf("of line %d", number), fields[0]))
		case len(fields) == 2:
			list = append(list, tokenKey(string(fields[0]), fields[1]))
		default:
			return nil, fmt.Errorf("%s: line %d of %s has more than a name and a token", tokenSetting, number, file)
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s: %s holds no token: write one on each line, with a name before it", tokenSetting, file)
	}
	return list, nil
}

func tokenKey(name string, secret []byte) key {
	return key{name: tokenPrefix + name, role: Admin, long: len(secret) >= longToken, digest: sha256.Sum256(secret)}
}
