// Package abi has what plugins are written with: the header of the C ABI, and the
// helpers that there are for languages.
package abi

import "embed"

// Files are the header and the helpers, as they lie in this folder. With them a
// program writes folders for new plugins that fit its own version.
//
//go:embed *.h *.hpp rust/Cargo.toml rust/src taskplugin/*.go zig/*.zig assemblyscript/*.ts
var Files embed.FS
