/* Tasks that do not end. */
#include "fault.h"

/* Keeps a core busy, whatever the cancel word says. */
TASK(loop) {
  for (volatile uint64_t i = 0;; i++) {
  }
}

/* Sleeps, whatever the cancel word says. */
TASK(sleep_on) {
  for (;;) pause();
}

/* Takes memory, and writes to it. */
TASK(memory) {
  for (;;) {
    char *piece = malloc(1 << 20);
    if (!piece) abort();
    memset(piece, 1, 1 << 20);
  }
}

/* Never calls finish. */
TASK(never_finish) {
  return TASK_PENDING;
}

/* Ends when it is cancelled. */
TASK(polite) {
  while (!*call->cancelled) usleep(1000);
  return TASK_CANCELLED;
}

PLUGIN({.name = "loop", .run = loop}, {.name = "sleep_on", .run = sleep_on}, {.name = "memory", .run = memory},
       {.name = "never_finish", .flags = TASK_ASYNC, .run = never_finish}, {.name = "polite", .run = polite})
