/* Asks the provider for ever, and says that all is well when nobody sends any more. */
#include "zoo.h"

static int32_t call(PARAMETERS) {
    struct reissue_lent ask = lend(
        "{\"method\":\"GET\",\"template\":\"/for-ever\",\"path\":\"/for-ever\",\"headers\":[]}");
    struct reissue_lent out;
    while (run->http(run->context, ask, (struct reissue_lent){0}, &out) == REISSUE_OK) {
    }
    return tame_call(instance, verb, request, run, reply);
}

CALLS(call);
