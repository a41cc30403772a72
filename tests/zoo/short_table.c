/* A table that says that it ends before its functions do. */
#include "zoo.h"

const struct reissue_connector_table reissue_connector_v0 = {
    .size = offsetof(struct reissue_connector_table, call),
    .describe = tame_describe,
    .open = tame_open,
};
