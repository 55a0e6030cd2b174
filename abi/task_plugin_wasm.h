/* task_plugin_wasm.h - what makes a plugin for task_plugin.h a WebAssembly module.
 *
 * Include it after task_plugin.h, in one source file. Elsewhere than in WebAssembly it is empty,
 * so that the same source becomes a dynamic library. It needs no C library:
 *
 *   clang --target=wasm32 -O2 -ffreestanding -nostdlib -mbulk-memory -Wl,--no-entry -I abi -o example.wasm plugin.c
 *
 * The module exports tp_init, tp_buf and tp_call. Its instances run one call at a time each, and
 * have no threads: an async task calls finish before it returns, and may sleep until then.
 * shutdown is never called. The host writes to *call->cancelled while the module calls one of the
 * host's functions or sleeps, and mostly at other times too.
 */
#ifndef TASK_PLUGIN_WASM_H
#define TASK_PLUGIN_WASM_H
#ifdef __wasm__

#include "task_plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TP_EXPORT(name) __attribute__((export_name(name)))
#define TP_IMPORT(module, name) __attribute__((import_module(module), import_name(name)))

TP_IMPORT("task_host", "finish") void tp_host_finish(uint64_t id, int32_t status, const task_value *output);
TP_IMPORT("task_host", "log") void tp_host_log(uint64_t id, int32_t level, const char *text, uint64_t n);
TP_IMPORT("task_host", "progress") void tp_host_progress(uint64_t id, double fraction, const char *note, uint64_t n);
TP_IMPORT("task_host", "cancelled") int32_t tp_host_cancelled(uint64_t id);
TP_IMPORT("wasi_snapshot_preview1", "poll_oneoff") int32_t tp_wasi_poll(const void *in, void *out, uint32_t n, uint32_t *ready);

/* A piece of memory that grows. What it was before is left behind, which sizes that double keep small. */
typedef struct tp_area {
  char *start;
  uint32_t size, used;
} tp_area;

static tp_area tp_input, tp_scratch;
static const task_plugin *tp_plugin;
static task_value tp_last; /* the output that the host has copied when the next call comes */

/* Makes room for n bytes, or answers 0. */
static int tp_reserve(tp_area *area, uint32_t n) {
  if (n <= area->size) return 1;
  if (n > 0x7fff0000u) return 0;
  uint32_t size = n > 2 * area->size ? (n + 65535u) & ~65535u : 2 * area->size;
  uint32_t page = (uint32_t)__builtin_wasm_memory_grow(0, size / 65536);
  if (page == 0xffffffffu) return 0;
  area->start = (char *)(page * 65536u);
  area->size = size;
  return 1;
}

/* Memory until the next call, aligned to 8 bytes; null when there is none left. For plugins
 * without a C library, whose release has nothing to do then. */
static inline void *tp_alloc(uint64_t n) {
  if (n > 0x7fffffffu) return 0;
  uint32_t padded = ((uint32_t)n + 7u) & ~7u;
  if (padded > tp_scratch.size - tp_scratch.used) {
    if (!tp_reserve(&tp_scratch, tp_scratch.size + padded)) return 0;
    tp_scratch.used = 0; /* a new piece: what was handed out stays where it was */
  }
  tp_scratch.used += padded;
  return tp_scratch.start + tp_scratch.used - padded;
}

/* Sleeps, until the call is cancelled at most. */
static inline void tp_sleep_ms(uint32_t milliseconds) {
  uint64_t subscription[6] = {0, 0, 1 /* the monotonic clock */, (uint64_t)milliseconds * 1000000u, 0, 0};
  uint64_t event[4];
  uint32_t ready;
  tp_wasi_poll(subscription, event, 1, &ready);
}

TP_EXPORT("tp_init") const task_plugin *tp_init(void) {
  static task_host host;
  host.size = sizeof host;
  host.abi = TASK_PLUGIN_ABI;
  host.finish = tp_host_finish;
  host.log = tp_host_log;
  host.progress = tp_host_progress;
  return tp_plugin = init_plugin(&host);
}

/* Memory for a call and its arguments, kept until it is asked for more. */
TP_EXPORT("tp_buf") void *tp_buf(uint32_t n) {
  return tp_reserve(&tp_input, n) ? tp_input.start : 0;
}

TP_EXPORT("tp_call") int32_t tp_call(uint32_t index, const task_call *call, const task_value *args,
                                     uint64_t nargs, task_value *output) {
  if (tp_last.kind != TASK_NULL && tp_plugin->release) tp_plugin->release(&tp_last);
  tp_last.kind = TASK_NULL;
  tp_scratch.used = 0;
  int32_t status = tp_plugin->tasks[index].run(call, args, nargs, output);
  if (status != TASK_PENDING) tp_last = *output;
  return status;
}

#ifdef __cplusplus
}
#endif

#endif
#endif
