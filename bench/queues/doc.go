// Package queues has benchmarks of detached tasks beside worker pools and job
// queues that do a part of the same; see bench's README.md.
package queues
