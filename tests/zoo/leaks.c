/* Frees nothing: neither its instances, nor its replies, nor what it needs for a call. */
#include "zoo.h"

static void release(uint8_t *ptr, size_t len) { (void)ptr, (void)len; }

static int32_t open_instance(struct reissue_lent request, void **instance,
                             struct reissue_given *reply) {
    (void)request, (void)reply;
    *instance = malloc(1 << 20);
    return REISSUE_OK;
}

static int32_t call(PARAMETERS) {
    uint8_t *needed = malloc(1 << 20);
    memset(needed, 1, 1 << 20);
    int32_t status = tame_call(instance, verb, request, run, reply);
    reply->release = needed == NULL ? NULL : release;
    return status;
}

ANIMAL(tame_describe, open_instance, call, tame_close);
