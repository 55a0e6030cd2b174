/* A plugin whose tasks give back what they get, each of another kind. */
#include "task_plugin.h"

static int32_t same(const task_call *call, const task_value *args, uint64_t nargs, task_value *output) {
  *output = args[0];
  return TASK_OK;
}

static const task_entry tasks[] = {
    {.name = "any", .run = same, .signature = "(v: any) -> any"},
    {.name = "int32", .run = same, .signature = "(v: int32) -> int32"},
    {.name = "int64", .run = same, .signature = "(v: int64) -> int64"},
    {.name = "uint32", .run = same, .signature = "(v: uint32) -> uint32"},
    {.name = "uint64", .run = same, .signature = "(v: uint64) -> uint64"},
    {.name = "float", .run = same, .signature = "(v: float) -> float"},
    {.name = "double", .run = same, .signature = "(v: double) -> double"},
};

static const task_plugin plugin = {
    .magic = TASK_PLUGIN_MAGIC, .abi = TASK_PLUGIN_ABI, .size = sizeof(task_plugin),
    .tasks = tasks, .ntasks = sizeof tasks / sizeof *tasks, .entry_size = sizeof(task_entry), .version = "1",
};

const task_plugin *init_plugin(const task_host *given) { return &plugin; }
