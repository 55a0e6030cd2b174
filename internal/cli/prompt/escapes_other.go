//go:build !windows

package prompt

import "os"

// showEscapes does nothing: terminals act on escape sequences by themselves.
func showEscapes(*os.File) error { return nil }
