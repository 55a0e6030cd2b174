//go:build !windows

package prompt

import "os"

// showEscapes does nothing: terminals obey escape sequences.
func showEscapes(*os.File) error { return nil }
