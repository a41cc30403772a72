/* The layout that a C compiler makes of reissue_connector.h, in the form of layout.txt. */
#include <inttypes.h>
#include <stdio.h>

#include "reissue_connector.h"

#define TYPE(name, type) printf(#name " is %zu bytes, aligned to %zu\n", sizeof(type), _Alignof(type))
#define FIELD(name, field, type, member) \
    printf(#name "." #field " at %zu, %zu bytes\n", offsetof(type, member), sizeof(((type *)0)->member))
#define CONSTANT(name) printf(#name " is %" PRId64 "\n", (int64_t)REISSUE_##name)

int main(void) {
    TYPE(Lent, struct reissue_lent);
    FIELD(Lent, ptr, struct reissue_lent, ptr);
    FIELD(Lent, len, struct reissue_lent, len);
    TYPE(Given, struct reissue_given);
    FIELD(Given, ptr, struct reissue_given, ptr);
    FIELD(Given, len, struct reissue_given, len);
    FIELD(Given, release, struct reissue_given, release);
    TYPE(CardRow, struct reissue_card_row);
    FIELD(CardRow, size, struct reissue_card_row, size);
    FIELD(CardRow, expiry_year, struct reissue_card_row, expiry_year);
    FIELD(CardRow, expiry_month, struct reissue_card_row, expiry_month);
    FIELD(CardRow, instrument_identifier_created, struct reissue_card_row, instrument_identifier_created);
    FIELD(CardRow, token, struct reissue_card_row, token);
    FIELD(CardRow, pan, struct reissue_card_row, pan);
    FIELD(CardRow, pan_masked, struct reissue_card_row, pan_masked);
    FIELD(CardRow, brand, struct reissue_card_row, brand);
    FIELD(CardRow, funding, struct reissue_card_row, funding);
    FIELD(CardRow, customer, struct reissue_card_row, customer);
    FIELD(CardRow, payment_instrument, struct reissue_card_row, payment_instrument);
    FIELD(CardRow, instrument_identifier, struct reissue_card_row, instrument_identifier);
    TYPE(RelatedRow, struct reissue_related_row);
    FIELD(RelatedRow, size, struct reissue_related_row, size);
    FIELD(RelatedRow, reserved, struct reissue_related_row, reserved);
    FIELD(RelatedRow, customer, struct reissue_related_row, customer);
    FIELD(RelatedRow, payment_instrument, struct reissue_related_row, payment_instrument);
    FIELD(RelatedRow, creator, struct reissue_related_row, creator);
    FIELD(RelatedRow, state, struct reissue_related_row, state);
    FIELD(RelatedRow, message, struct reissue_related_row, message);
    TYPE(UpdateRow, struct reissue_update_row);
    FIELD(UpdateRow, size, struct reissue_update_row, size);
    FIELD(UpdateRow, billable, struct reissue_update_row, billable);
    FIELD(UpdateRow, reserved, struct reissue_update_row, reserved);
    FIELD(UpdateRow, reported_at, struct reissue_update_row, reported_at);
    FIELD(UpdateRow, record, struct reissue_update_row, record);
    FIELD(UpdateRow, reference, struct reissue_update_row, reference);
    FIELD(UpdateRow, outcome, struct reissue_update_row, outcome);
    FIELD(UpdateRow, provider_code, struct reissue_update_row, provider_code);
    FIELD(UpdateRow, provider_reason, struct reissue_update_row, provider_reason);
    FIELD(UpdateRow, provider_message, struct reissue_update_row, provider_message);
    FIELD(UpdateRow, se_number, struct reissue_update_row, se_number);
    FIELD(UpdateRow, old, struct reissue_update_row, old_card);
    FIELD(UpdateRow, new, struct reissue_update_row, new_card);
    FIELD(UpdateRow, related, struct reissue_update_row, related);
    FIELD(UpdateRow, related_len, struct reissue_update_row, related_len);
    TYPE(AskRow, struct reissue_ask_row);
    FIELD(AskRow, size, struct reissue_ask_row, size);
    FIELD(AskRow, expiry_year, struct reissue_ask_row, expiry_year);
    FIELD(AskRow, expiry_month, struct reissue_ask_row, expiry_month);
    FIELD(AskRow, reserved, struct reissue_ask_row, reserved);
    FIELD(AskRow, key, struct reissue_ask_row, key);
    FIELD(AskRow, pan, struct reissue_ask_row, pan);
    FIELD(AskRow, token, struct reissue_ask_row, token);
    FIELD(AskRow, token_kind, struct reissue_ask_row, token_kind);
    FIELD(AskRow, se_number, struct reissue_ask_row, se_number);
    TYPE(RunTable, struct reissue_run_table);
    FIELD(RunTable, size, struct reissue_run_table, size);
    FIELD(RunTable, reserved, struct reissue_run_table, reserved);
    FIELD(RunTable, context, struct reissue_run_table, context);
    FIELD(RunTable, http, struct reissue_run_table, http);
    FIELD(RunTable, read, struct reissue_run_table, read);
    FIELD(RunTable, emit, struct reissue_run_table, emit);
    FIELD(RunTable, next_card, struct reissue_run_table, next_card);
    FIELD(RunTable, now, struct reissue_run_table, now);
    FIELD(RunTable, random, struct reissue_run_table, random);
    FIELD(RunTable, cancelled, struct reissue_run_table, cancelled);
    FIELD(RunTable, log, struct reissue_run_table, log);
    TYPE(ConnectorTable, struct reissue_connector_table);
    FIELD(ConnectorTable, size, struct reissue_connector_table, size);
    FIELD(ConnectorTable, flags, struct reissue_connector_table, flags);
    FIELD(ConnectorTable, built_with, struct reissue_connector_table, built_with);
    FIELD(ConnectorTable, describe, struct reissue_connector_table, describe);
    FIELD(ConnectorTable, open, struct reissue_connector_table, open);
    FIELD(ConnectorTable, call, struct reissue_connector_table, call);
    FIELD(ConnectorTable, close, struct reissue_connector_table, close);
    CONSTANT(OK);
    CONSTANT(END);
    CONSTANT(FAULT);
    CONSTANT(PANICKED);
    CONSTANT(PANICS_ABORT);
    CONSTANT(NOT_KNOWN);
    CONSTANT(NO_TIME);
    CONSTANT(ERROR);
    CONSTANT(WARN);
    CONSTANT(INFO);
    CONSTANT(DEBUG);
    return 0;
}
