/* What the conformance suite calls. Where there are threads, async tasks use them. */
#include "task_plugin.h"
#include "task_plugin_wasm.h"

#ifdef __wasm__
#define malloc tp_alloc
#define free(memory) ((void)(memory))
#define memcpy __builtin_memcpy
#define sleep_ms tp_sleep_ms
#else
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
static void sleep_ms(uint32_t ms) {
  struct timespec pause = {ms / 1000, (long)(ms % 1000) * 1000000};
  nanosleep(&pause, NULL);
}
#endif

static const task_host *host;
static int64_t outstanding_outputs; /* allocated and not released */

#define LITERAL(text) ((task_value){.kind = TASK_STRING, .as.s = (text), .n = sizeof(text) - 1})

static void *allocate(uint64_t n) {
  void *memory = malloc(n + 1);
  if (!memory) __builtin_trap();
  return memory;
}

/* Deep copies: every string, list and map is a piece of memory of its own. */
static void copy_value(task_value *to, const task_value *from) {
  *to = *from;
  uint64_t count = from->kind == TASK_MAP ? 2 * from->n : from->n;
  if (from->kind == TASK_STRING || from->kind == TASK_BYTES) {
    char *text = allocate(from->n);
    memcpy(text, from->as.s, from->n);
    to->as.s = text;
  } else if (from->kind == TASK_LIST || from->kind == TASK_MAP) {
    task_value *items = allocate(count * sizeof *items);
    for (uint64_t i = 0; i < count; i++) copy_value(&items[i], &from->as.items[i]);
    to->as.items = items;
  } else {
    return;
  }
  __atomic_add_fetch(&outstanding_outputs, 1, __ATOMIC_RELAXED);
}

static void release(task_value *v) {
  uint64_t count = v->kind == TASK_MAP ? 2 * v->n : v->n;
  if (v->kind == TASK_LIST || v->kind == TASK_MAP) {
    for (uint64_t i = 0; i < count; i++) release((task_value *)&v->as.items[i]);
  } else if (v->kind != TASK_STRING && v->kind != TASK_BYTES) {
    return;
  }
  free((void *)v->as.items);
  __atomic_sub_fetch(&outstanding_outputs, 1, __ATOMIC_RELAXED);
}

/* echo(value) -> value, or of several a list */
static int32_t echo(const task_call *call, const task_value *args, uint64_t nargs, task_value *output) {
  (void)call;
  task_value all = {.kind = TASK_LIST, .as.items = args, .n = nargs};
  copy_value(output, nargs == 1 ? &args[0] : &all);
  return TASK_OK;
}

/* answer(status, value): with that status, and the value as output */
static int32_t answer(const task_call *call, const task_value *args, uint64_t nargs, task_value *output) {
  (void)call;
  if (nargs > 1) copy_value(output, &args[1]);
  return (int32_t)args[0].as.i;
}

/* describe() -> [attempt, deadline, task id, size, cancelled] */
static int32_t describe(const task_call *call, const task_value *args, uint64_t nargs, task_value *output) {
  (void)args, (void)nargs;
  task_value items[5] = {
      {.kind = TASK_UINT32, .as.u = call->attempt},
      {.kind = TASK_INT64, .as.i = call->deadline_unix_ns},
      {.kind = TASK_STRING, .as.s = call->task_id, .n = call->task_id_len},
      {.kind = TASK_UINT32, .as.u = call->size},
      {.kind = TASK_INT32, .as.i = *call->cancelled},
  };
  task_value list = {.kind = TASK_LIST, .as.items = items, .n = 5};
  copy_value(output, &list);
  return TASK_OK;
}

/* talk(text): logs it at every level, for the call and for none, and as progress */
static int32_t talk(const task_call *call, const task_value *args, uint64_t nargs, task_value *output) {
  (void)nargs, (void)output;
  for (int32_t level = -4; level <= 8; level += 4) host->log(call->id, level, args[0].as.s, args[0].n);
  host->log(0, 0, args[0].as.s, args[0].n);
  host->log(call->id + 1000000000, 8, "for a call that does not exist", 30);
  host->progress(call->id, 0.25, args[0].as.s, args[0].n);
  host->progress(call->id, 7, "", 0);
  return TASK_OK;
}

