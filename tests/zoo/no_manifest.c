/* Describes itself in bytes that are no UTF-8. */
#include "zoo.h"

static int32_t describe(struct reissue_given *reply) {
    return reply_with(reply, "{\"manifest\":{\"name\":\"z\xff\"}}");
}

ANIMAL(describe, tame_open, tame_call, tame_close);
