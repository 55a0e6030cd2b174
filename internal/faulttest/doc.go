// Package faulttest holds the tests that kill a server, cut its power, fill its
// disk and damage its files, and count what was accepted, has run, has run again
// and is lost. It has nothing to import.
package faulttest
