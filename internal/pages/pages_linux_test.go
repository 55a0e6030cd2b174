package pages

import (
	"bytes"
	"crypto/sha256"
	"os"
	"regexp"
	"runtime"
	"strconv"
	"testing"
	"unicode"
)

// resident is how many KiB of files are mapped and there.
func resident(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`RssFile:\s+(\d+) kB`).FindSubmatch(status)
	if found == nil {
		t.Skip("this kernel does not tell files' pages from others")
	}
	n, _ := strconv.Atoi(string(found[1]))
	return n
}

// digest goes through tables of the program and uses some of its code.
func digest() [sha256.Size]byte {
	var b bytes.Buffer
	for _, name := range []string{"Lu", "Nd", "Greek", "Han"} {
		table := unicode.Categories[name]
		if table == nil {
			table = unicode.Scripts[name]
		}
		for _, r := range table.R16 {
			b.WriteString(strconv.Itoa(int(r.Lo)))
		}
	}
	return sha256.Sum256(b.Bytes())
}

func TestForget(t *testing.T) {
	want := digest()
	stop := make(chan struct{})
	defer close(stop)
	go func() { // what runs meanwhile doesn't notice
		for {
			select {
			case <-stop:
				return
			default:
				digest()
				runtime.GC()
			}
		}
	}()
	least := resident(t)
	before := least
	for i := range 20 {
		Forget(i%2 == 0)
		least = min(least, resident(t))
		if digest() != want {
			t.Fatal("the program isn't what it was")
		}
	}
	if least >= before {
		t.Errorf("%d KiB of files are there, as much as before", least)
	}
}

// What was changed in memory, is someone else's, or can be written to stays.
func TestOnlyCleanPages(t *testing.T) {
	const smaps = `00400000-00402000 r--p 00000000 fe:00 1 /opt/my program
Rss:                   4 kB
Anonymous:             0 kB
Locked:                0 kB
00402000-00403000 r-xp 00002000 fe:00 1 /opt/my program
Anonymous:             0 kB
Locked:                4 kB
00403000-00404000 r--p 00003000 fe:00 1 /opt/my program
Anonymous:             4 kB
00404000-00405000 rw-p 00004000 fe:00 1 /opt/my program
Anonymous:             0 kB
00405000-00406000 r--s 00004000 fe:00 1 /opt/my program
Anonymous:             0 kB
7f0000000000-7f0000001000 r-xp 00000000 fe:00 2 /opt/program
Anonymous:             0 kB
7f0000001000-7f0000002000 rw-p 00000000 00:00 0
VmFlags: rd wr
`
	var forgotten []mapping
	for _, m := range mappings([]byte(smaps), "/opt/my program") {
		if m.permitted && m.clean {
			forgotten = append(forgotten, m)
		}
	}
	if len(forgotten) != 1 || forgotten[0].from != 0x400000 || forgotten[0].to != 0x402000 {
		t.Errorf("got %+v", forgotten)
	}
}
