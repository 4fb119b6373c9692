/* SPDX-License-Identifier: Apache-2.0
 * Looking into a JSON tree. */
#ifndef LOAD_TREE_H
#define LOAD_TREE_H

#include <libfastjson/json.h>

#include "vpn/text.h"

/* Its text; absent when it is none. */
static inline struct vpn_text
tree_text(struct fjson_object *object)
{
	if (!fjson_object_is_type(object, fjson_type_string))
		return (struct vpn_text){NULL, 0};
	return (struct vpn_text){fjson_object_get_string(object),
	    (size_t)fjson_object_get_string_len(object)};
}

static inline struct fjson_object *
tree_member(struct fjson_object *object, const char *key)
{
	struct fjson_object *value = NULL;

	if (fjson_object_is_type(object, fjson_type_object))
		fjson_object_object_get_ex(object, key, &value);
	return value;
}

#endif
