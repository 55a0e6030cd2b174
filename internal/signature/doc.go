// Package signature reads what a task says of its arguments and result, in the
// grammar of abi/task_plugin.h, and holds arguments against it:
//
//	(numbers: list<double>, options: {verbose: bool?}) -> map<double>
//
// Signatures of Go functions are written by package task.
package signature
