/* A tame connector: it lists one batch, named after its version, which is complete without an update. Every animal of the zoo
 * is this one with a single thing spoilt, so that what a test sees has one cause. */
#ifndef ZOO_H
#define ZOO_H

#include <stdlib.h>
#include <string.h>

#include "reissue_connector.h"

/* Another content, and so another hash, for the same behaviour. */
#ifndef VERSION
#define VERSION "1"
#endif

/* What the manifest says of full card numbers. */
#ifndef PANS
#define PANS "none"
#endif

static inline struct reissue_lent lend(const char *text) {
    return (struct reissue_lent){(const uint8_t *)text, strlen(text)};
}

static inline int is(struct reissue_lent bytes, const char *word) {
    return bytes.len == strlen(word) && memcmp(bytes.ptr, word, bytes.len) == 0;
}

static inline void wipe_and_free(uint8_t *ptr, size_t len) {
    for (volatile uint8_t *byte = ptr; byte != ptr + len; byte++) {
        *byte = 0;
    }
    free(ptr);
}

/* Gives bytes away. */
static inline void give(struct reissue_given *reply, const char *bytes, size_t len) {
    uint8_t *copy = malloc(len);
    memcpy(copy, bytes, len);
    *reply = (struct reissue_given){copy, len, wipe_and_free};
}

/* Replies with a document. */
static inline int32_t reply_with(struct reissue_given *reply, const char *document) {
    give(reply, document, strlen(document));
    return REISSUE_OK;
}

/* Fails with what the daemon said. */
static inline int32_t pass_on(struct reissue_given *reply, struct reissue_lent fault) {
    give(reply, (const char *)fault.ptr, fault.len);
    return REISSUE_FAULT;
}

static inline int32_t tame_describe(struct reissue_given *reply) {
    return reply_with(
        reply,
        "{\"manifest\":{\"name\":\"zoo\",\"version\":\"" VERSION "\",\"summary\":\"An animal\","
        "\"environments\":[],\"secrets\":[],\"pans\":\"" PANS "\",\"jobs\":[{\"name\":\"listing\","
        "\"verb\":\"discover\",\"summary\":\"All batches\",\"suggested_cron\":\"0 6 * * *\","
        "\"first_lookback\":604800,\"timing\":{\"first_poll\":0,\"poll_every\":1,"
        "\"overdue_after\":86400}}]},\"settings\":{}}");
}

static inline int32_t tame_open(struct reissue_lent request, void **instance,
                                struct reissue_given *reply) {
    (void)request, (void)reply;
    *instance = NULL;
    return REISSUE_OK;
}

static inline int32_t tame_call(void *instance, struct reissue_lent verb,
                                struct reissue_lent request, const struct reissue_run_table *run,
                                struct reissue_given *reply) {
    (void)instance, (void)request, (void)run;
    if (is(verb, "discover")) {
        return reply_with(reply, "[{\"id\":\"b" VERSION "\",\"state\":\"ready\"}]");
    }
    return reply_with(reply, "{\"complete\":{}}");
}

static inline void tame_close(void *instance) { (void)instance; }

/* An update with nothing but an outcome. */
static inline struct reissue_update_row plain_update(void) {
    struct reissue_update_row row = {.size = sizeof row};
    row.billable = REISSUE_NOT_KNOWN;
    row.reported_at = REISSUE_NO_TIME;
    row.outcome = lend("closed");
    return row;
}

/* The table of an animal. */
#define ANIMAL(describe_, open_, call_, close_)                       \
    const struct reissue_connector_table reissue_connector_v0 = {     \
        .size = sizeof(struct reissue_connector_table),               \
        .built_with = {(const uint8_t *)"a zoo", 5},                  \
        .describe = describe_,                                        \
        .open = open_,                                                \
        .call = call_,                                                \
        .close = close_,                                              \
    }

/* The usual animal: tame but for its calls. */
#define CALLS(call_) ANIMAL(tame_describe, tame_open, call_, tame_close)

#define PARAMETERS                                                                \
    void *instance, struct reissue_lent verb, struct reissue_lent request,        \
        const struct reissue_run_table *run, struct reissue_given *reply

#endif
