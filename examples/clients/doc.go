// Package clients has a client of Task Scheduler in each of several languages,
// to copy from, and the test that runs them against the server.
package clients
