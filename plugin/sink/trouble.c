/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>

#include "trouble.h"

void
vpn_trouble_tell(
    struct vpn_trouble *trouble, const struct vpn_sink_conf *conf, const char *fmt, ...)
{
	char text[768], sentence[900];
	va_list ap;

	if (atomic_exchange(&trouble->told, true))
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	snprintf(
	    sentence, sizeof(sentence), "omipsec: action \"%s\": %s", conf->name, text);
	conf->complain(sentence);
}

void
vpn_trouble_over(struct vpn_trouble *trouble)
{
	/* A plain read first: this is on the way of every acknowledgement. */
	if (atomic_load_explicit(&trouble->told, memory_order_relaxed))
		atomic_store(&trouble->told, false);
}
