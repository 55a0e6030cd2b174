//go:build cgo && !wasip1

package taskplugin

/*
#cgo CFLAGS: -I${SRCDIR}/..
#define TASK_PLUGIN_NO_PROTOTYPE
#include "task_plugin.h"

// What Go exports, without const as cgo declares it.
extern int32_t taskplugin_run(int index, task_call *call, task_value *args, uint64_t nargs, task_value *output);
extern void taskplugin_free(task_value *output);

// A task's function isn't told which task it is: each has one of its own.
#define FUNCTION(n) \
  static int32_t run##n(const task_call *c, const task_value *a, uint64_t k, task_value *o) { \
    return taskplugin_run(n, (task_call *)c, (task_value *)a, k, o); \
  }
#define TEN(DO, t) DO(t##0) DO(t##1) DO(t##2) DO(t##3) DO(t##4) DO(t##5) DO(t##6) DO(t##7) DO(t##8) DO(t##9)
#define ALL(DO) TEN(DO, ) TEN(DO, 1) TEN(DO, 2) TEN(DO, 3) TEN(DO, 4) TEN(DO, 5) TEN(DO, 6) TEN(DO, 7) TEN(DO, 8) TEN(DO, 9) \
  TEN(DO, 10) TEN(DO, 11) TEN(DO, 12) TEN(DO, 13) TEN(DO, 14) TEN(DO, 15) TEN(DO, 16) TEN(DO, 17) TEN(DO, 18) TEN(DO, 19)
#define NAME(n) run##n,

ALL(FUNCTION)
static const task_function functions[] = {ALL(NAME)};

task_function taskplugin_function(int index) { return functions[index]; }
void taskplugin_release(task_value *output) { taskplugin_free(output); }

// The server's functions, which Go can't call by their addresses.
void taskplugin_finish(const task_host *host, uint64_t id, int32_t status, const task_value *output) {
  host->finish(id, status, output);
}
void taskplugin_log(const task_host *host, uint64_t id, int32_t level, const char *text, uint64_t n) {
  host->log(id, level, text, n);
}
void taskplugin_progress(const task_host *host, uint64_t id, double fraction, const char *note, uint64_t n) {
  host->progress(id, fraction, note, n);
}
*/
import "C"
