// Package scheduler is a task's life.
//
//	Submit ─ reserve ─ place ─ start ─┬─ waits for its dependencies ─┐
//	          (its id)  (in the table) │                             ↓
//	                                   └──────────── waits in a queue for a slot ─ runs ─ ends
//
// An id that a client chose is reserved first, while the store is asked whether
// it is that of an ended task: of several submissions of one id, one goes on
// and the others join it. (Where the store answers at once, asking and placing
// are one step.) Then the method is looked up, the arguments are
// decoded, the task is linked to those that it depends on, and it is admitted:
// it takes its room among the tasks that have not ended and its place in the
// table. A refusal anywhere up to here leaves no trace.
//
// A blocking submission that nothing holds up runs on its caller's goroutine:
// no queue, no hand-over. Everything else waits as data, not as a goroutine: a
// task that waits for dependencies is an edge in their lists, a task that waits
// for a slot is in a queue, and a goroutine starts only when the task does. So
// a hundred thousand waiting tasks cost their arguments and little more.
//
// A task ends once, in this order: its outcome is decided; the store has it;
// its state is final and the table lets go of it; its room is free; who waits
// for it is told; its dependents move. So who is told finds the result in the
// store and the room free. Who watches (watcher.go) is told with the final state. An
// outcome that the store fails to take is told as
// UNAVAILABLE, whatever it was, and the id is free; but that of a kept task is stored
// later, and told only then (endlater.go).
//
// Nobody starves the others: methods take turns for slots, and long runs go on
// without one when a method would not run at all (slots.go); tasks that wait, and
// those of one caller, leave room for the rest (room.go).
//
// A task that has a time to start, or a policy for another try, waits for that
// as an entry in a heap with one timer (later.go, retry.go). A failed attempt
// takes it back to Pending; it ends with the last one, so whoever waits for it
// is told once.
//
// Several nodes may share the store. Then an id that a client chose is claimed for
// this node before its task is placed (claim.go); a dependency that isn't here is
// followed until it ends on another node (elsewhere.go), and a cycle is looked for along
// what the others tell (search.go), by each node after it has placed its part: the last
// one sees the rest. The kept tasks of a node that is gone are put into the queue of
// another one and go on there (takeover.go); what one can't run, or not any more, it
// hands over itself (handover.go). A node that others took for dead gives its
// kept tasks up (vanish.go), and what it would tell of others' tasks doesn't count.
//
// Locks are taken in this order: Scheduler.graph (tasks with dependencies), a
// shard of the table, an execution, the slots. None is held while a task's
// function runs or the store is asked, nor is a slot while the store is; but
// for one that answers at once, see [store.Instant]: it is asked with a slot held,
// and whether it knows an id with a shard of the table locked.
//
// # Words
//
//	reserve, free  an id, while its submission finds out what the id means
//	admit, vacate  take room among the tasks that have not ended, and give it back
//	place          put an admitted task into the table
//	link, detach   an edge to a dependency
//	start          let a placed task go its way
//	begin, run     call the function, in a slot
//	end            reach the last state, whatever the reason
//	attempt        one run of a task that may have several
//	backoff        the wait between two of them
//	leave          what a caller does who no longer waits
//	claim, release make an id this node's among several, and give it back
//	follow         wait for what has not been submitted here to end on another node
//	take over      go on with what another node had kept
//	hand over      have another node take over what is accepted here
//	vanish, give up  let go of a task that another node has: without an end
//	join           answer a submission with a task that is there
//	pause, drain   admit no more tasks: until further notice, or for good
package scheduler
