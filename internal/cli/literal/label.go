package literal

import (
	"errors"
	"strings"
)

// Label reads a label: "team=a". The value may have more equals signs in it.
func Label(text string) (key, value string, err error) {
	key, value, ok := strings.Cut(text, "=")
	if !ok || key == "" {
		return "", "", errors.New("want a label as key=value, such as team=a")
	}
	return key, value, nil
}
