/* Its init_plugin returns an address that no memory can have. */
#include "fault.h"

const task_plugin *init_plugin(const task_host *h) {
  (void)h;
  return (const task_plugin *)0xdeadbeefdeadbeef;
}
