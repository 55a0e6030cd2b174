// Package task says what a task is: a Go function that clients call by name.
//
// A function becomes a task by one line above it, usually in a package of its
// own that the main package imports for its side effect:
//
//	var _ = task.Sync(Add)
//
//	func Add(numbers ...int32) (int32, error) { … }
//
//	var _ = task.Async(Fetch)
//
//	func Fetch(ctx context.Context, url string) (string, error) { … }
//
// Sync is for work that keeps a core busy: the scheduler runs about as many at
// a time as there are cores. It may take a context.Context too, if it can be
// interrupted. Async is for work that waits on something else; its context ends
// when the task is cancelled or out of time.
//
// The name that clients use is the function's, in snake case ([Name] gives
// another). Its types make the signature that clients can ask for; [Params] gives
// the parameters names, [Doc] says what the task does. Arguments arrive as the Go types that the parameters name; see
// [NewSync] for the list. A task that wants to see everything takes
// []task.Value. What a task returns becomes text by [Value.Text].
//
// While it runs, a task says how far it is by [Progress] and logs by [Logger]; the
// context tells both which execution they are of, and [CallOf] its id and attempt.
//
// An error reaches the client with its message. Its code is INTERNAL, unless
// it is an [Error]: Errorf(InvalidArgument, …) tells the client that the
// arguments were at fault. A panic reaches the client as INTERNAL without
// details; the stack goes to the server's log.
//
// Package tasktest is for tests of tasks.
package task
