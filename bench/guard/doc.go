// Package guard has tests that fail when this project has become slower than it
// was, beside something that stays as it is: a plain grpc-go server, and protobuf-go
// with a map look-up.
//
// What is compared is ratios within one run, so the machine doesn't matter much,
// and processor time and allocations, not calls a second, so what else it does
// matters little. The two take turns; more turns are had when the first say
// that something is wrong.
package guard
