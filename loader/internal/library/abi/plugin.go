package abi

import (
	"errors"
	"fmt"

	"github.com/taskscheduler/taskscheduler/loader/internal/library"
)

// A Plugin is the table that a plugin's init_plugin returned.
type Plugin struct {
	Tasks []Entry
	// Release and Shutdown are addresses of functions, 0 where there is none.
	Release, Shutdown uint64
}

// An Entry is one of a plugin's tasks.
type Entry struct {
	library.TaskInfo

	// Run is the address of the task's function; 0 is for the caller to judge.
	Run uint64
}

// Infos returns what the entries tell to the outside.
func (p *Plugin) Infos() []library.TaskInfo {
	infos := make([]library.TaskInfo, len(p.Tasks))
	for i, entry := range p.Tasks {
		infos[i] = entry.TaskInfo
	}
	return infos
}

// ReadPlugin reads the table at an address, in memory whose pointers take 4 or
// 8 bytes. An error says why the plugin is refused.
func ReadPlugin(m Memory, address uint64, pointer int) (*Plugin, error) {
	if address == 0 {
		return nil, errors.New("init_plugin returned null: the plugin refuses to be loaded")
	}
	head, ok := m.View(address, 8)
	if !ok {
		return nil, errors.New("init_plugin returned no address of the plugin's memory")
	}
	size, version := order.Uint32(head), order.Uint32(head[4:])
	if version != Version {
		return nil, fmt.Errorf("the plugin is built for version %d of the ABI, this host speaks version %d", version, Version)
	}
	want := uint64(24 + 2*pointer)
	if uint64(size) < want {
		return nil, fmt.Errorf("the plugin's table says that it has %d bytes, version %d of the ABI has %d", size, version, want)
	}
	table, ok := m.View(address, want)
	if !ok {
		return nil, errors.New("the plugin's table ends outside of its memory")
	}
	entries, err := readEntries(m, word(table[8:], pointer), order.Uint64(table[16:]), pointer)
	if err != nil {
		return nil, err
	}
	return &Plugin{
		Tasks:    entries,
		Release:  word(table[24:], pointer),
		Shutdown: word(table[24+pointer:], pointer),
	}, nil
}

func readEntries(m Memory, address, n uint64, pointer int) ([]Entry, error) {
	if n > MaxTasks {
		return nil, fmt.Errorf("the plugin offers %d tasks, more than %d", n, MaxTasks)
	}
	size := 8 + 2*pointer
	table, ok := m.View(address, n*uint64(size))
	if !ok {
		return nil, fmt.Errorf("the plugin's %d tasks are at no address of its memory", n)
	}
	entries := make([]Entry, n)
	taken := make(map[string]bool, n)
	for i := range entries {
		entry, err := readEntry(m, table[i*size:], pointer)
		if err != nil {
			return nil, fmt.Errorf("task %d: %w", i+1, err)
		}
		if taken[entry.Name] {
			return nil, fmt.Errorf("task %d: the plugin has two tasks named %q", i+1, entry.Name)
		}
		taken[entry.Name] = true
		entries[i] = entry
	}
	return entries, nil
}

func readEntry(m Memory, entry []byte, pointer int) (Entry, error) {
	name, err := readName(m, word(entry, pointer))
	if err != nil {
		return Entry{}, err
	}
	flags := order.Uint32(entry[pointer:])
	if flags&^Async != 0 {
		return Entry{}, fmt.Errorf("%s has flags %#x, of which this host knows only TASK_ASYNC (%d)", name, flags, Async)
	}
	return Entry{
		TaskInfo: library.TaskInfo{Name: name, Async: flags == Async},
		Run:      word(entry[pointer+8:], pointer),
	}, nil
}

// readName reads a terminated string byte by byte: nobody knows how long it is,
// and the memory may end behind it.
func readName(m Memory, address uint64) (string, error) {
	if address == 0 {
		return "", errors.New("it has no name")
	}
	var name []byte
	for len(name) <= MaxName {
		b, ok := m.View(address+uint64(len(name)), 1)
		if !ok {
			return "", errors.New("its name is outside of the plugin's memory")
		}
		if b[0] == 0 {
			return checkName(string(name))
		}
		name = append(name, b[0])
	}
	return "", fmt.Errorf("its name has more than %d bytes: %.20q…", MaxName, name)
}

func checkName(name string) (string, error) {
	for i, c := range []byte(name) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '_', i > 0 && '0' <= c && c <= '9':
		default:
			return "", fmt.Errorf("its name %q is not of the form [A-Za-z_][A-Za-z0-9_]*", name)
		}
	}
	if name == "" {
		return "", errors.New("its name is empty")
	}
	return name, nil
}

// word reads a pointer of 4 or 8 bytes.
func word(b []byte, size int) uint64 {
	if size == 4 {
		return uint64(order.Uint32(b))
	}
	return order.Uint64(b)
}
