/* A plugin that answers what it is given, as a dynamic library and as WebAssembly. */
#include "task_plugin.h"
#include "task_plugin_wasm.h"

static int32_t echo(const task_call *call, const task_value *args, uint64_t nargs, task_value *output) {
  (void)call;
  if (nargs != 1) return TASK_BAD_ARGUMENTS;
  *output = args[0];
  return TASK_OK;
}

const task_plugin *init_plugin(const task_host *host) {
  static const task_entry tasks[] = {{.name = "echo", .run = echo}};
  static const task_plugin plugin = {
      .magic = TASK_PLUGIN_MAGIC, .abi = TASK_PLUGIN_ABI, .size = sizeof plugin,
      .tasks = tasks, .ntasks = 1, .entry_size = sizeof *tasks,
  };
  (void)host;
  return &plugin;
}
