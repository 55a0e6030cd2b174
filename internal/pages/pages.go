// Package pages gives memory back that the system counts as the program's though
// nobody needs it.
//
// The system maps a program's file around each place that is touched, so that
// after its start, which goes through most of it, nearly all of the program is
// resident: two thirds of what an idle server takes. Kernels from 6.18 on map
// again by up to 2 MiB at a time where the cache has a file in such pieces, as it has
// what the linker has just written: there little is gained until it is read anew.
package pages

// Forget has the system unmap the pages of the program's own file, and with uncache
// its cache let go of the file, so that it is read anew, in small pieces: once is
// enough. What is needed of the pages again is mapped again, from memory as long as
// that has them. It does nothing where there is no way to do so, and is safe at any
// time.
func Forget(uncache bool) { forget(uncache) }
