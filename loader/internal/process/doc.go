// Package host runs a plugin's library in a child process, and is both ends of
// that: [Start], in the server, gives a [Process] that answers calls; [Main],
// in the child, serves a [Library] to it.
//
// The child is the same binary, started again under another name. [Prepare]
// tells the two apart, before main, and [Main] takes over where main would
// begin; package loader/child calls both. The two
// ends speak in frames over the child's standard input and output, which the
// library never gets to see: what it prints goes to the server's log.
//
// The parent believes nothing that the child says. A frame that is too long,
// comes at the wrong time or makes no sense ends the process with an error that
// says so; an answer that makes no sense fails its call; an answer to a call
// that has ended is ignored. Whatever the library does to its process, what the
// parent's callers see is an error that names the plugin and the cause.
package process
