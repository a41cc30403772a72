/* A whole connector in plain C, for a provider that speaks text: one line a batch, one line a card.
 *
 *   GET /letters?from=SECONDS&to=SECONDS   ID STATE
 *   GET /letters/ID                        RECORD TOKEN CODE [NEW_TOKEN MASKED YYYY-MM]
 *
 * It reads like one in Rust: describe, open, discover, collect, close, and a table from codes to
 * outcomes. A report is read piece by piece and never kept. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reissue_connector.h"

/* The account's secret, for the header. */
struct account {
    char api_key[128];
};

/* ---- small words ---------------------------------------------------------------------------- */

static struct reissue_lent lend(const char *text) {
    return (struct reissue_lent){(const uint8_t *)text, strlen(text)};
}

static void release(uint8_t *ptr, size_t len) {
    for (volatile uint8_t *byte = ptr; byte != ptr + len; byte++) {
        *byte = 0;
    }
    free(ptr);
}

static int32_t give(struct reissue_given *reply, int32_t status, const char *text, size_t len) {
    uint8_t *copy = malloc(len);
    if (copy == NULL) {
        return REISSUE_FAULT;
    }
    memcpy(copy, text, len);
    *reply = (struct reissue_given){copy, len, release};
    return status;
}

static int32_t fault(struct reissue_given *reply, const char *kind, const char *message) {
    char document[512];
    int len = snprintf(document, sizeof document, "{\"kind\":\"%s\",\"sent\":true,\"message\":\"%s\"}",
                       kind, message);
    return give(reply, REISSUE_FAULT, document, (size_t)len);
}

/* Copies the text behind "key":" in a document that the daemon wrote. Ids and keys of this provider
 * hold no character that JSON escapes; one that does is refused. */
static int find(struct reissue_lent document, const char *key, char *to, size_t size) {
    char wanted[64];
    size_t length = (size_t)snprintf(wanted, sizeof wanted, "\"%s\":\"", key);
    for (size_t at = 0; at + length < document.len; at++) {
        if (memcmp(document.ptr + at, wanted, length) != 0) {
            continue;
        }
        const uint8_t *text = document.ptr + at + length;
        size_t left = document.len - at - length, len = 0;
        while (len < left && text[len] != '"' && text[len] != '\\') {
            len++;
        }
        if (len == left || text[len] == '\\' || len >= size) {
            return 0;
        }
        memcpy(to, text, len);
        to[len] = '\0';
        return 1;
    }
    return 0;
}

/* ---- what it is ------------------------------------------------------------------------------ */

static int32_t describe(struct reissue_given *reply) {
    static const char document[] =
        "{\"manifest\":{\"name\":\"paper\",\"version\":\"1.0.0\",\"summary\":\"Updates by post\","
        "\"pans\":\"none\",\"secrets\":[{\"name\":\"api_key\",\"summary\":"
        "\"shown once in the portal\",\"optional\":false}],\"jobs\":[{\"name\":\"letters\",\"verb\":"
        "\"discover\",\"summary\":\"The post of the day\",\"suggested_cron\":\"30 6 * * *\","
        "\"first_lookback\":604800,\"timing\":{\"first_poll\":0,\"poll_every\":1,"
        "\"kept_for\":2592000,\"overdue_after\":259200}}]},\"settings\":{"
        "\"type\":\"object\"}}";
    return give(reply, REISSUE_OK, document, sizeof document - 1);
}

static int32_t open_account(struct reissue_lent request, void **instance,
                            struct reissue_given *reply) {
    struct account *account = calloc(1, sizeof *account);
    if (account == NULL || !find(request, "api_key", account->api_key, sizeof account->api_key)) {
        free(account);
        return fault(reply, "settings", "the secret `api_key` is missing or too long");
    }
    *instance = account;
    return REISSUE_OK;
}

static void close_account(void *instance) { release(instance, sizeof(struct account)); }

/* ---- one answer, line by line ------------------------------------------------------------------ */

/* Takes one line, without its end. Not 0 ends the reading, with a reply. */
typedef int32_t line_reader(void *of, char *line);

