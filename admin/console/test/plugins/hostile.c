/* A plugin that says what would be markup, a script or an end of a line elsewhere. */
#include "task_plugin.h"
#include <string.h>

static const task_host *host;

#define HOSTILE "<img src=x onerror=alert(1)><script>alert(2)</script>\"'`\xe2\x80\xae\x1b[31m</style>javascript:alert(3)"

static void say(task_value *v, const char *text) {
  v->kind = TASK_STRING;
  v->as.s = text;
  v->n = strlen(text);
}

static int32_t answer(const task_call *call, const task_value *args, uint64_t nargs, task_value *output) {
  (void)args, (void)nargs;
  host->log(call->id, 0, HOSTILE, sizeof HOSTILE - 1);
  host->progress(call->id, 0.5, HOSTILE, sizeof HOSTILE - 1);
  say(output, HOSTILE);
  return TASK_OK;
}

static int32_t fail(const task_call *call, const task_value *args, uint64_t nargs, task_value *output) {
  (void)call, (void)args, (void)nargs;
  say(output, HOSTILE);
  return TASK_RETRY;
}

static const task_entry tasks[] = {
    {.name = "answer", .run = answer, .signature = "(_script: string?, alert: {__proto__: string?}?) -> string", .doc = HOSTILE},
    {.name = "fail", .run = fail, .doc = HOSTILE},
};

static const task_plugin plugin = {
    .magic = TASK_PLUGIN_MAGIC,
    .abi = TASK_PLUGIN_ABI,
    .size = sizeof plugin,
    .tasks = tasks,
    .ntasks = sizeof tasks / sizeof *tasks,
    .entry_size = sizeof(task_entry),
    .version = HOSTILE,
};

const task_plugin *init_plugin(const task_host *h) {
  host = h;
  return &plugin;
}
