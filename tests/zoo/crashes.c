/* Dies, and takes the process with it, in the way and at the place that are compiled in. */
#include <signal.h>

#include "zoo.h"

/* Down and down, until the stack is used up. */
static inline int fall(int depth) {
    volatile char room[4096] = {0};
    return depth < 0 ? 0 : fall(depth + 1) + room[0];
}

static void die(void) {
#if defined SEGMENT
    *(volatile int *)16 = 1;
#elif defined ABORT
    abort();
#elif defined ILLEGAL
    __builtin_trap();
#elif defined ARITHMETIC
    raise(SIGFPE);
#elif defined STACK
    fall(0);
#endif
}

#ifdef AT_LOAD
__attribute__((constructor)) static void load(void) { die(); }
CALLS(tame_call);
#else
static int32_t call(PARAMETERS) {
#ifdef AT_COLLECT
    if (is(verb, "discover")) {
        return tame_call(instance, verb, request, run, reply);
    }
#endif
    die();
    return tame_call(instance, verb, request, run, reply);
}

CALLS(call);
#endif
