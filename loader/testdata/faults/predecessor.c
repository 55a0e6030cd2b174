/* Was built for another host, whose plugins export an init_plugin of their own: it returns a table of functions. */
#include <stdlib.h>

static void run(void) {}

void **init_plugin(void) {
  void **functions = malloc(3 * sizeof *functions);
  for (int i = 0; i < 3; i++) functions[i] = (void *)run;
  return functions;
}
