// Package loader turns the files of a directory into tasks. A dynamic library
// or WebAssembly module that is put there is loaded, its tasks appear in a
// registry as "plugin::task"; when the file changes the plugin is reloaded, and
// when it goes the tasks go.
//
// A file's way: the directory is watched (internal/watch) until the file has
// settled; the file is copied to a private folder while its SHA-256 is taken
// (internal/stage); if that is not what is loaded already, a child process loads
// the copy and lists its tasks (internal/process); the registry's entries are
// exchanged in one step; the process before it answers the calls that it has and
// ends. If anything on this way fails, what was there before goes on serving,
// and the reason is in the log, in [Loader.Plugins] and in an [Event].
//
// Each plugin has a supervisor, one goroutine that decides all this for it:
// supervisor.go has the picture of its states. A file gets one, or the reason
// why it has none, from the catalog. Calls don't wait for a supervisor that has
// something serving: they take the instance that serves, a process and the count
// of its calls, from an atomic pointer.
//
// A process that dies is started again, after a pause that doubles each time;
// calls that come meanwhile wait a little. One that dies more than five times in
// a minute is quarantined: its calls fail, and it is tried again after pauses
// that grow from a minute to an hour, or at once when its file changes or an
// operator asks for it.
//
// The child process is the program itself, started again; [BecomePlugin], first
// thing in main, is where the two part.
package loader
