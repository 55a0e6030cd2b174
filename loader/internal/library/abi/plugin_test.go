package abi

import (
	"cmp"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/taskscheduler/taskscheduler/internal/signature"
	"github.com/taskscheduler/taskscheduler/loader/internal/library"
)

// A table is a plugin's in memory, from address tableAt on. What is zero is as it
// should be.
type table struct {
	magic     uint64
	version   uint32
	size      uint32 // of the table, in bytes
	entries   uint64 // their address
	count     uint64
	entrySize uint64
	flags     uint32
	tasks     []described
	about     described // the plugin's version, as its signature, and doc
}

type described struct{ name, signature, doc string }

const tableAt = 4096

// none is a pointer that is null, where "" would be a text without a character.
const none = "\x00none"

// bytes lays a table out with pointers of 4 or 8 bytes.
func (p table) bytes(pointer int) fake {
	head := make([]byte, 40+4*pointer)
	entrySize := int(cmp.Or(p.entrySize, uint64(8+4*pointer)))
	entries := make([]byte, len(p.tasks)*entrySize)
	textAt := tableAt + len(head) + len(entries)
	var texts []byte
	put := func(at []byte, text string) {
		if text != none && len(at) >= pointer { // otherwise the entry ends before
			order.PutUint32(at, uint32(textAt+len(texts))) // the upper half, if any, is zero
			texts = append(append(texts, text...), 0)
		}
	}
	for i, task := range p.tasks {
		entry := entries[i*entrySize:][:entrySize]
		put(entry, task.name)
		order.PutUint32(entry[pointer:], p.flags)
		entry[pointer+8] = byte(i + 1)
		put(entry[8+2*pointer:], task.signature)
		put(entry[min(entrySize, 8+3*pointer):], task.doc)
	}
	order.PutUint64(head, cmp.Or(p.magic, Magic))
	order.PutUint32(head[8:], cmp.Or(p.version, Version))
	order.PutUint32(head[12:], cmp.Or(p.size, uint32(len(head))))
	order.PutUint32(head[16:], uint32(cmp.Or(p.entries, uint64(tableAt+len(head)))))
	order.PutUint64(head[24:], cmp.Or(p.count, uint64(len(p.tasks))))
	order.PutUint64(head[32:], uint64(entrySize))
	head[40], head[40+pointer] = 77, 88
	put(head[40+2*pointer:], p.about.signature)
	put(head[40+3*pointer:], p.about.doc)
	all := join(head, entries, texts)
	return fake{base: tableAt, bytes: append(all, make([]byte, -len(all)&(page-1))...)} // as memory is: whole pages
}

// twoTasks is a table with all that there can be, and one with little.
func twoTasks() table {
	return table{
		flags: Async,
		tasks: []described{{"a", "( int32 ...) -> any", "Does a.\nAnd more."}, {"_b2", none, none}},
		about: described{signature: "1.4.2", doc: "Two tasks."},
	}
}

func TestReadPlugin(t *testing.T) {
	for _, pointer := range []int{4, 8} {
		t.Run(fmt.Sprint("pointers of ", pointer), func(t *testing.T) {
			for _, test := range []struct{ size, entrySize int }{
				{40 + 4*pointer, 8 + 4*pointer},      // this version's
				{1000, 8 + 9*pointer},                // a later one's
				{40, 8 + 2*pointer},                  // the least
				{40 + 2*pointer, 8 + 3*pointer},      // in between
				{40 + 2*pointer + 2, 8 + 2*pointer},  // half a pointer counts for none
				{40 + 3*pointer + 20, 8 + 4*pointer}, // an odd size
			} {
				table := twoTasks()
				table.size, table.entrySize = uint32(test.size), uint64(test.entrySize)
				got, err := ReadPlugin(table.bytes(pointer), tableAt, pointer)
				if err != nil {
					t.Fatal(err)
				}
				has := func(size int) bool { return test.size >= 40+size*pointer }
				entryHas := func(size int) bool { return test.entrySize >= 8+size*pointer }
				want := Plugin{
					Description: library.Description{
						Version: when(has(3), "1.4.2"), Doc: when(has(4), "Two tasks."),
						Tasks: []library.TaskInfo{
							{Name: "a", Async: true, Signature: when(entryHas(3), "( int32 ...) -> any"), Doc: when(entryHas(4), "Does a.\nAnd more.")},
							{Name: "_b2", Async: true},
						},
					},
					Run: []uint64{1, 2}, Release: when[uint64](has(1), 77), Shutdown: when[uint64](has(2), 88),
				}
				if !reflect.DeepEqual(*got, want) {
					t.Errorf("sizes of %d and %d:\ngot  %+v\nwant %+v", test.size, test.entrySize, *got, want)
				}
			}
		})
	}
}

func when[T any](there bool, x T) (v T) {
	if there {
		return x
	}
	return v
}

