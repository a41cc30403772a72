/* Keeps what it was lent, and calls back on a thread of its own, after its call has returned. What it
 * got then it tells at the next call. */
#include <pthread.h>

#include "zoo.h"

static struct reissue_run_table kept;
static pthread_t thread;
static char told[512];

static void *call_back(void *unused) {
    struct reissue_update_row row = plain_update();
    struct reissue_lent out = {0};
    int32_t status = kept.emit(kept.context, &row, &out);
    if (status == REISSUE_FAULT && out.len < sizeof told) {
        memcpy(told, out.ptr, out.len);
    }
    kept.log(kept.context, REISSUE_ERROR, lend("nobody hears this"));
    return unused;
}

static int32_t call(PARAMETERS) {
    if (is(verb, "collect")) {
        kept = *run;
        return tame_call(instance, verb, request, run, reply);
    }
    if (kept.emit != NULL) {
        pthread_create(&thread, NULL, call_back, NULL);
        pthread_join(thread, NULL);
        return pass_on(reply, lend(told));
    }
    return tame_call(instance, verb, request, run, reply);
}

CALLS(call);
