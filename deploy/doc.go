// Package deploy holds what it takes to run the server elsewhere: a Dockerfile, a
// unit for systemd, a manifest for Kubernetes and the script that builds releases.
// Its tests try them as far as one machine can. docs/operations.md tells how to
// use them.
package deploy
