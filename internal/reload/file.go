package reload

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
)

// ReadFile reads the file that a setting names, such as "Config.TLSCert". Its
// error names both and says what to look at.
func ReadFile(setting, name string) ([]byte, error) {
	content, err := os.ReadFile(name)
	if err == nil {
		return content, nil
	}
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		err = pathErr.Err // the name stands in the message already
	}
	return nil, fmt.Errorf("%s: can't read %s (%w): check its name and permissions", setting, name, err)
}

// CheckSecret says what is wrong when others than its owner may read or write
// the file that a setting names. A file that isn't there is [ReadFile]'s to tell.
func CheckSecret(setting, name string) error {
	info, err := os.Stat(name)
	if err != nil || !openToOthers(info) {
		return nil //nolint:nilerr // reading it will fail likewise
	}
	return fmt.Errorf("%s: others may read %s (mode %04o): chmod 600 it", setting, name, info.Mode().Perm())
}

// CheckUnwritable says what is wrong when others than its owner may write the file
// that a setting names.
func CheckUnwritable(setting, name string) error {
	const othersWrite = 0o022
	info, err := os.Stat(name)
	if err != nil || !openToOthers(info) || info.Mode().Perm()&othersWrite == 0 {
		return nil //nolint:nilerr // reading it will fail likewise
	}
	return fmt.Errorf("%s: others may write %s (mode %04o): chmod go-w it", setting, name, info.Mode().Perm())
}

// A stamp tells versions of a file apart. It follows symbolic links, so it
// changes too when a link is pointed at a new directory, as Kubernetes does.
type stamp struct {
	info fs.FileInfo // nil: the file isn't there
}

func stampsOf(files []string) []stamp {
	stamps := make([]stamp, len(files))
	for i, name := range files {
		if info, err := os.Stat(name); err == nil {
			stamps[i].info = info
		}
	}
	return stamps
}

func sameFiles(a, b []stamp) bool { return slices.EqualFunc(a, b, sameFile) }

func sameFile(a, b stamp) bool {
	if a.info == nil || b.info == nil {
		return a.info == nil && b.info == nil
	}
	return os.SameFile(a.info, b.info) && a.info.Mode() == b.info.Mode() &&
		a.info.Size() == b.info.Size() && a.info.ModTime().Equal(b.info.ModTime())
}
