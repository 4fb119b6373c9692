/* SPDX-License-Identifier: Apache-2.0 */
#include <libfastjson/json_tokener.h>

#include <stdio.h>

#include "load/load.h"
#include "load/tree.h"

#define LOGS "logs"
#define GROUP "\"group\":\""
#define CHARON_MAX 4096 /* bytes of a line of charon's */

static int
each_log(struct fjson_object *answer, const struct vpn_line *like,
    void (*each)(const struct vpn_line *, void *), void *arg)
{
	struct fjson_object *logs = tree_member(answer, LOGS);
	struct vpn_line ln = *like;
	int n;

	if (!fjson_object_is_type(logs, fjson_type_array))
		return -1;
	ln.device = tree_text(tree_member(answer, "vpn_connection_id"));
	if (ln.device.len == 0)
		ln.device = like->device;
	n = fjson_object_array_length(logs);
	for (int i = 0; i < n; i++) {
		ln.raw = tree_text(
		    tree_member(fjson_object_array_get_idx(logs, i), "raw_message"));
		if (ln.raw.at == NULL)
			ln.raw = VPN_TEXT("");
		each(&ln, arg);
	}
	return n;
}

/* {"time":"..","thread":9,"group":"IKE","level":1,"ikesa-uniqueid":"1",
 * "ikesa-name":"hq","msg":".."} as charon writes it elsewhere: "TIME 09[IKE]
 * <hq|1> MSG". */
static int
each_charon(struct fjson_object *object, const struct vpn_line *like,
    void (*each)(const struct vpn_line *, void *), void *arg)
{
	struct vpn_text time = tree_text(tree_member(object, "time"));
	struct vpn_text group = tree_text(tree_member(object, "group"));
	struct vpn_text id = tree_text(tree_member(object, "ikesa-uniqueid"));
	struct vpn_text name = tree_text(tree_member(object, "ikesa-name"));
	struct vpn_text message = tree_text(tree_member(object, "msg"));
	struct fjson_object *thread = tree_member(object, "thread");
	struct vpn_line ln = *like;
	char text[CHARON_MAX];
	int n;

	if (!fjson_object_is_type(thread, fjson_type_int) || group.len == 0 ||
	    message.len == 0)
		return -1;
	n = snprintf(text, sizeof(text), "%.*s%s%02d[%.*s] %s%.*s%s%.*s%s%.*s",
	    (int)time.len, time.at ? time.at : "", time.len ? " " : "",
	    fjson_object_get_int(thread) % 100, (int)group.len, group.at,
	    id.len ? "<" : "", (int)name.len, name.at ? name.at : "",
	    name.len ? "|" : "", (int)id.len, id.at ? id.at : "", id.len ? "> " : "",
	    (int)message.len, message.at);
	if (n < 0 || (size_t)n >= sizeof(text))
		return -1;
	ln.raw = (struct vpn_text){text, (size_t)n};
	each(&ln, arg);
	return 1;
}

static bool
has(struct vpn_text text, const char *mark)
{
	return memmem(text.at, text.len, mark, strlen(mark)) != NULL;
}

int
vpn_wrapped_each(struct vpn_text text, const struct vpn_line *like,
    void (*each)(const struct vpn_line *, void *), void *arg)
{
	struct fjson_tokener *tokener;
	struct fjson_object *object;
	int n;

	if (text.len == 0 || text.at[0] != '{' || text.len > INT32_MAX)
		return -1;
	/* Other programs log JSON too: a tree is made only of what may be ours. */
	if (!has(text, LOGS) && !has(text, GROUP))
		return -1;
	tokener = fjson_tokener_new();
	if (tokener == NULL)
		return -1;
	object = fjson_tokener_parse_ex(tokener, text.at, (int)text.len);
	n = object ? each_log(object, like, each, arg) : -1;
	if (n < 0 && object)
		n = each_charon(object, like, each, arg);
	fjson_object_put(object);
	fjson_tokener_free(tokener);
	return n;
}
