package bench

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
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
	serve(b, server, filepath.Join(folder, ".s.PGSQL.5432"))
	return "host=" + folder + " user=bench dbname=postgres"
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
		b.Skipf("PostgreSQL does not run as root: %v", err)
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
	serve(b, exec.Command("redis-server", "--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no"), socket)
	return socket
}

func need(b *testing.B, tools ...string) {
	b.Helper()
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			b.Skipf("%s is not installed", tool)
		}
	}
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

// serve starts a server, returns when it answers on its socket, and ends it
// when the benchmark is over.
func serve(b *testing.B, server *exec.Cmd, socket string) {
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
	for range 500 {
		conn, err := net.Dial("unix", socket)
		if err == nil {
			_ = conn.Close()
			return
		}
		time.Sleep(20 * time.Millisecond) // neither says when it is ready
	}
	b.Fatalf("%s does not answer\n%s", server.Path, &said)
}
