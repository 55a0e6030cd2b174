/* Exports no init_plugin. */
#include "fault.h"

int something_else(void) { return 0; }
