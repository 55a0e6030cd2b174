/* Crashes while it is being loaded. */
#include "fault.h"

__attribute__((constructor)) static void loaded(void) { abort(); }

PLUGIN()
