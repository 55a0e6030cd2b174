// A plugin whose task throws what nobody catches.
#include <stdexcept>

#include "task_plugin.h"

static int32_t run_throw(const task_call *, const task_value *, uint64_t, task_value *) {
  throw std::runtime_error("the fixture throws");
}

static int32_t run_version(const task_call *, const task_value *, uint64_t, task_value *out) {
  out->kind = TASK_STRING;
  out->as.s = "00000001";
  out->n = 8;
  return TASK_OK;
}

static const task_entry tasks[] = {
    {"throw", 0, 0, run_throw, nullptr, nullptr}, {"version", 0, 0, run_version, nullptr, nullptr},
};

static const task_plugin plugin = {
    TASK_PLUGIN_MAGIC, TASK_PLUGIN_ABI, sizeof plugin, tasks, 2, sizeof *tasks, nullptr, nullptr, nullptr, nullptr,
};

extern "C" const task_plugin *init_plugin(const task_host *) { return &plugin; }
