/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/estate.h"

#include <time.h>

#include "store/store.h"

#define TUNNELS_MAX 100000000 /* however many the module was told to keep */

static void
restore(struct vpn_text key, struct vpn_text data, void *arg)
{
	struct estate *es = arg;

	if (!vpn_engine_restore(es->engine, key, data, es->now))
		es->bad++;
}

static int
read_all(struct estate *es, const char *path, char *err, size_t cap)
{
	struct vpn_engine_conf conf;
	struct vpn_store *store = vpn_store_read(path, err, cap);
	int result = -1;

	if (store == NULL)
		return -1;
	vpn_engine_defaults(&conf);
	conf.max_tunnels = TUNNELS_MAX;
	es->engine = vpn_engine_new(&conf);
	if (es->engine)
		result = vpn_store_each(store, restore, es, err, cap);
	vpn_store_close(store);
	return result;
}

enum cli_exit
estate_open(
    struct estate *es, const struct cli_command *cmd, const struct cli_options *opt)
{
	char err[1024] = "out of memory";

	*es = (struct estate){0};
	if (opt->state == NULL) {
		cli_complain(cmd,
		    "--state FILE is missing: <stateDir>/<name>.state "
		    "of the action");
		return CLI_PROBLEM;
	}
	es->now.wall_ms = es->now.mono_ms = (int64_t)time(NULL) * 1000;
	if (read_all(es, opt->state, err, sizeof(err)) < 0) {
		cli_complain(cmd, "%s", err);
		estate_close(es);
		return CLI_PROBLEM;
	}
	if (es->bad == 0)
		return CLI_FINE;
	cli_complain(cmd, "%s: %zu entries are damaged or of a newer omipsec",
	    opt->state, es->bad);
	return CLI_PROBLEM;
}

void
estate_close(struct estate *es)
{
	vpn_engine_free(es->engine);
	es->engine = NULL;
}
