// Package deptest holds the tests that keep the house in order: which package
// may import what, how long a file may be and what a package may not be called.
// It has nothing to import.
package deptest
