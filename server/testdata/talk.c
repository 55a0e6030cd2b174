/* A plugin that says a lot of itself, and some of it is not true. */
#include "task_plugin.h"
#include "task_plugin_wasm.h"

static const task_host *host;
static uint64_t ended; /* the id of a call that is over */

/* say: half done, two lines. */
static int32_t say(const task_call *call, const task_value *args, uint64_t nargs, task_value *output) {
  (void)args, (void)nargs, (void)output;
  host->log(call->id, 0, "beginning", 9);
  host->progress(call->id, 0.5, "half", 4);
  host->log(call->id, 4, "nearly there", 12);
  ended = call->id;
  return TASK_OK;
}

/* lie: for calls that are over, to come, of nobody; with fractions that are none, a long line and no UTF-8. */
static int32_t lie(const task_call *call, const task_value *args, uint64_t nargs, task_value *output) {
  (void)args, (void)nargs, (void)output;
  static char line[64 << 10];
  double nothing = 0;
  for (int i = 0; i < (int)sizeof line; i++) line[i] = 'l';
  uint64_t others[] = {0, ended, call->id + 1, call->id + (1ull << 32), ~0ull, 12345};
  for (int i = 0; i < 6; i++) {
    host->log(others[i], 8, "a lie", 5);
    host->progress(others[i], 0.9, "a lie", 5);
  }
  host->progress(call->id, nothing / nothing, "nan", 3);
  host->progress(call->id, 2, "two", 3);
  host->progress(call->id, -1, "minus", 5);
  host->log(call->id, 0, line, sizeof line);
  host->log(call->id, 0, "\xff\xfe", 2);
  return TASK_OK;
}

/* flood: more than anybody could read. */
static int32_t flood(const task_call *call, const task_value *args, uint64_t nargs, task_value *output) {
  (void)args, (void)nargs, (void)output;
  static char line[4 << 10];
  for (int i = 0; i < (int)sizeof line; i++) line[i] = 'w';
  for (int i = 0; i < 10000; i++) {
    host->log(call->id, 0, line, sizeof line);
    host->progress(call->id, i / 10000.0, line, sizeof line);
  }
  return TASK_OK;
}

static const task_entry tasks[] = {
    {.name = "say", .run = say}, {.name = "lie", .run = lie}, {.name = "flood", .run = flood},
};

static const task_plugin plugin = {
    .magic = TASK_PLUGIN_MAGIC, .abi = TASK_PLUGIN_ABI, .size = sizeof plugin,
    .tasks = tasks, .ntasks = sizeof tasks / sizeof *tasks, .entry_size = sizeof *tasks, .version = "2.1",
};

const task_plugin *init_plugin(const task_host *task_host) {
  host = task_host;
  return &plugin;
}
