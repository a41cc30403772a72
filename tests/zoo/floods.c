/* Says the same thing a hundred thousand times. */
#include "zoo.h"

static int32_t call(PARAMETERS) {
    for (int line = 0; line < 100000; line++) {
        run->log(run->context, REISSUE_INFO, lend("quack"));
    }
    return tame_call(instance, verb, request, run, reply);
}

CALLS(call);
