/* Says that its entries are smaller than version 1 of the ABI. */
#include "fault.h"

static const task_entry tasks[] = {{.name = "ok", .run = ok}};
static const task_plugin plugin = {
    .magic = TASK_PLUGIN_MAGIC, .abi = TASK_PLUGIN_ABI, .size = sizeof plugin,
    .tasks = tasks, .ntasks = sizeof tasks / sizeof *tasks, .entry_size = sizeof *tasks, .entry_size = 16,
};

const task_plugin *init_plugin(const task_host *h) {
  host = h;
  return &plugin;
}
