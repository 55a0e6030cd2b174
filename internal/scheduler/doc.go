// Package scheduler is a task's life: admitted, waiting for the tasks it
// depends on, waiting for a free slot, running, ended.
//
// A blocking submission that nothing holds up runs on its caller's goroutine:
// no queue, no hand-over. Everything else waits as data, not as a goroutine: a
// task that waits for dependencies is an entry in their lists, a task that
// waits for a slot is an entry in a queue, and a goroutine starts only when
// the task does. So a hundred thousand waiting tasks cost their arguments and
// little more.
//
// Locks are taken in this order and never held while a task's function runs:
// Scheduler.graph (submissions with dependencies), a shard of the table, an
// execution, the slots.
package scheduler
