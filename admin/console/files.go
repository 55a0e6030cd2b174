package console

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"sync"
)

// dist is what Vite has built.
//
//go:embed all:dist
var dist embed.FS

// index is the file that is the page.
const index = "index.html"

// hashed is the folder of files whose names change with what is in them.
const hashed = "assets/"

// A file is a part of the page.
type file struct {
	contentType, caching string
	plain, tag           string
	packed, packedTag    string // packed is "" where that isn't worth it
}

// files returns all there are, by path. They are compressed when the first is asked
// for: a server that nobody looks at doesn't pay for it.
//
//nolint:gochecknoglobals // made once
var files = sync.OnceValue(func() map[string]*file {
	all := make(map[string]*file)
	root, err := fs.Sub(dist, "dist")
	if err == nil {
		err = fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			content, err := fs.ReadFile(root, name)
			all[name] = newFile(name, content)
			return err
		})
	}
	if err != nil {
		panic(err) // it is in the binary
	}
	return all
})

func newFile(name string, content []byte) *file {
	digest := sha256.Sum256(content)
	tag := hex.EncodeToString(digest[:16])
	f := &file{
		contentType: contentTypes[path.Ext(name)], caching: "no-cache",
		plain: string(content), tag: `"` + tag + `"`, packedTag: `"` + tag + `-gzip"`,
	}
	if f.contentType == "" {
		f.contentType = "application/octet-stream"
	}
	if strings.HasPrefix(name, hashed) {
		f.caching = "public, max-age=31536000, immutable"
	}
	if packed := pack(content); len(packed) < len(content) {
		f.packed = packed
	}
	return f
}

// contentTypes are those of what a page is made of. The system's table, which
// package mime reads, may say something else.
var contentTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml", ".png": "image/png", ".ico": "image/x-icon", ".woff2": "font/woff2",
	".json": "application/json", ".txt": "text/plain; charset=utf-8",
}

func pack(content []byte) string {
	var packed bytes.Buffer
	w, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression) // a level that there is
	_, _ = w.Write(content)                                    // a buffer takes all
	_ = w.Close()
	return packed.String()
}

func lengthOf(content string) string { return strconv.Itoa(len(content)) }
