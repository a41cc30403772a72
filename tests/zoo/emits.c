/* Reports updates for ever, as long as somebody takes them. */
#include "zoo.h"

static int32_t call(PARAMETERS) {
    if (is(verb, "discover")) {
        return tame_call(instance, verb, request, run, reply);
    }
    struct reissue_update_row row = plain_update();
    struct reissue_lent out;
    while (run->emit(run->context, &row, &out) == REISSUE_OK) {
    }
    return pass_on(reply, out);
}

CALLS(call);