/* Asks for a path and hands every line of the answer on. */
static int32_t ask(const struct account *account, const struct reissue_run_table *run,
                   const char *template, const char *path, line_reader *reader, void *of,
                   struct reissue_given *reply) {
    char request[512], line[1024];
    size_t length = 0;
    snprintf(request, sizeof request,
             "{\"method\":\"GET\",\"template\":\"%s\",\"path\":\"%s\",\"headers\":[[\"x-api-key\",\"%s\"]]}",
             template, path, account->api_key);
    struct reissue_lent out = {0};
    if (run->http(run->context, lend(request), (struct reissue_lent){0}, &out) != REISSUE_OK) {
        return give(reply, REISSUE_FAULT, (const char *)out.ptr, out.len);
    }
    /* The head is the daemon's own document, so its numbers stand where they stand. */
    char head[64] = {0};
    memcpy(head, out.ptr, out.len < sizeof head - 1 ? out.len : sizeof head - 1);
    unsigned long long response = 0;
    int status = 0;
    if (sscanf(head, "{\"response\":%llu,\"status\":%d", &response, &status) != 2) {
        return fault(reply, "unsupported", "the daemon's answer is not understood");
    }
    if (status != 200) {
        const char *kind = status == 401 ? "credentials" : status == 404 ? "gone" : "refused";
        return fault(reply, kind, "the post office did not answer with 200");
    }
    for (;;) {
        if (run->read(run->context, response, &out) != REISSUE_OK) {
            return give(reply, REISSUE_FAULT, (const char *)out.ptr, out.len);
        }
        if (out.len == 0) {
            return length == 0 ? REISSUE_OK : fault(reply, "garbled", "the last line has no end");
        }
        for (size_t at = 0; at < out.len; at++) {
            if (out.ptr[at] != '\n') {
                if (length == sizeof line - 1) {
                    return fault(reply, "garbled", "a line is too long");
                }
                line[length++] = (char)out.ptr[at];
                continue;
            }
            line[length] = '\0';
            length = 0;
            int32_t taken = reader(of, line);
            if (taken != REISSUE_OK) {
                return taken;
            }
        }
    }
}

/* ---- discover -------------------------------------------------------------------------------- */

struct listing {
    char document[65536];
    size_t length;
    struct reissue_given *reply;
};

static int32_t list_one(void *of, char *line) {
    struct listing *listing = of;
    char id[64], state[16];
    if (sscanf(line, "%63[A-Za-z0-9-] %15[a-z]", id, state) != 2) {
        return fault(listing->reply, "garbled", "a line of the list is not ID STATE");
    }
    size_t left = sizeof listing->document - listing->length;
    int wrote = snprintf(listing->document + listing->length, left, "%s{\"id\":\"%s\",\"state\":\"%s\"}",
                         listing->length == 1 ? "" : ",", id, state);
    if (wrote < 0 || (size_t)wrote + 1 >= left) {
        return fault(listing->reply, "garbled", "the list is too long");
    }
    listing->length += (size_t)wrote;
    return REISSUE_OK;
}

static int32_t discover(const struct account *account, struct reissue_lent request,
                        const struct reissue_run_table *run, struct reissue_given *reply) {
    char from[40], to[40], path[128];
    if (!find(request, "from", from, sizeof from) || !find(request, "to", to, sizeof to)) {
        return fault(reply, "unsupported", "the daemon asks without a window");
    }
    snprintf(path, sizeof path, "/letters?from=%s&to=%s", from, to);
    struct listing *listing = malloc(sizeof *listing);
    if (listing == NULL) {
        return fault(reply, "busy", "no memory");
    }
    listing->document[0] = '[';
    listing->length = 1;
    listing->reply = reply;
    int32_t status = ask(account, run, "/letters", path, list_one, listing, reply);
    if (status == REISSUE_OK) {
        listing->document[listing->length++] = ']';
        give(reply, REISSUE_OK, listing->document, listing->length);
    }
    free(listing);
    return status;
}

/* ---- collect --------------------------------------------------------------------------------- */

