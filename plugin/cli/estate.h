/* SPDX-License-Identifier: Apache-2.0
 * The engine as the module's state file has it. */
#ifndef CLI_ESTATE_H
#define CLI_ESTATE_H

#include "cli/cli.h"
#include "vpn/engine.h"

struct estate {
	struct vpn_engine *engine; /* NULL: it could not be read */
	struct vpn_now now;
	size_t bad; /* entries that are left out */
};

/* Not CLI_FINE: it has been said what could not be read. */
enum cli_exit estate_open(
    struct estate *, const struct cli_command *, const struct cli_options *);
void estate_close(struct estate *);

#endif
