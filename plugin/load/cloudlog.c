/* SPDX-License-Identifier: Apache-2.0 */
#include <libfastjson/json.h>
#include <libfastjson/json_tokener.h>

#include "load/load.h"

#define LOGS "logs"

static struct vpn_text
string_of(struct fjson_object *object)
{
	if (!fjson_object_is_type(object, fjson_type_string))
		return (struct vpn_text){NULL, 0};
	return (struct vpn_text){fjson_object_get_string(object),
	    (size_t)fjson_object_get_string_len(object)};
}

static struct fjson_object *
member(struct fjson_object *object, const char *key)
{
	struct fjson_object *value = NULL;

	if (fjson_object_is_type(object, fjson_type_object))
		fjson_object_object_get_ex(object, key, &value);
	return value;
}

static int
each_log(struct fjson_object *answer, const struct vpn_line *like,
    void (*each)(const struct vpn_line *, void *), void *arg)
{
	struct fjson_object *logs = member(answer, LOGS);
	struct vpn_line ln = *like;
	int n;

	if (!fjson_object_is_type(logs, fjson_type_array))
		return -1;
	ln.device = string_of(member(answer, "vpn_connection_id"));
	if (ln.device.len == 0)
		ln.device = like->device;
	n = fjson_object_array_length(logs);
	for (int i = 0; i < n; i++) {
		ln.raw = string_of(
		    member(fjson_object_array_get_idx(logs, i), "raw_message"));
		if (ln.raw.at == NULL)
			ln.raw = VPN_TEXT("");
		each(&ln, arg);
	}
	return n;
}

int
vpn_cloudlog_each(struct vpn_text text, const struct vpn_line *like,
    void (*each)(const struct vpn_line *, void *), void *arg)
{
	struct fjson_tokener *tokener;
	struct fjson_object *answer;
	int n;

	if (text.len == 0 || text.at[0] != '{' || text.len > INT32_MAX)
		return -1;
	/* Other programs log JSON too: a tree is made only of what may be ours. */
	if (!memmem(text.at, text.len, LOGS, sizeof(LOGS) - 1))
		return -1;
	tokener = fjson_tokener_new();
	if (tokener == NULL)
		return -1;
	answer = fjson_tokener_parse_ex(tokener, text.at, (int)text.len);
	n = answer ? each_log(answer, like, each, arg) : -1;
	fjson_object_put(answer);
	fjson_tokener_free(tokener);
	return n;
}
