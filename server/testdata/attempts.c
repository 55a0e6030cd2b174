/* A plugin whose tasks fail until the attempt that is asked for. */
#include "task_plugin.h"

#include <stdlib.h>
#include <unistd.h>

static const task_host *host;

static int32_t attempt_of(const task_call *call, task_value *output) {
  output->kind = TASK_INT64;
  output->as.i = call->attempt;
  return TASK_OK;
}

/* until(n) may succeed when tried again, up to the n-th attempt, which answers its number. */
static int32_t until(const task_call *call, const task_value *args, uint64_t nargs, task_value *output) {
  if ((int64_t)call->attempt >= args[0].as.i) return attempt_of(call, output);
  *output = (task_value){.kind = TASK_STRING, .as.s = "not yet", .n = 7};
  return TASK_RETRY;
}

/* crash(n) ends its process instead. */
static int32_t crash(const task_call *call, const task_value *args, uint64_t nargs, task_value *output) {
  if ((int64_t)call->attempt >= args[0].as.i) return attempt_of(call, output);
  abort();
}

/* hang(n) never returns instead, whatever its caller wants. */
static int32_t hang(const task_call *call, const task_value *args, uint64_t nargs, task_value *output) {
  if ((int64_t)call->attempt >= args[0].as.i) return attempt_of(call, output);
  for (;;) sleep(1);
}

static const task_entry tasks[] = {
    {.name = "until", .run = until, .signature = "(attempt: int64) -> int64"},
    {.name = "crash", .run = crash, .signature = "(attempt: int64) -> int64"},
    {.name = "hang", .run = hang, .signature = "(attempt: int64) -> int64"},
};

static const task_plugin plugin = {
    .magic = TASK_PLUGIN_MAGIC, .abi = TASK_PLUGIN_ABI, .size = sizeof(task_plugin),
    .tasks = tasks, .ntasks = 3, .entry_size = sizeof(task_entry), .version = "1",
};

const task_plugin *init_plugin(const task_host *given) {
  host = given;
  return &plugin;
}
