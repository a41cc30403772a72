/* Does nothing wrong. */
#include "zoo.h"

CALLS(tame_call);
