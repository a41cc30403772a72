/* Never returns, and asks nobody whether it should. */
#include <unistd.h>

#include "zoo.h"

static int32_t call(PARAMETERS) {
    while (pause() != 0) {
    }
    return tame_call(instance, verb, request, run, reply);
}

CALLS(call);
