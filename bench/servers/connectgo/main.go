// Connectgo is a server of connect-go on net/http with their defaults that
// answers the contract's SubmitTask and does nothing else. It says where it
// listens, and ends with its standard input.
package main

import (
	"errors"
	"flag"
	"log"
	"net"
	"net/http"

	"github.com/taskscheduler/taskscheduler/bench/internal/least"
)

func main() {
	cert := flag.String("tls-cert", "", "PEM file with a certificate, to speak TLS")
	key := flag.String("tls-key", "", "PEM file with its key")
	flag.Parse()

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	server := least.NewConnect()
	go func() {
		least.TellAndWait(listener.Addr())
		_ = server.Close() // the process ends
	}()
	if *cert != "" {
		err = server.ServeTLS(listener, *cert, *key)
	} else {
		err = server.Serve(listener)
	}
	if !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
}
