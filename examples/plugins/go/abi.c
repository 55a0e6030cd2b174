// What cgo can't say in Go: the table of tasks, and const in the header's prototypes.
#include "_cgo_export.h"

const task_host *plugin_host;

static int32_t run_multiply(const task_call *c, const task_value *args, uint64_t n, task_value *out) {
  return runTask(0, (task_call *)c, (task_value *)args, n, out);
}

static int32_t run_delayed_echo(const task_call *c, const task_value *args, uint64_t n, task_value *out) {
  return runTask(1, (task_call *)c, (task_value *)args, n, out);
}

static int32_t run_summarize(const task_call *c, const task_value *args, uint64_t n, task_value *out) {
  return runTask(2, (task_call *)c, (task_value *)args, n, out);
}

static const task_entry tasks[] = {
    {"multiply", 0, 0, run_multiply, "(factors: int64...) -> int64", "Returns the product of all factors."},
    {"delayed_echo", TASK_ASYNC, 0, run_delayed_echo, "(value: any, milliseconds: int32) -> any",
     "Returns the value after that many milliseconds."},
    {"summarize", 0, 0, run_summarize,
     "(numbers: list<double>, labels: map) -> {count: int64, sum: double, keys: list<string>}",
     "Counts and adds numbers, and lists a map's keys."},
};

static const task_plugin plugin = {
    TASK_PLUGIN_MAGIC, TASK_PLUGIN_ABI, sizeof plugin, tasks, sizeof tasks / sizeof *tasks, sizeof *tasks,
    releaseOutput, 0, "1.0.0", "Examples of what a task can do.",
};

const task_plugin *init_plugin(const task_host *host) {
  plugin_host = host;
  return &plugin;
}

// Function pointers, which Go can't call.
void host_finish(uint64_t id, int32_t status, const task_value *v) { plugin_host->finish(id, status, v); }
void host_log(uint64_t id, int32_t level, const char *text, uint64_t n) { plugin_host->log(id, level, text, n); }
void host_progress(uint64_t id, double f, const char *note, uint64_t n) { plugin_host->progress(id, f, note, n); }