func TestReadPluginRefuses(t *testing.T) {
	const foreign = "the plugin was not built with task_plugin.h: what its init_plugin returns does not begin with TASK_PLUGIN_MAGIC " +
		"(a plugin for the server's predecessor, or for another program, must be built anew with it)"
	named := func(names ...string) []described {
		var tasks []described
		for _, name := range names {
			tasks = append(tasks, described{name, none, none})
		}
		return tasks
	}
	signed := func(signature string) []described { return []described{{"a", signature, none}} }
	tests := []struct {
		name    string
		table   table
		address uint64
		want    string
	}{
		{"null", table{}, 0, "init_plugin returned null: the plugin refuses to be loaded"},
		{"an address outside", table{}, 5, foreign},
		{"an address at the end", table{}, 2*tableAt - 7, foreign},
		{"another magic", table{magic: 0x7f6e_1234_5678_9abc}, tableAt, foreign},
		{"another version", table{version: 2}, tableAt, "the plugin is built for version 2 of the ABI, this host speaks version 1: build it with the task_plugin.h of this host's version"},
		{"a size", table{size: 39}, tableAt, "the plugin's table: it says that it has 39 bytes, version 1 of the ABI has 40 at least"},
		{"a count", table{count: 1 << 60}, tableAt, "the plugin offers 1152921504606846976 tasks, more than 4096"},
		{"entries outside", table{entries: 1, count: 1}, tableAt, "task 1: its entry: it lies outside of the plugin's memory"},
		{"an entry at the end", table{entries: 2*tableAt - 10, count: 1}, tableAt, "task 1: its entry: it lies outside of the plugin's memory"},
		{"small entries", table{count: 1, entrySize: 16}, tableAt, "task 1: its entry: it says that it has 16 bytes, version 1 of the ABI has 24 at least"},
		{"odd entries", table{count: 1, entrySize: 41}, tableAt, "the plugin's entry_size is 41: want sizeof(task_entry)"},
		{"large entries", table{count: 1, entrySize: 1 << 40}, tableAt, "the plugin's entry_size is 1099511627776: want sizeof(task_entry)"},
		{"two of a name", table{tasks: named("a", "a")}, tableAt, `task 2: the plugin has two tasks named "a"`},
		{"no name", table{tasks: named(none)}, tableAt, "task 1: it has no name"},
		{"an empty name", table{tasks: named("")}, tableAt, "task 1: its name is empty"},
		{"a name", table{tasks: named("a", "2b")}, tableAt, `task 2: its name "2b" is not of the form [A-Za-z_][A-Za-z0-9_]*`},
		{"a colon", table{tasks: named("a::b")}, tableAt, `task 1: its name "a::b" is not of the form [A-Za-z_][A-Za-z0-9_]*`},
		{"a long name", table{tasks: named(strings.Repeat("x", MaxName+1))}, tableAt, `task 1: its name has more than 128 bytes: "xxxxxxxxxxxxxxxxxxxx"…`},
		{"flags", table{flags: 6, tasks: named("a")}, tableAt, "task 1: a has flags 0x6, of which this host knows only TASK_ASYNC (1)"},
		{"a signature", table{tasks: signed("(int32) -> int")}, tableAt, `task 1: a's signature: byte 12: "int" is not a type`},
		{"an empty signature", table{tasks: signed("")}, tableAt, `task 1: a's signature: byte 1: want "(", but it ends`},
		{
			"a long signature",
			table{tasks: signed("(" + strings.Repeat(" ", 5000) + ") -> any")},
			tableAt,
			"task 1: a's signature: byte 4097: a signature has at most 4096 bytes, this one 4097",
		},
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

// A plugin's own description is shown in terminals, and is cut where it is long.
func TestReadPluginCleans(t *testing.T) {
	p, err := ReadPlugin(table{
		tasks: []described{{"a", none, strings.Repeat("x", MaxDoc) + "tail"}},
		about: described{signature: "1\x1b[31m\n\u202e2", doc: "one\n\ttwo \xff \u00fc\x07"},
	}.bytes(8), tableAt, 8)
	if err != nil {
		t.Fatal(err)
	}
	if p.Version != "1\uFFFD[31m\uFFFD\uFFFD2" || p.Doc != "one\n\ttwo \uFFFD ü\uFFFD" || p.Tasks[0].Doc != strings.Repeat("x", MaxDoc) {
		t.Errorf("got %q, %q, %q", p.Version, p.Doc, p.Tasks[0].Doc)
	}
}

// FuzzReadPlugin reads whatever a module may call its table.
func FuzzReadPlugin(f *testing.F) {
	f.Add(twoTasks().bytes(4).bytes, uint64(tableAt))
	f.Add(table{count: 1 << 61}.bytes(4).bytes, uint64(tableAt))
	f.Add(table{count: 3, entrySize: 4096, size: 1 << 31}.bytes(4).bytes, uint64(tableAt))
	f.Fuzz(func(t *testing.T, memory []byte, address uint64) {
		p, err := ReadPlugin(fake{base: tableAt, bytes: memory}, address, 4)
		if err != nil {
			return
		}
		for _, info := range p.Tasks {
			if err := checkName(info.Name); err != nil {
				t.Error(err)
			}
			if _, err := signature.Parse(info.Signature); err != nil && info.Signature != "" {
				t.Error(err)
			}
		}
	})
}
