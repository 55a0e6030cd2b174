/* Has a task with an empty name. */
#include "fault.h"

static const task_entry tasks[] = {{.name = "", .run = ok}};
static const task_plugin plugin = {
    .magic = TASK_PLUGIN_MAGIC, .abi = TASK_PLUGIN_ABI, .size = sizeof plugin,
    .tasks = tasks, .ntasks = sizeof tasks / sizeof *tasks, .entry_size = sizeof *tasks,
};

const task_plugin *init_plugin(const task_host *h) {
  host = h;
  return &plugin;
}
