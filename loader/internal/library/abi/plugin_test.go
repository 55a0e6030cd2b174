package abi

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/taskscheduler/taskscheduler/loader/internal/library"
)

// A table is a plugin's in memory, from address tableAt on.
type table struct {
	size, version uint32
	entries       uint64 // their address; 0: those of names
	count         uint64 // 0: that of names
	flags         uint32
	names         []string
}

const tableAt = 4096

// bytes lays a table out with pointers of 4 or 8 bytes.
func (p table) bytes(pointer int) fake {
	head := make([]byte, 24+2*pointer)
	entrySize := 8 + 2*pointer
	entries := make([]byte, len(p.names)*entrySize)
	var text []byte
	textAt := uint64(tableAt + len(head) + len(entries))
	for i, name := range p.names {
		entry := entries[i*entrySize:]
		order.PutUint32(entry, uint32(textAt)+uint32(len(text))) // the upper half, if any, is zero
		order.PutUint32(entry[pointer:], p.flags)
		entry[pointer+8] = byte(i + 1)
		text = append(append(text, name...), 0)
	}
	order.PutUint32(head, max(p.size, uint32(len(head))))
	if p.size == 1 {
		order.PutUint32(head, 1)
	}
	order.PutUint32(head[4:], p.version)
	order.PutUint32(head[8:], uint32(tableAt+len(head)))
	if p.entries != 0 {
		order.PutUint32(head[8:], uint32(p.entries))
	}
	order.PutUint64(head[16:], uint64(len(p.names)))
	if p.count != 0 {
		order.PutUint64(head[16:], p.count)
	}
	head[24], head[24+pointer] = 77, 88
	return fake{base: tableAt, bytes: join(head, entries, text)}
}

func TestReadPlugin(t *testing.T) {
	for _, pointer := range []int{4, 8} {
		t.Run(fmt.Sprint("pointers of ", pointer), func(t *testing.T) {
			for _, size := range []uint32{0, 1000} { // of this version, and of a later one
				m := table{size: size, version: 1, flags: Async, names: []string{"a", "_b2"}}.bytes(pointer)
				got, err := ReadPlugin(m, tableAt, pointer)
				if err != nil {
					t.Fatal(err)
				}
				want := []library.TaskInfo{{Name: "a", Async: true}, {Name: "_b2", Async: true}}
				if !slices.Equal(got.Infos(), want) || got.Release != 77 || got.Shutdown != 88 || got.Tasks[1].Run != 2 {
					t.Errorf("got %+v", got)
				}
			}
		})
	}
}

func TestReadPluginRefuses(t *testing.T) {
	long := strings.Repeat("x", MaxName+1)
	tests := []struct {
		name    string
		table   table
		address uint64
		want    string
	}{
		{"null", table{}, 0, "init_plugin returned null: the plugin refuses to be loaded"},
		{"an address outside", table{}, 5, "init_plugin returned no address of the plugin's memory"},
		{"another version", table{version: 2}, tableAt, "the plugin is built for version 2 of the ABI, this host speaks version 1"},
		{"a size", table{version: 1, size: 1}, tableAt, "the plugin's table says that it has 1 bytes, version 1 of the ABI has 40"},
		{"a count", table{version: 1, count: 1 << 60}, tableAt, "the plugin offers 1152921504606846976 tasks, more than 4096"},
		{"entries outside", table{version: 1, entries: 1, count: 1}, tableAt, "the plugin's 1 tasks are at no address of its memory"},
		{"two of a name", table{version: 1, names: []string{"a", "a"}}, tableAt, `task 2: the plugin has two tasks named "a"`},
		{"no name", table{version: 1, names: []string{""}}, tableAt, "task 1: its name is empty"},
		{"a name", table{version: 1, names: []string{"a", "2b"}}, tableAt, `task 2: its name "2b" is not of the form [A-Za-z_][A-Za-z0-9_]*`},
		{"a colon", table{version: 1, names: []string{"a::b"}}, tableAt, `task 1: its name "a::b" is not of the form [A-Za-z_][A-Za-z0-9_]*`},
		{"a long name", table{version: 1, names: []string{long}}, tableAt, `task 1: its name has more than 128 bytes: "xxxxxxxxxxxxxxxxxxxx"…`},
		{"flags", table{version: 1, flags: 6, names: []string{"a"}}, tableAt, "task 1: a has flags 0x6, of which this host knows only TASK_ASYNC (1)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := ReadPlugin(test.table.bytes(8), test.address, 8)
			if err == nil || err.Error() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

// FuzzReadPlugin reads whatever a module may call its table.
func FuzzReadPlugin(f *testing.F) {
	f.Add(table{version: 1, flags: Async, names: []string{"a", "b"}}.bytes(4).bytes, uint64(tableAt))
	f.Add(table{version: 1, count: 1 << 61, names: []string{"a"}}.bytes(4).bytes, uint64(tableAt))
	f.Fuzz(func(t *testing.T, memory []byte, address uint64) {
		p, err := ReadPlugin(fake{base: tableAt, bytes: memory}, address, 4)
		if err != nil {
			return
		}
		for _, info := range p.Infos() {
			if _, err := checkName(info.Name); err != nil {
				t.Error(err)
			}
		}
	})
}
