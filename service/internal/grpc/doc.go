// Package grpc reads and writes plain gRPC calls where Connect would be the most
// of what they cost. Plain means: protobuf, not compressed, over HTTP/2, which is
// what nearly all clients send nearly always. A call that is anything else is left
// as it was for Connect's handler.
//
// It knows HTTP and the messages' bytes, and nothing of what a call does.
package grpc
