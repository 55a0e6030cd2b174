// Package file tells what a loader wants to know of a file before it trusts
// it: whether it is the one that it was ([Fingerprint]), whether somebody is
// writing it ([BeingWritten]), and who may ([CheckWriters]).
package file
