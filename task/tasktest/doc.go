// Package tasktest is for tests of tasks, and of programs that call tasks.
//
// [Run] runs a function as the server runs a task: with the same checks of
// arguments, with panics caught, with timeouts and attempts, and with what it says
// by task.Progress and task.Logger written down.
//
//	outcome := tasktest.Run(t, Add, 1, 2)
//
// [Serve] starts a server in the test's process, on no port, and returns a client of
// it. [Fake] returns a client whose tasks are the test's own: for programs that call
// tasks which the test doesn't want to run.
//
// All of it ends with the test. It may be used in a bubble of testing/synctest as
// far as Run goes, so that a task's hours pass at once.
package tasktest
