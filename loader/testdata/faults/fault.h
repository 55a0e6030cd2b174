/* What the plugins of this folder share: each has one thing wrong with it, and works apart from that. */
#ifndef FAULT_H
#define FAULT_H

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../../abi/task_plugin.h"

static const task_host *host;

#define LITERAL(text) ((task_value){.kind = TASK_STRING, .as.s = (text), .n = sizeof(text) - 1})

/* A task's function. */
#define TASK(name) \
  static int32_t name(const task_call *call, const task_value *args, uint64_t nargs, task_value *output)

/* ok(value) -> value: tells that the plugin is alive */
TASK(ok) {
  (void)call;
  if (nargs > 0 && args[0].kind <= TASK_DOUBLE) *output = args[0];
  return TASK_OK;
}

/* PLUGIN({.name = "a", .run = a}, …): a plugin with these tasks, after ok. */
#define PLUGIN(...)                                                          \
  static const task_entry tasks[] = {{.name = "ok", .run = ok}, __VA_ARGS__}; \
  static const task_plugin plugin = {                                        \
      .magic = TASK_PLUGIN_MAGIC,                                            \
      .abi = TASK_PLUGIN_ABI,                                                \
      .size = sizeof plugin,                                                 \
      .tasks = tasks,                                                        \
      .ntasks = sizeof tasks / sizeof *tasks,                                \
      .entry_size = sizeof *tasks,                                           \
  };                                                                         \
  const task_plugin *init_plugin(const task_host *h) {                       \
    host = h;                                                                \
    return &plugin;                                                          \
  }

#endif
