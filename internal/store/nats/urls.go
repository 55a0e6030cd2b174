package nats

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Check refuses what no server can have anything to do with, and asks none. It shows nothing of URLs:
// what is wrong may be the password.
func (o *Outside) Check() error {
	if len(o.Prefix) > maxPrefix || !plain(o.Prefix) {
		return fmt.Errorf("the prefix %.100q can't be what names begin with: make it of letters, digits, -, _ and :, at most %d", o.Prefix, maxPrefix)
	}
	for i, text := range o.URLs {
		if _, err := parseURL(text); err != nil {
			return fmt.Errorf("the URL of NATS server %d of %d can't be read: write it as nats://host:4222, or nats://user:password@host:4222 "+
				"with other characters than letters and digits in the password as %%40 is for @", i+1, len(o.URLs))
		}
	}
	return nil
}

// maxPrefix leaves room for the rest of a stream's name, and of a subject.
const maxPrefix = 100

// schemes are those that the client knows. It takes any other one for the first.
var schemes = []string{"nats", "tls", "ws", "wss"}

// parseURL reads a URL as the client does, which wants no scheme.
func parseURL(text string) (*url.URL, error) {
	if !strings.Contains(text, "://") {
		text = "nats://" + text
	}
	u, err := url.Parse(text)
	if err != nil {
		return nil, err
	}
	if u.Hostname() == "" || !slices.Contains(schemes, u.Scheme) {
		return nil, errNoServer
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return nil, errNoServer
		}
	}
	return u, nil
}

var errNoServer = errors.New("no NATS server can be there")