/* wait_for_cancel(): says by its progress that it runs */
static int32_t wait_for_cancel(const task_call *call, const task_value *args, uint64_t nargs, task_value *output) {
  (void)args, (void)nargs, (void)output;
  host->progress(call->id, 0, "", 0);
  while (!*call->cancelled) sleep_ms(1);
  return TASK_CANCELLED;
}

/* outstanding() -> how many pieces of memory were not released, before this */
static int32_t outstanding(const task_call *call, const task_value *args, uint64_t nargs, task_value *output) {
  (void)call, (void)args, (void)nargs;
  output->kind = TASK_INT64;
  output->as.i = __atomic_load_n(&outstanding_outputs, __ATOMIC_RELAXED);
  return TASK_OK;
}

typedef struct job {
  const task_call *call;
  const task_value *args;
} job;

#ifndef __wasm__
static void *finish_later(void *started) {
  job j = *(job *)started;
  uint64_t id = j.call->id;
  free(started);
  sleep_ms(1);
  host->finish(id, TASK_OK, &j.args[0]);
  host->finish(id, TASK_FAILED, 0); /* late: ignored */
  return NULL;
}
#endif

/* later(value, how): answers the value by finish.
 * 0: before it returns, 1: after it returned, on another thread, 2: twice,
 * 3: and returns something else, 4: by returning it, 5: by finish, as failed */
static int32_t later(const task_call *call, const task_value *args, uint64_t nargs, task_value *output) {
  (void)nargs;
  switch (args[1].as.i) {
    case 1:
#ifndef __wasm__
    {
      pthread_t thread;
      job *j = malloc(sizeof *j);
      *j = (job){call, args};
      if (pthread_create(&thread, NULL, finish_later, j) != 0) return TASK_FAILED;
      pthread_detach(thread);
      return TASK_PENDING;
    }
#endif
    case 0:
      host->finish(call->id, TASK_OK, &args[0]);
      return TASK_PENDING;
    case 2: {
      uint64_t id = call->id;
      host->finish(id, TASK_OK, &args[0]);
      host->finish(id, TASK_FAILED, 0);
      return TASK_PENDING;
    }
    case 3:
      host->finish(call->id + 1000000000, TASK_OK, 0); /* nobody's */
      host->finish(call->id, TASK_OK, &args[0]);
      *output = (task_value){.kind = TASK_INT32, .as.i = 1};
      return TASK_FAILED;
    case 4:
      copy_value(output, &args[0]);
      return TASK_OK;
    default:
      host->finish(call->id, TASK_RETRY, &args[0]);
      return TASK_PENDING;
  }
}

/* finish_sync(): a finish that is not its to call is ignored */
static int32_t finish_sync(const task_call *call, const task_value *args, uint64_t nargs, task_value *output) {
  (void)args, (void)nargs;
  host->finish(call->id, TASK_FAILED, 0);
  output->kind = TASK_BOOL;
  output->as.i = 1;
  return TASK_OK;
}

static const task_entry tasks[] = {
    {.name = "echo", .run = echo},
    {.name = "answer", .run = answer},
    {.name = "describe", .run = describe},
    {.name = "talk", .run = talk},
    {.name = "wait_for_cancel", .run = wait_for_cancel},
    {.name = "outstanding", .run = outstanding},
    {.name = "later", .flags = TASK_ASYNC, .run = later},
    {.name = "finish_sync", .run = finish_sync},
};

static const task_plugin plugin = {
    .magic = TASK_PLUGIN_MAGIC,
    .abi = TASK_PLUGIN_ABI,
    .size = sizeof plugin,
    .tasks = tasks,
    .ntasks = sizeof tasks / sizeof *tasks,
    .entry_size = sizeof *tasks,
    .release = release,
};

const task_plugin *init_plugin(const task_host *task_host) {
  host = task_host;
  host->log(0, 0, "initialised", 11);
  return &plugin;
}
