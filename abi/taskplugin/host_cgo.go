//go:build cgo && !wasip1

package taskplugin

/*
#cgo CFLAGS: -I${SRCDIR}/..
#define TASK_PLUGIN_NO_PROTOTYPE
#include <stdlib.h>
#include "task_plugin.h"

task_function taskplugin_function(int index);
void taskplugin_release(task_value *output);
void taskplugin_finish(const task_host *host, uint64_t id, int32_t status, const task_value *output);
void taskplugin_log(const task_host *host, uint64_t id, int32_t level, const char *text, uint64_t n);
void taskplugin_progress(const task_host *host, uint64_t id, double fraction, const char *note, uint64_t n);
*/
import "C"

import "unsafe"

const addressMask = ^uint64(0)

// host is what the server offers.
var host *C.task_host //nolint:gochecknoglobals // init_plugin sets it

//export init_plugin
func init_plugin(h *C.task_host) *C.task_plugin {
	host = h
	rows := unsafe.Slice((*C.task_entry)(C.calloc(C.size_t(len(plugin.entries)+1), C.sizeof_task_entry)), len(plugin.entries))
	for i, e := range plugin.entries {
		rows[i].name, rows[i].signature, rows[i].doc = text(e.name), text(e.signature), text(e.doc)
		rows[i].run = C.taskplugin_function(C.int(i))
		if e.async {
			rows[i].flags = C.TASK_ASYNC
		}
	}
	table := (*C.task_plugin)(C.calloc(1, C.sizeof_task_plugin))
	table.magic, table.abi, table.size = C.TASK_PLUGIN_MAGIC, C.TASK_PLUGIN_ABI, C.sizeof_task_plugin
	table.tasks, table.ntasks, table.entry_size = unsafe.SliceData(rows), C.uint64_t(len(plugin.entries)), C.sizeof_task_entry
	table.release = (*[0]byte)(C.taskplugin_release)
	table.version, table.doc = text(plugin.version), text(plugin.doc)
	return table
}

//export taskplugin_run
func taskplugin_run(index C.int, call *C.task_call, args *C.task_value, nargs C.uint64_t, result *C.task_value) C.int32_t {
	e, c := &plugin.entries[index], newCall((*rawCall)(unsafe.Pointer(call)))
	values := decodeAll(unsafe.Pointer(args), uint64(nargs))
	if !e.async {
		return C.int32_t(answer(e, c, values, (*value)(unsafe.Pointer(result))))
	}
	go func() {
		var v value
		id, status := c.id, answer(e, c, values, &v)
		C.taskplugin_finish(host, C.uint64_t(id), C.int32_t(status), (*C.task_value)(unsafe.Pointer(&v)))
		release(&v)
	}()
	return statusPending
}

//export taskplugin_free
func taskplugin_free(output *C.task_value) { release((*value)(unsafe.Pointer(output))) }

// allocate returns zeroed memory of C's, which the server may read after Go has
// returned.
func allocate(size int) (address uint64, memory []byte) {
	block := C.calloc(C.size_t(size)+1, 1)
	return uint64(uintptr(block)), unsafe.Slice((*byte)(block), size)
}

func free(address uint64) { C.free(pointer(address)) }

// text returns a copy of s that stays; null for an empty one.
func text(s string) *C.char {
	if s == "" {
		return nil
	}
	return C.CString(s)
}

func hostLog(id uint64, level int32, text string) {
	C.taskplugin_log(host, C.uint64_t(id), C.int32_t(level), chars(text), C.uint64_t(len(text)))
}

func hostProgress(id uint64, fraction float64, note string) {
	C.taskplugin_progress(host, C.uint64_t(id), C.double(fraction), chars(note), C.uint64_t(len(note)))
}

// hostCancelled: what the call points to says it all.
func hostCancelled(uint64) bool { return false }

func chars(s string) *C.char { return (*C.char)(unsafe.Pointer(unsafe.StringData(s))) }
