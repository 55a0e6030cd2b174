/* Outputs that the ABI does not allow. */
#include "fault.h"

static task_value deep[300], pairs[4];

TASK(bad_utf8) {
  *output = LITERAL("caf\xe9");
  return TASK_OK;
}

TASK(bad_kind) {
  output->kind = 77;
  return TASK_OK;
}

TASK(bad_status) {
  return 42;
}

TASK(bad_int32) {
  *output = (task_value){.kind = TASK_INT32, .as.i = 1ll << 40};
  return TASK_OK;
}

TASK(null_string) {
  *output = (task_value){.kind = TASK_STRING, .n = 10};
  return TASK_OK;
}

/* 1 GB that is there. */
TASK(gigabyte) {
  static char *text;
  if (!text) text = calloc(1, 1 << 30);
  *output = (task_value){.kind = TASK_BYTES, .as.s = text, .n = 1 << 30};
  return TASK_OK;
}

/* More than there is memory in the world. */
TASK(huge) {
  *output = (task_value){.kind = TASK_LIST, .as.items = output, .n = UINT64_MAX};
  return TASK_OK;
}

/* A list that holds itself twice. */
TASK(contains_itself) {
  static task_value items[2];
  items[0] = items[1] = (task_value){.kind = TASK_LIST, .as.items = items, .n = 2};
  *output = items[0];
  return TASK_OK;
}

TASK(too_deep) {
  for (int i = 0; i < 299; i++) deep[i] = (task_value){.kind = TASK_LIST, .as.items = &deep[i + 1], .n = 1};
  *output = deep[0];
  return TASK_OK;
}

TASK(number_as_key) {
  pairs[0] = pairs[1] = (task_value){.kind = TASK_INT32, .as.i = 1};
  *output = (task_value){.kind = TASK_MAP, .as.items = pairs, .n = 1};
  return TASK_OK;
}

TASK(key_twice) {
  pairs[0] = pairs[2] = LITERAL("key");
  pairs[1] = pairs[3] = (task_value){.kind = TASK_BOOL, .as.i = 1};
  *output = (task_value){.kind = TASK_MAP, .as.items = pairs, .n = 2};
  return TASK_OK;
}

/* The one lie that crashes: an address that nobody has. */
TASK(bad_pointer) {
  *output = (task_value){.kind = TASK_STRING, .as.s = (const char *)16, .n = 10};
  return TASK_OK;
}

PLUGIN({.name = "bad_utf8", .run = bad_utf8}, {.name = "bad_kind", .run = bad_kind}, {.name = "bad_status", .run = bad_status},
       {.name = "bad_int32", .run = bad_int32}, {.name = "null_string", .run = null_string},
       {.name = "gigabyte", .run = gigabyte}, {.name = "huge", .run = huge},
       {.name = "contains_itself", .run = contains_itself}, {.name = "too_deep", .run = too_deep},
       {.name = "number_as_key", .run = number_as_key}, {.name = "key_twice", .run = key_twice},
       {.name = "bad_pointer", .run = bad_pointer})
