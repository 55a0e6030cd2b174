// Package builtin holds the tasks that every server has: ping, echo_bool,
// echo_string, echo_bytes, add, remove, sum_list, delete, fibonacci,
// process_collection, process_nested_list, process_complex_map and
// process_person_map. It is imported for its side effect, registering them in
// task.Default, and it is the example to copy for tasks of your own: a plain Go
// function with one line above it.
//
//	import _ "github.com/taskscheduler/taskscheduler/builtin"
//
// What the tasks take and return, to the letter, is part of the wire contract.
package builtin
