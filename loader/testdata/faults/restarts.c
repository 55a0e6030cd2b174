/* Crashes a moment after it was loaded, over and over. */
#include "fault.h"

static void *crash(void *unused) {
  (void)unused;
  usleep(20000);
  abort();
}

static const task_entry tasks[] = {{.name = "ok", .run = ok}};
static const task_plugin plugin = {
    .magic = TASK_PLUGIN_MAGIC, .abi = TASK_PLUGIN_ABI, .size = sizeof plugin,
    .tasks = tasks, .ntasks = 1, .entry_size = sizeof *tasks,
};

const task_plugin *init_plugin(const task_host *h) {
  pthread_t thread;
  host = h;
  return pthread_create(&thread, NULL, crash, NULL) == 0 ? &plugin : 0;
}
