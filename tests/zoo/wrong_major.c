/* A connector of the version to come. */
#include "zoo.h"

extern const struct reissue_connector_table reissue_connector_v1;
const struct reissue_connector_table reissue_connector_v1 = {
    .size = sizeof(struct reissue_connector_table),
    .describe = tame_describe,
    .open = tame_open,
    .call = tame_call,
    .close = tame_close,
};
