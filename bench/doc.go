// Package bench measures this project beside others that do a part of the same.
// It has only benchmarks, in a module of its own, so that what they compare with
// is no dependency of anything else. README.md says what they show and what not.
package bench
