// Package loader turns the files of a directory into tasks. A dynamic library
// or WebAssembly module that is put there is loaded, its tasks appear in a
// registry as "plugin::task"; when the file changes the plugin is reloaded, and
// when it goes the tasks go.
//
// A file's way: the directory is watched ([Loader.Run]); a file that has come to
// rest, and that nobody writes any more, is copied to a private folder while its
// SHA-256 is taken; if that is not what is loaded already, a child process
// (package loader/internal/process) loads the copy and lists its tasks; the registry's
// entries are exchanged in one step; the process before it answers the calls
// that it has and ends. If anything on this way fails, what was there before
// goes on serving, and the reason is in the log, in [Loader.Plugins] and in an
// [Event].
//
// The child process is the program itself, started again; [BecomePlugin], first
// thing in main, is where the two part.
//
// Each plugin has one goroutine, its keeper, that decides all this for it. The
// watcher, the operator, the process that dies and the call that is stuck leave
// word in the keeper's inbox; it looks at the whole and does the one thing that
// is due. Calls never wait for a keeper that has something serving: they take
// the current generation of the plugin, a process and a count of its calls, from
// an atomic pointer.
//
// A process that dies is started again, after a pause that doubles each time;
// calls that come meanwhile wait a little. One that dies more than five times in
// a minute is quarantined until its file changes or an operator asks for it.
package loader
