/* The plugin of the loader's tests. One build stands for many: the tests change
 * the marks below in the finished library. */
#include "task_plugin.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* volatile: what is compiled in must not know what is in them. */
static volatile char version[] = "FIXTURE-VERSION=00000000";
static volatile char mode[] = "FIXTURE-MODE=ok______";

static const task_host *host;

static int is(const char *wanted) {
  const volatile char *m = mode + strlen("FIXTURE-MODE=");
  for (size_t i = 0; i < strlen(wanted); i++)
    if (m[i] != wanted[i]) return 0;
  return 1;
}

static int32_t answer(task_value *out, const char *text, uint64_t n) {
  out->kind = TASK_STRING;
  out->as.s = text;
  out->n = n;
  return TASK_OK;
}

static int32_t answer_version(task_value *out) {
  return answer(out, (const char *)version + strlen("FIXTURE-VERSION="), 8);
}

static int32_t run_version(const task_call *call, const task_value *args, uint64_t n, task_value *out) {
  return answer_version(out);
}

static int32_t run_echo(const task_call *call, const task_value *args, uint64_t n, task_value *out) {
  if (n != 1) return TASK_BAD_ARGUMENTS;
  *out = args[0];
  return TASK_OK;
}

/* nap tells that it runs, sleeps so many milliseconds, heeding a cancel, and answers the version. */
static int32_t run_nap(const task_call *call, const task_value *args, uint64_t n, task_value *out) {
  host->progress(call->id, 0.5, "", 0);
  for (int64_t ms = n == 1 ? args[0].as.i : 0; ms > 0; ms--) {
    if (*call->cancelled) return TASK_CANCELLED;
    usleep(1000);
  }
  return answer_version(out);
}

/* spin tells that it runs, and never ends. */
static int32_t run_spin(const task_call *call, const task_value *args, uint64_t n, task_value *out) {
  host->progress(call->id, 0.5, "", 0);
  for (;;) *(volatile int *)&n;
}

static int32_t run_fail(const task_call *call, const task_value *args, uint64_t n, task_value *out) {
  answer(out, "it was to fail", 14);
  return TASK_FAILED;
}

static int32_t run_retry(const task_call *call, const task_value *args, uint64_t n, task_value *out) {
  answer(out, "not now", 7);
  return TASK_RETRY;
}

static int32_t run_segv(const task_call *call, const task_value *args, uint64_t n, task_value *out) {
  *(volatile int *)8 = 1;
  return TASK_OK;
}

static int32_t run_abort(const task_call *call, const task_value *args, uint64_t n, task_value *out) {
  fprintf(stderr, "the fixture gives up\n");
  abort();
}

static int32_t run_exit(const task_call *call, const task_value *args, uint64_t n, task_value *out) { exit(7); }

/* hog takes memory until there is none. */
static int32_t run_hog(const task_call *call, const task_value *args, uint64_t n, task_value *out) {
  for (;;) {
    char *block = malloc(1 << 20);
    if (block == NULL) abort();
    memset(block, 1, 1 << 20);
  }
}

static int32_t run_print(const task_call *call, const task_value *args, uint64_t n, task_value *out) {
  for (int i = 0; i < 1000; i++) puts("the fixture prints on standard output");
  fflush(stdout);
  return answer_version(out);
}

static int32_t run_bad_utf8(const task_call *call, const task_value *args, uint64_t n, task_value *out) {
  return answer(out, "\xff\xfe\xfd", 3);
}

static int32_t run_huge(const task_call *call, const task_value *args, uint64_t n, task_value *out) {
  uint64_t size = 1ull << 30;
  char *text = calloc(size, 1);
  if (text == NULL) return TASK_FAILED;
  return answer(out, text, size);
}

static int32_t run_bad_kind(const task_call *call, const task_value *args, uint64_t n, task_value *out) {
  out->kind = 77;
  return TASK_OK;
}

static void *finish_later(void *id) {
  task_value out = {0};
  answer_version(&out);
  usleep(2000);
  host->finish((uint64_t)id, TASK_OK, &out);
  out.n = 0;
  for (int i = 0; i < 100; i++) {
    host->finish((uint64_t)id, TASK_FAILED, &out);
    usleep(100);
  }
  return NULL;
}

/* later finishes on another thread, and goes on finishing what is finished. */
static int32_t run_later(const task_call *call, const task_value *args, uint64_t n, task_value *out) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, finish_later, (void *)call->id) != 0) return TASK_FAILED;
  pthread_detach(thread);
  return TASK_PENDING;
}

/* finish finishes twice before it returns. */
static int32_t run_finish(const task_call *call, const task_value *args, uint64_t n, task_value *out) {
  task_value v = {0};
  answer_version(&v);
  host->finish(call->id, TASK_OK, &v);
  host->finish(call->id, TASK_FAILED, &v);
  return TASK_PENDING;
}

static void release(task_value *out) {
  if (out->kind == TASK_STRING && out->n == 1ull << 30) free((void *)out->as.s);
}

static const task_entry tasks[] = {
    {"version", 0, 0, run_version}, {"echo", 0, 0, run_echo},         {"nap", TASK_ASYNC, 0, run_nap},
    {"spin", TASK_ASYNC, 0, run_spin}, {"fail", 0, 0, run_fail},      {"retry", 0, 0, run_retry},
    {"segv", 0, 0, run_segv},       {"abort", 0, 0, run_abort},       {"exit", 0, 0, run_exit},
    {"hog", 0, 0, run_hog},         {"print", 0, 0, run_print},       {"bad_utf8", 0, 0, run_bad_utf8},
    {"huge", 0, 0, run_huge},       {"bad_kind", 0, 0, run_bad_kind}, {"finish", TASK_ASYNC, 0, run_finish},
    {"later", TASK_ASYNC, 0, run_later},
    {"version", 0, 0, run_version}, /* beyond the table, except in mode "twice" */
};

const task_plugin *init_plugin(const task_host *h) {
  static task_plugin plugin = {
      TASK_PLUGIN_MAGIC, TASK_PLUGIN_ABI, sizeof plugin, tasks, sizeof tasks / sizeof *tasks - 1, sizeof *tasks, release,
  };
  host = h;
  if (is("segv")) *(volatile int *)8 = 1;
  if (is("hang")) for (;;) pause();
  if (is("null")) return NULL;
  if (is("exit")) exit(3);
  if (is("abi")) plugin.abi = TASK_PLUGIN_ABI + 1;
  if (is("twice")) plugin.ntasks++;
  if (is("fewer")) plugin.ntasks = 2;
  if (is("loud")) fprintf(stderr, "the fixture prints while it loads\n");
  return &plugin;
}
