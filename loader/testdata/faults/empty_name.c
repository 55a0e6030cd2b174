/* Has a task with an empty name. */
#include "fault.h"

static const task_entry tasks[] = {{.name = "", .run = ok}};
static const task_plugin plugin = {
    .size = sizeof plugin, .abi = TASK_PLUGIN_ABI, .tasks = tasks, .ntasks = sizeof tasks / sizeof *tasks,
};

const task_plugin *init_plugin(const task_host *h) {
  host = h;
  return &plugin;
}
