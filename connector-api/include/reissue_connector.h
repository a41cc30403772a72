/* The boundary between Reissue and a connector, version 0, for C and whatever reads C headers.
 *
 * ABI.md beside this directory is the manual: what each function does, the JSON documents, threads,
 * ownership, and what may change. Only 64-bit Linux is supported. Texts are UTF-8 and are not
 * terminated by a zero byte. */
#ifndef REISSUE_CONNECTOR_H
#define REISSUE_CONNECTOR_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What functions return. */
#define REISSUE_OK 0       /* it did what it was asked to do */
#define REISSUE_END 1      /* there is nothing more (next_card) */
#define REISSUE_FAULT 2    /* it failed; the reply is a fault document */
#define REISSUE_PANICKED 3 /* as a fault, and the instance must not be used again */

/* Flag of a connector table: a failure inside would end the daemon. Such a connector is refused. */
#define REISSUE_PANICS_ABORT 1

/* A tri-state and an instant that are not known. */
#define REISSUE_NOT_KNOWN (-1)
#define REISSUE_NO_TIME INT64_MIN

/* Levels of a log line. */
#define REISSUE_ERROR 1
#define REISSUE_WARN 2
#define REISSUE_INFO 3
#define REISSUE_DEBUG 4

/* Bytes that belong to the giver, for one call. */
struct reissue_lent {
    const uint8_t *ptr; /* may be null when len is 0 */
    size_t len;
};

/* Bytes that belong to the taker, who calls release once. */
struct reissue_given {
    uint8_t *ptr; /* may be null when len is 0 */
    size_t len;
    void (*release)(uint8_t *ptr, size_t len); /* wipes and frees; may be null */
};

/* A card inside an update. An empty text is not known. */
struct reissue_card_row {
    uint32_t size;
    uint16_t expiry_year;                  /* four digits, or 0 */
    uint8_t expiry_month;                  /* 1 to 12, or 0 */
    int8_t instrument_identifier_created;  /* 1, 0 or REISSUE_NOT_KNOWN */
    struct reissue_lent token;             /* the provider's handle */
    struct reissue_lent pan;               /* the full number, digits only */
    struct reissue_lent pan_masked;        /* the provider's mask */
    struct reissue_lent brand;             /* the network's word */
    struct reissue_lent funding;           /* credit, debit, ... */
    struct reissue_lent customer;
    struct reissue_lent payment_instrument;
    struct reissue_lent instrument_identifier;
};

/* A record of the provider that still points at the old card. */
struct reissue_related_row {
    uint32_t size; /* and the step to the next one */
    uint32_t reserved;
    struct reissue_lent customer;
    struct reissue_lent payment_instrument;
    struct reissue_lent creator;
    struct reissue_lent state;
    struct reissue_lent message;
};

/* One update on its way out. */
struct reissue_update_row {
    uint32_t size;
    int8_t billable; /* 1, 0 or REISSUE_NOT_KNOWN */
    uint8_t reserved[3];
    int64_t reported_at;           /* microseconds since 1970 in UTC, or REISSUE_NO_TIME */
    struct reissue_lent record;    /* the provider's record id */
    struct reissue_lent reference; /* the submitted token, or our card key */
    struct reissue_lent outcome;   /* one of the words in ABI.md */
    struct reissue_lent provider_code;
    struct reissue_lent provider_reason;
    struct reissue_lent provider_message;
    struct reissue_lent se_number;
    const struct reissue_card_row *old_card; /* the card that was asked about, or null */
    const struct reissue_card_row *new_card; /* the new card, or null */
    const struct reissue_related_row *related;
    size_t related_len;
};

/* One card to ask about, on its way in. The connector fills in size. */
struct reissue_ask_row {
    uint32_t size;
    uint16_t expiry_year; /* four digits, or 0 */
    uint8_t expiry_month; /* 1 to 12, or 0 */
    uint8_t reserved;
    struct reissue_lent key;        /* our short key, to send instead of any reference */
    struct reissue_lent pan;        /* the full number, digits only */
    struct reissue_lent token;      /* the provider's token */
    struct reissue_lent token_kind; /* what sort of token */
    struct reissue_lent se_number;
};

/* What the daemon lends for one call. Every function takes context first, and may be called only on
 * the thread of the call, until the call returns. */
struct reissue_run_table {
    uint32_t size;
    uint32_t reserved;
    void *context;
    int32_t (*http)(void *context, struct reissue_lent request, struct reissue_lent body,
                    struct reissue_lent *out);
    int32_t (*read)(void *context, uint64_t response, struct reissue_lent *out);
    int32_t (*emit)(void *context, const struct reissue_update_row *row, struct reissue_lent *out);
    int32_t (*next_card)(void *context, struct reissue_ask_row *row, struct reissue_lent *out);
    int64_t (*now)(void *context);
    void (*random)(void *context, uint8_t *ptr, size_t len);
    int32_t (*cancelled)(void *context);
    void (*log)(void *context, int32_t level, struct reissue_lent text);
};

/* What a connector exports. */
struct reissue_connector_table {
    uint32_t size;
    uint32_t flags; /* REISSUE_PANICS_ABORT or 0 */
    struct reissue_lent built_with;
    int32_t (*describe)(struct reissue_given *reply);
    int32_t (*open)(struct reissue_lent request, void **instance, struct reissue_given *reply);
    int32_t (*call)(void *instance, struct reissue_lent verb, struct reissue_lent request,
                    const struct reissue_run_table *run, struct reissue_given *reply);
    void (*close)(void *instance);
};

/* The one symbol that the daemon looks for; the version is in its name. */
extern const struct reissue_connector_table reissue_connector_v0
    __attribute__((visibility("default")));

#ifdef __cplusplus
}
#endif
#endif
