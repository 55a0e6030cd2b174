// Package process is the server's end of a plugin's process: [Start] starts one
// that loads a file, and the [Process] that it returns makes calls there. The
// other end is package child, what they say to each other package frame.
//
// The server believes nothing that the process says. A frame that is too long,
// comes at the wrong time or makes no sense ends the process with an error that
// says so; an answer that makes no sense fails its call; an answer to a call
// that has ended is ignored. Whatever the library does to its process, what
// callers see is an error that names the plugin and the cause.
package process
