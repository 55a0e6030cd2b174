/* Tasks that end their process, each in its own way. */
#include "fault.h"

TASK(segv) {
  *(volatile int *)8 = 1;
  return TASK_OK;
}

TASK(abort_now) {
  abort();
}

TASK(exit_0) {
  exit(0);
}

TASK(exit_3) {
  exit(3);
}

TASK(exit_at_once) {
  _exit(7);
}

TASK(killed) {
  raise(SIGKILL);
  return TASK_OK;
}

TASK(overflow_stack) {
  volatile char frame[4096];
  frame[0] = 1;
  return overflow_stack(call, args, nargs, output) + frame[0];
}

static void *crash_later(void *unused) {
  (void)unused;
  usleep(1000);
  abort();
}

/* Answers, and crashes on a thread of its own soon after. */
TASK(abort_later) {
  pthread_t thread;
  return pthread_create(&thread, NULL, crash_later, NULL) == 0 ? TASK_OK : TASK_FAILED;
}

PLUGIN({.name = "segv", .run = segv}, {.name = "abort", .run = abort_now}, {.name = "exit_0", .run = exit_0},
       {.name = "exit_3", .run = exit_3}, {.name = "exit_at_once", .run = exit_at_once}, {.name = "killed", .run = killed},
       {.name = "overflow_stack", .run = overflow_stack}, {.name = "abort_later", .run = abort_later})
