package faulttest

import (
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
)

// TestTrioFailsStrangers: who doesn't know the secret isn't let in, however it tries,
// and there is no port beside those that were asked for.
func TestTrioFailsStrangers(t *testing.T) {
	c := newTrio(t, "--cluster-secret", newSecret(t))
	c.start(t)
	for name, flags := range map[string][]string{"no secret": nil, "another secret": {"--cluster-secret", newSecret(t)}} {
		stranger := newStranger(t, c, flags...)
		stranger.begin(t)
		stranger.awaitLine(t, "waiting for the other nodes")
		for _, n := range c {
			n.until(t, "it knows two others", func(info *pb.NodeInfo) bool { return len(info.GetPeers()) == 2 && alive(info) == 2 })
		}
		if said := stranger.said(); serves.MatchString(said) || !strings.Contains(said, "connected=0") {
			t.Errorf("one with %s: %s", name, said)
		}
		stranger.kill()
	}
	for _, n := range c {
		if told := strings.Count(n.said(), "was refused"); told != 1 {
			t.Errorf("it tells of strangers %d times: %s", told, n.said())
		}
		talkNonsense(t, n.flag("--cluster-listen"))
		want := []string{n.addr, n.flag("--cluster-listen")}
		slices.Sort(want)
		if got := n.listens(t); !slices.Equal(got, want) {
			t.Errorf("it listens at %v, want %v", got, want)
		}
	}
	l := newLoad(c...)
	l.under(t, func() { l.await(t, 50) })
	c.settled(t, l)
}

// talkNonsense connects in the clear: it is told nothing and is hung up on.
func talkNonsense(t *testing.T, addr string) {
	t.Helper()
	for _, said := range []string{"CONNECT {}\r\nPING\r\n", "GET / HTTP/1.1\r\n\r\n", ""} {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(patience))
		_, _ = io.WriteString(conn, said)
		answer, err := io.ReadAll(conn)
		if os.IsTimeout(err) {
			t.Errorf("%q is not hung up on", said)
		}
		if strings.Contains(string(answer), "PONG") || strings.Contains(string(answer), "INFO") {
			t.Errorf("%q is answered with %q", said, answer)
		}
		conn.Close()
	}
}

// listens returns where the process listens, sorted.
func (n *node) listens(t *testing.T) (addrs []string) {
	t.Helper()
	own := make(map[string]bool)
	folder := fmt.Sprintf("/proc/%d/", n.process.Process.Pid)
	files, err := os.ReadDir(folder + "fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if target, err := os.Readlink(folder + "fd/" + file.Name()); err == nil {
			own[target] = true
		}
	}
	for _, name := range []string{"tcp", "tcp6"} {
		table, err := os.ReadFile(folder + "net/" + name)
		if err != nil {
			continue // without IPv6
		}
		for line := range strings.Lines(string(table)) {
			const local, state, inode, listening = 1, 3, 9, "0A"
			fields := strings.Fields(line)
			if fields[state] != listening || !own["socket:["+fields[inode]+"]"] {
				continue
			}
			var port int
			if _, err := fmt.Sscanf(fields[local][strings.Index(fields[local], ":")+1:], "%X", &port); err != nil {
				t.Fatal(err)
			}
			host := "127.0.0.1"
			if !strings.HasPrefix(fields[local], "0100007F:") {
				host = fields[local]
			}
			addrs = append(addrs, fmt.Sprintf("%s:%d", host, port))
		}
	}
	slices.Sort(addrs)
	return addrs
}
