/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/engine_text.h"

#include "core/stamp.h"

void
text_time(int64_t ms, char buf[TEXT_TIME_LEN + 1])
{
	char stamp[VPN_STAMP_LEN];

	vpn_stamp_write(ms, stamp);
	memcpy(buf, stamp, TEXT_TIME_LEN - 1);
	buf[TEXT_TIME_LEN - 1] = 'Z';
	buf[TEXT_TIME_LEN] = '\0';
}

const char *
text_step(enum vpn_step_of_alarm step)
{
	static const char *const words[] = {[VPN_ALARM_OPENED] = "opened",
	    [VPN_ALARM_REMINDED] = "reminded",
	    [VPN_ALARM_RESOLVED] = "resolved",
	    [VPN_ALARM_CLEARED] = "cleared"};

	return words[step];
}

const char *
text_ending(enum vpn_ending ending)
{
	static const char *const words[] = {[VPN_ENDING_NONE] = "",
	    [VPN_ENDING_RECOVERED] = "recovered",
	    [VPN_ENDING_MOVED] = "moved",
	    [VPN_ENDING_SILENT] = "silent",
	    [VPN_ENDING_REPLACED] = "replaced",
	    [VPN_ENDING_ENDED] = "ended",
	    [VPN_ENDING_FORGOTTEN] = "forgotten"};

	return words[ending];
}

const char *
text_severity(enum vpn_severity severity)
{
	static const char *const words[] = {[VPN_SEVERITY_CRITICAL] = "critical",
	    [VPN_SEVERITY_WARNING] = "warning",
	    [VPN_SEVERITY_NONE] = "none"};

	return words[severity];
}

void
text_put_time(struct vpn_json *js, const char *key, int64_t ms)
{
	char when[TEXT_TIME_LEN + 1];

	text_time(ms, when);
	vpn_json_text(js, key, vpn_text(when));
}

void
text_put_code(struct vpn_json *js, const char *key, const struct vpn_code *code)
{
	if (code)
		vpn_json_text(js, key, code->slug);
}

void
text_print_json(struct vpn_json *js, char *buf)
{
	vpn_json_close(js, '}');
	if (!js->full)
		printf("%.*s\n", (int)(js->at - buf), buf);
}
