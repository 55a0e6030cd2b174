package queues

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// startPostgres starts a PostgreSQL with its defaults and a new, empty database
// on a socket, and returns how to connect to it. It skips the benchmark where
// PostgreSQL is not installed.
func startPostgres(b *testing.B) string {
	b.Helper()
	need(b, "initdb", "postgres")
	folder := ownFolder(b)
	account := postgresAccount(b, folder)

	data := filepath.Join(folder, "data")
	initdb := exec.Command("initdb", "--pgdata", data, "--username", "bench", "--auth", "trust", "--no-sync")
	initdb.SysProcAttr, initdb.Dir = account, folder
	if out, err := initdb.CombinedOutput(); err != nil {
		b.Fatalf("initdb: %v\n%s", err, out)
	}
	server := exec.Command("postgres", "-D", data, "-k", folder, "-c", "listen_addresses=")
	server.SysProcAttr, server.Dir = account, folder
	address := "host=" + folder + " user=bench dbname=postgres"
	serve(b, server, func() error { // it listens before it is ready
		conn, err := pgx.Connect(b.Context(), address)
		if err != nil {
			return err
		}
		return conn.Close(b.Context())
	})
	return address
}

// postgresAccount gives folder to an account that PostgreSQL may run under,
// which root is not, and returns how to start a process under it.
func postgresAccount(b *testing.B, folder string) *syscall.SysProcAttr {
	b.Helper()
	if os.Getuid() != 0 {
		return nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		skip(b, "PostgreSQL does not run as root, and there is no account postgres")
	}
	uid, _ := strconv.Atoi(account.Uid) // they are numbers on every system that has root
	gid, _ := strconv.Atoi(account.Gid)
	if err := os.Chown(folder, uid, gid); err != nil {
		b.Fatal(err)
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}

// startRedis starts a Redis that writes nothing to disk, and returns its socket.
// It skips the benchmark where Redis is not installed.
func startRedis(b *testing.B) (socket string) {
	b.Helper()
	need(b, "redis-server")
	socket = filepath.Join(ownFolder(b), "redis")
	server := exec.Command("redis-server", "--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no")
	serve(b, server, func() error {
		conn, err := net.Dial("unix", socket)
		if err != nil {
			return err
		}
		return conn.Close()
	})
	return socket
}

func need(b *testing.B, tools ...string) {
	b.Helper()
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			skip(b, tool+" is not installed")
		}
	}
}

// skip skips a benchmark and says so, which testing does with -v only.
func skip(b *testing.B, reason string) {
	b.Helper()
	fmt.Fprintf(os.Stderr, "%s is skipped: %s\n", b.Name(), reason)
	b.SkipNow()
}

// ownFolder returns an empty folder with a path short enough for a socket's.
func ownFolder(b *testing.B) string {
	b.Helper()
	folder, err := os.MkdirTemp("", "bench-*")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = os.RemoveAll(folder) })
	return folder
}

// serve starts a server, returns when answers returns nil, and ends the server
// when the benchmark is over.
func serve(b *testing.B, server *exec.Cmd, answers func() error) {
	b.Helper()
	var said bytes.Buffer
	server.Stdout, server.Stderr = &said, &said
	if err := server.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = server.Process.Signal(os.Interrupt)
		_ = server.Wait()
	})
	var err error
	for range 500 {
		if err = answers(); err == nil {
			return
		}
		<-time.After(20 * time.Millisecond)
	}
	b.Fatalf("%s does not answer: %v\n%s", server.Path, err, &said)
}
