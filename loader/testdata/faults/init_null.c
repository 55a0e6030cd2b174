/* Refuses to be loaded. */
#include "fault.h"

const task_plugin *init_plugin(const task_host *h) {
  (void)h;
  return 0;
}
