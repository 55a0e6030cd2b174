/* Prints to stdout, where the child's protocol could be: when it is loaded, at init and in a task. */
#include "fault.h"

__attribute__((constructor)) static void loaded(void) {
  puts("constructor says hello");
  fflush(stdout);
}

TASK(print) {
  for (int i = 0; i < 1000; i++) puts("a task says hello");
  fflush(stdout);
  return write(1, "\0\0\0\1\377", 5) == 5 ? TASK_OK : TASK_FAILED;
}

/* Reads what it finds on stdin, which is nothing. */
TASK(read_stdin) {
  char byte;
  output->kind = TASK_INT64;
  output->as.i = read(0, &byte, 1);
  return TASK_OK;
}

PLUGIN({.name = "print", .run = print}, {.name = "read_stdin", .run = read_stdin})
