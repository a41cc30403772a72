/* Reports what is not so, each time in the way that is compiled in. */
#include "zoo.h"

static int32_t call(PARAMETERS) {
    (void)instance, (void)request;
    if (is(verb, "discover")) {
#ifdef NO_UTF8_REPLY
        return reply_with(reply, "[{\"id\":\"\xff\",\"state\":\"ready\"}]");
#elif defined NO_REPLY
        return REISSUE_OK;
#elif defined NO_LENGTH
        *reply = (struct reissue_given){(uint8_t *)"[]", SIZE_MAX, NULL};
        return REISSUE_OK;
#elif defined NO_STATUS
        reply_with(reply, "[]");
        return 77;
#elif defined CANCELLED
        reply_with(reply, "{\"kind\":\"cancelled\",\"message\":\"I was told to stop\"}");
        return REISSUE_FAULT;
#else
        return tame_call(instance, verb, request, run, reply);
#endif
    }
    struct reissue_update_row row = plain_update();
    struct reissue_lent out;
#ifdef ROW_SIZE
    row.size = 12;
#elif defined RELATED_SIZE
    struct reissue_related_row related = {.size = 12};
    row.related = &related;
    row.related_len = 1;
#elif defined RELATED_NULL
    row.related_len = SIZE_MAX;
#elif defined NO_UTF8
    row.provider_message = lend("caf\xe9");
#elif defined PAN
    struct reissue_card_row card = {.size = sizeof card, .pan = lend("4111111111111111")};
    card.instrument_identifier_created = REISSUE_NOT_KNOWN;
    row.old_card = &card;
#endif
    run->emit(run->context, &row, &out);
    return reply_with(reply, "{\"complete\":{}}");
}

CALLS(call);
