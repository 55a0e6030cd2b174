// Grpcgo is a server of grpc-go with its defaults that answers the contract's
// SubmitTask, SubmitBatch and SubmitTasks and does nothing else. It says where it
// listens, and ends with its standard input.
package main

import (
	"flag"
	"log"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/taskscheduler/taskscheduler/bench/internal/least"
)

func main() {
	cert := flag.String("tls-cert", "", "PEM file with a certificate, to speak TLS")
	key := flag.String("tls-key", "", "PEM file with its key")
	flag.Parse()

	var options []grpc.ServerOption
	if *cert != "" {
		secure, err := credentials.NewServerTLSFromFile(*cert, *key)
		if err != nil {
			log.Fatal(err)
		}
		options = append(options, grpc.Creds(secure))
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	server := least.NewGRPC(options...)
	go func() {
		least.TellAndWait(listener.Addr())
		server.Stop()
	}()
	if err := server.Serve(listener); err != nil {
		log.Fatal(err)
	}
}
