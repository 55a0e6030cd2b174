// Package plugins has benchmarks of calls of plugins, this project's and those of
// hashicorp/go-plugin; see bench's README.md.
package plugins
