/* Nothing is wrong with it: version() -> VERSION, for tests of reloading. Built with -DVERSION=… */
#include "fault.h"

#ifndef VERSION
#define VERSION 1
#endif

TASK(version) {
  (void)call, (void)args, (void)nargs;
  output->kind = TASK_INT64;
  output->as.i = VERSION;
  return TASK_OK;
}

PLUGIN({.name = "version", .run = version})
