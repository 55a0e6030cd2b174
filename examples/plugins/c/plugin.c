/* A plugin in C with the three example tasks. README.md beside it says how to build and call it. */
#include "task_plugin.h"
#include "task_plugin_wasm.h" /* empty unless this is compiled to WebAssembly */

#ifdef __wasm__ /* without a C library */
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

/* A value that is a string literal. */
#define LITERAL(text) ((task_value){.kind = TASK_STRING, .as.s = (text), .n = sizeof(text) - 1})

/* The arguments are wrong: the caller gets INVALID_ARGUMENT with this text. */
#define REFUSE(output, text) (*(output) = LITERAL(text), TASK_BAD_ARGUMENTS)

/* Written out, since the compiler's own takes a library that WebAssembly lacks. */
static int overflows(int64_t a, int64_t b) {
  if (a > 0) return b > 0 ? a > INT64_MAX / b : b < INT64_MIN / a;
  if (b > 0) return a < INT64_MIN / b;
  return a != 0 && b < INT64_MAX / a;
}

/* The host holds the arguments against the signature in the table: here they are int64s. */
static int32_t multiply(const task_call *call, const task_value *args, uint64_t nargs, task_value *output) {
  (void)call;
  int64_t product = 1;
  for (uint64_t i = 0; i < nargs; i++) {
    if (overflows(product, args[i].as.i)) return REFUSE(output, "the product does not fit an int64");
    product *= args[i].as.i;
  }
  output->kind = TASK_INT64;
  output->as.i = product;
  return TASK_OK;
}

/* Waits as long as delayed_echo is asked to, and answers its first argument. */
static void echo_later(const task_call *call, const task_value *args) {
  host->log(call->id, -4, "waiting", 7);
  for (int64_t left = args[1].as.i; left > 0; left -= 10) {
    if (*call->cancelled) {
      host->finish(call->id, TASK_CANCELLED, 0);
      return;
    }
    sleep_ms(left < 10 ? (uint32_t)left : 10);
  }
  host->progress(call->id, 1, "waited", 6);
  /* The argument is ours until finish returns, and finish copies it. */
  host->finish(call->id, TASK_OK, &args[0]);
}

#ifndef __wasm__
typedef struct echo {
  const task_call *call;
  const task_value *args;
} echo;

static void *run_echo(void *started) {
  echo e = *(echo *)started;
  free(started);
  echo_later(e.call, e.args);
  return NULL;
}
#endif

/* Async: it waits rather than works. */
static int32_t delayed_echo(const task_call *call, const task_value *args, uint64_t nargs, task_value *output) {
  (void)nargs; /* as many as the signature says */
#ifdef __wasm__ /* an instance of a module has one thread, and runs nothing else meanwhile */
  echo_later(call, args);
#else
  echo *e = malloc(sizeof *e);
  pthread_t thread;
  *e = (echo){call, args};
  if (pthread_create(&thread, NULL, run_echo, e) != 0) {
    free(e);
    *output = LITERAL("no thread for delayed_echo");
    return TASK_RETRY;
  }
  pthread_detach(thread);
#endif
  return TASK_PENDING;
}

static int32_t summarize(const task_call *call, const task_value *args, uint64_t nargs, task_value *output) {
  (void)call, (void)nargs;
  double sum = 0;
  for (uint64_t i = 0; i < args[0].n; i++) sum += args[0].as.items[i].as.f;

  /* One piece of memory for the three pairs, the list of keys and their text. */
  const task_value *pairs = args[1].as.items;
  uint64_t nkeys = args[1].n, text_size = 0;
  for (uint64_t i = 0; i < nkeys; i++) text_size += pairs[2 * i].n;
  task_value *fields = malloc((6 + nkeys) * sizeof *fields + text_size);
  if (!fields) return TASK_RETRY;
  task_value *keys = fields + 6;
  char *text = (char *)(keys + nkeys);
  for (uint64_t i = 0; i < nkeys; i++) {
    uint64_t n = pairs[2 * i].n;
    keys[i] = (task_value){.kind = TASK_STRING, .as.s = memcpy(text, pairs[2 * i].as.s, n), .n = n};
    text += n;
  }
  fields[0] = LITERAL("count");
  fields[1] = (task_value){.kind = TASK_INT64, .as.i = (int64_t)args[0].n};
  fields[2] = LITERAL("sum");
  fields[3] = (task_value){.kind = TASK_DOUBLE, .as.f = sum};
  fields[4] = LITERAL("keys");
  fields[5] = (task_value){.kind = TASK_LIST, .as.items = keys, .n = nkeys};
  *output = (task_value){.kind = TASK_MAP, .as.items = fields, .n = 3};
  return TASK_OK;
}

/* Only summarize's map was allocated: strings are literals. */
static void release(task_value *output) {
  if (output->kind == TASK_MAP) free((void *)output->as.items);
}

static const task_entry tasks[] = {
    {
        .name = "multiply",
        .run = multiply,
        .signature = "(factors: int64...) -> int64",
        .doc = "Returns the product of all factors.",
    },
    {
        .name = "delayed_echo",
        .flags = TASK_ASYNC,
        .run = delayed_echo,
        .signature = "(value: any, milliseconds: int32) -> any",
        .doc = "Returns the value after that many milliseconds.",
    },
    {
        .name = "summarize",
        .run = summarize,
        .signature = "(numbers: list<double>, labels: map) -> {count: int64, sum: double, keys: list<string>}",
        .doc = "Counts and adds numbers, and lists a map's keys.",
    },
};

static const task_plugin plugin = {
    .magic = TASK_PLUGIN_MAGIC,
    .abi = TASK_PLUGIN_ABI,
    .size = sizeof plugin,
    .tasks = tasks,
    .ntasks = sizeof tasks / sizeof *tasks,
    .entry_size = sizeof *tasks,
    .release = release,
    .version = "1.0.0",
    .doc = "Examples of what a task can do.",
};

const task_plugin *init_plugin(const task_host *task_host) {
  host = task_host;
  return &plugin;
}
