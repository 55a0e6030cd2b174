//go:build wasip1

// A plugin in Go that answers what it is given, as WebAssembly.
package main

func init() {
	Sync("echo", func(_ *Call, args []any) (any, error) { return args[0], nil }, "", "")
}

func main() {} // never called: the host calls tasks
