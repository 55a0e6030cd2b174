package abi

import (
	"errors"
	"fmt"

	"github.com/taskscheduler/taskscheduler/internal/signature"
	"github.com/taskscheduler/taskscheduler/loader/internal/library"
)

// A Plugin is what a plugin's init_plugin returned.
type Plugin struct {
	library.Description

	// Run are the addresses of the tasks' functions; 0 is for the caller to judge.
	Run []uint64
	// Release and Shutdown are addresses of functions, 0 where there is none.
	Release, Shutdown uint64
}

// The places of those parts of a task_plugin whose place does not depend on how wide a
// pointer is, and how many bytes there must be: those that tell of the others.
const (
	versionAt   = 8
	sizeAt      = 12
	tasksAt     = 16
	countAt     = 24
	entrySizeAt = 32
	pluginSize  = 40
	widest      = 8 // bytes of a pointer
)

// ReadPlugin reads what init_plugin returned, in memory whose pointers take 4 or
// 8 bytes. An error says why the plugin is refused. What lies at the address is
// anything until the magic number has shown that it is a task_plugin.
func ReadPlugin(m Memory, address uint64, pointer int) (*Plugin, error) {
	if address == 0 {
		return nil, errors.New("init_plugin returned null: the plugin refuses to be loaded")
	}
	magic, ok := m.View(address, versionAt)
	if !ok || order.Uint64(magic) != Magic {
		return nil, errors.New("the plugin was not built with task_plugin.h: what its init_plugin returns " +
			"does not begin with TASK_PLUGIN_MAGIC (a plugin for the server's predecessor, or for another program, must be built anew with it)")
	}
	head, ok := m.View(address, tasksAt)
	if !ok {
		return nil, errOutside
	}
	if version := order.Uint32(head[versionAt:]); version != Version {
		return nil, fmt.Errorf("the plugin is built for version %d of the ABI, this host speaks version %d: "+
			"build it with the task_plugin.h of this host's version", version, Version)
	}
	table, err := readStruct(m, address, order.Uint32(head[sizeAt:]), pluginSize, 4, pointer)
	if err != nil {
		return nil, fmt.Errorf("the plugin's table: %w", err)
	}
	var p Plugin
	if err := p.readEntries(m, table, pointer); err != nil {
		return nil, err
	}
	more := table[pluginSize:] // the pointers, which an earlier header may not have
	p.Release, p.Shutdown = word(more, pointer), word(more[pointer:], pointer)
	if p.Version, err = readLine(m, word(more[2*pointer:], pointer), MaxVersion); err != nil {
		return nil, fmt.Errorf("the plugin's version: %w", err)
	}
	if p.Doc, err = readDoc(m, word(more[3*pointer:], pointer)); err != nil {
		return nil, fmt.Errorf("the plugin's doc: %w", err)
	}
	return &p, nil
}

// errOutside says that a pointer is wrong.
var errOutside = errors.New("it lies outside of the plugin's memory")

// readStruct reads a struct of so many bytes, of which the first least must be
// there. It returns them and the pointers that follow, zero where they are not.
func readStruct(m Memory, address uint64, size, least uint32, pointers, pointer int) ([]byte, error) {
	if size < least {
		return nil, fmt.Errorf("it says that it has %d bytes, version %d of the ABI has %d at least", size, Version, least)
	}
	whole := (size - least) / uint32(pointer)
	known := least + uint32(pointer)*min(whole, uint32(pointers))
	there, ok := m.View(address, uint64(known))
	if !ok {
		return nil, errOutside
	}
	all := make([]byte, int(least)+pointers*widest)
	copy(all, there)
	return all, nil
}

func (p *Plugin) readEntries(m Memory, table []byte, pointer int) error {
	address, n := word(table[tasksAt:], pointer), order.Uint64(table[countAt:])
	size := order.Uint64(table[entrySizeAt:])
	switch {
	case n > MaxTasks:
		return fmt.Errorf("the plugin offers %d tasks, more than %d", n, MaxTasks)
	case n > 0 && (size > MaxEntry || size%uint64(pointer) != 0):
		return fmt.Errorf("the plugin's entry_size is %d: want sizeof(task_entry)", size)
	}
	p.Tasks, p.Run = make([]library.TaskInfo, n), make([]uint64, n)
	taken := make(map[string]bool, n)
	for i := range p.Tasks {
		info, run, err := readEntry(m, address+uint64(i)*size, uint32(size), pointer)
		switch {
		case err != nil:
			return fmt.Errorf("task %d: %w", i+1, err)
		case taken[info.Name]:
			return fmt.Errorf("task %d: the plugin has two tasks named %q", i+1, info.Name)
		}
		taken[info.Name] = true
		p.Tasks[i], p.Run[i] = info, run
	}
	return nil
}

func readEntry(m Memory, address uint64, size uint32, pointer int) (info library.TaskInfo, run uint64, err error) {
	least := uint32(8 + 2*pointer) // up to run
	entry, err := readStruct(m, address, size, least, 2, pointer)
	if err != nil {
		return info, 0, fmt.Errorf("its entry: %w", err)
	}
	if info.Name, err = readName(m, word(entry, pointer)); err != nil {
		return info, 0, err
	}
	flags := order.Uint32(entry[pointer:])
	if flags&^Async != 0 {
		return info, 0, fmt.Errorf("%s has flags %#x, of which this host knows only TASK_ASYNC (%d)", info.Name, flags, Async)
	}
	info.Async = flags == Async
	if info.Signature, err = readSignature(m, word(entry[least:], pointer)); err != nil {
		return info, 0, fmt.Errorf("%s's signature: %w", info.Name, err)
	}
	if info.Doc, err = readDoc(m, word(entry[int(least)+pointer:], pointer)); err != nil {
		return info, 0, fmt.Errorf("%s's doc: %w", info.Name, err)
	}
	return info, word(entry[pointer+8:], pointer), nil
}

func readName(m Memory, address uint64) (string, error) {
	if address == 0 {
		return "", errors.New("it has no name")
	}
	name, err := readText(m, address, MaxName+1)
	switch {
	case err != nil:
		return "", fmt.Errorf("its name: %w", err)
	case len(name) > MaxName:
		return "", fmt.Errorf("its name has more than %d bytes: %.20q…", MaxName, name)
	default:
		return name, checkName(name)
	}
}

func checkName(name string) error {
	for i, c := range []byte(name) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '_', i > 0 && '0' <= c && c <= '9':
		default:
			return fmt.Errorf("its name %q is not of the form [A-Za-z_][A-Za-z0-9_]*", name)
		}
	}
	if name == "" {
		return errors.New("its name is empty")
	}
	return nil
}

// readSignature returns a signature that is well formed, or "" at null.
func readSignature(m Memory, address uint64) (string, error) {
	text, err := readText(m, address, signature.MaxBytes+1)
	if err != nil || address == 0 {
		return "", err
	}
	_, err = signature.Parse(text)
	return text, err
}

// word reads a pointer of 4 or 8 bytes.
func word(b []byte, size int) uint64 {
	if size == 4 {
		return uint64(order.Uint32(b))
	}
	return order.Uint64(b)
}