struct report {
    const struct reissue_run_table *run;
    struct reissue_given *reply;
    unsigned long records;
};

/* The provider's codes. An unknown one is kept, and nothing is concluded from it. */
static const char *outcome(const char *code) {
    static const char *const codes[][2] = {
        {"NEW", "new_number"}, {"EXP", "new_expiry"}, {"CLO", "closed"}, {"ASK", "contact_cardholder"},
    };
    for (size_t at = 0; at < sizeof codes / sizeof codes[0]; at++) {
        if (strcmp(codes[at][0], code) == 0) {
            return codes[at][1];
        }
    }
    return "unknown";
}

static int32_t report_one(void *of, char *line) {
    struct report *report = of;
    char record[64], token[64], code[16], new_token[64], masked[32];
    unsigned year = 0, month = 0;
    int fields = sscanf(line, "%63s %63s %15s %63s %31s %4u-%2u", record, token, code, new_token,
                        masked, &year, &month);
    if (fields != 3 && fields != 7) {
        return fault(report->reply, "garbled", "a line of the report is not as documented");
    }
    struct reissue_card_row old_card = {.size = sizeof old_card, .token = lend(token)};
    struct reissue_card_row new_card = {.size = sizeof new_card};
    old_card.instrument_identifier_created = REISSUE_NOT_KNOWN;
    new_card.instrument_identifier_created = REISSUE_NOT_KNOWN;
    struct reissue_update_row row = {.size = sizeof row};
    row.billable = REISSUE_NOT_KNOWN;
    row.reported_at = REISSUE_NO_TIME;
    row.record = lend(record);
    row.reference = lend(token);
    row.outcome = lend(outcome(code));
    row.provider_code = lend(code);
    row.old_card = &old_card;
    if (fields == 7) {
        new_card.token = lend(new_token);
        new_card.pan_masked = lend(masked);
        new_card.expiry_year = (uint16_t)year;
        new_card.expiry_month = (uint8_t)month;
        row.new_card = &new_card;
    }
    struct reissue_lent out = {0};
    if (report->run->emit(report->run->context, &row, &out) != REISSUE_OK) {
        return give(report->reply, REISSUE_FAULT, (const char *)out.ptr, out.len);
    }
    report->records++;
    return REISSUE_OK;
}

static int32_t collect(const struct account *account, struct reissue_lent request,
                       const struct reissue_run_table *run, struct reissue_given *reply) {
    char id[64], path[96], document[96];
    if (!find(request, "id", id, sizeof id)) {
        return fault(reply, "unsupported", "the daemon names no batch");
    }
    snprintf(path, sizeof path, "/letters/%s", id);
    struct report report = {run, reply, 0};
    int32_t status = ask(account, run, "/letters/{id}", path, report_one, &report, reply);
    if (status != REISSUE_OK) {
        return status;
    }
    int len = snprintf(document, sizeof document, "{\"complete\":{\"totals\":{\"records\":%lu}}}",
                       report.records);
    return give(reply, REISSUE_OK, document, (size_t)len);
}

/* ---- the table ------------------------------------------------------------------------------- */

static int is(struct reissue_lent verb, const char *word) {
    return verb.len == strlen(word) && memcmp(verb.ptr, word, verb.len) == 0;
}

static int32_t call(void *instance, struct reissue_lent verb, struct reissue_lent request,
                    const struct reissue_run_table *run, struct reissue_given *reply) {
    size_t needed = offsetof(struct reissue_run_table, next_card);
    if (run->size < needed || run->http == NULL || run->read == NULL || run->emit == NULL) {
        return fault(reply, "unsupported", "this daemon is too old for the connector");
    }
    if (is(verb, "discover")) {
        return discover(instance, request, run, reply);
    }
    if (is(verb, "collect")) {
        return collect(instance, request, run, reply);
    }
    return fault(reply, "unsupported", "this connector does not do that");
}

const struct reissue_connector_table reissue_connector_v0 = {
    .size = sizeof(struct reissue_connector_table),
    .built_with = {(const uint8_t *)"C", 1},
    .describe = describe,
    .open = open_account,
    .call = call,
    .close = close_account,
};
