/* Crashes in init_plugin. */
#include "fault.h"

const task_plugin *init_plugin(const task_host *h) {
  (void)h;
  *(volatile int *)8 = 1;
  return 0;
}
