/* Calls finish as it should not be called. */
#include "fault.h"

static void *again(void *id) {
  task_value v = LITERAL("late");
  for (int i = 0; i < 100; i++) {
    host->finish((uint64_t)(uintptr_t)id, TASK_FAILED, &v);
    usleep(100);
  }
  return NULL;
}

/* Twice at once, then on another thread for a while. */
TASK(repeated) {
  uint64_t id = call->id;
  task_value v = LITERAL("first");
  pthread_t thread;
  host->finish(id, TASK_OK, &v);
  host->finish(id, TASK_FAILED, &v);
  if (pthread_create(&thread, NULL, again, (void *)(uintptr_t)id) == 0) pthread_detach(thread);
  return TASK_PENDING;
}

/* For a call of its own that answered by returning, and for calls that were never made. */
TASK(late) {
  pthread_t thread;
  for (uint64_t id = 1000000; id < 1001000; id++) host->finish(id, TASK_FAILED, NULL);
  if (pthread_create(&thread, NULL, again, (void *)(uintptr_t)call->id) == 0) pthread_detach(thread);
  *output = LITERAL("returned");
  return TASK_OK;
}

/* Answers TASK_PENDING without being async. */
TASK(pending) {
  return TASK_PENDING;
}

PLUGIN({.name = "repeated", .flags = TASK_ASYNC, .run = repeated}, {.name = "late", .run = late},
       {.name = "pending", .run = pending})
