/* SPDX-License-Identifier: Apache-2.0 */
#include "load/plain.h"

#include "vpn/runbook.h"

#define TEXT_MAX 1024 /* bytes */

/* Take the character at the front; YAML made sure that it is UTF-8. */
static uint32_t
take_character(struct vpn_text *text)
{
	unsigned char c = (unsigned char)*text->at;
	size_t len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	uint32_t value = len == 1 ? c : c & (0xffu >> (len + 1));

	for (size_t i = 1; i < len && i < text->len; i++)
		value = value << 6 | ((unsigned char)text->at[i] & 0x3f);
	len = len < text->len ? len : text->len;
	text->at += len;
	text->len -= len;
	return value;
}

/* What commands a terminal, or makes a text look like another one. */
static const struct {
	uint32_t from, to;
} hidden[] = {
    {0, 0x1f},        /* C0 */
    {0x7f, 0x9f},     /* DEL, C1 */
    {0x200b, 0x200b}, /* zero width space */
    {0x200e, 0x200f}, /* marks of direction */
    {0x2028, 0x202e}, /* ends of lines, changes of direction */
    {0x2060, 0x2069}, /* likewise */
    {0xfeff, 0xfeff}, /* byte order mark */
};

static bool
has_hidden(struct vpn_text text)
{
	while (text.len > 0) {
		uint32_t c = take_character(&text);

		for (size_t i = 0; i < LOAD_COUNT(hidden); i++)
			if (c >= hidden[i].from && c <= hidden[i].to)
				return true;
	}
	return false;
}

int
load_plain(
    struct load_doc *doc, yaml_node_t *node, void *target, const struct load_key *key)
{
	struct vpn_text *text = load_field(target, key);

	if (load_text(doc, node, target, key) < 0)
		return -1;
	if (has_hidden(*text))
		return load_wrong(
		    doc, node, "a control character is hidden in this text");
	if (text->len > TEXT_MAX)
		return load_wrong(doc, node, "a text has at most %d bytes", TEXT_MAX);
	return 0;
}

int
load_keep_key(struct load_doc *doc, const yaml_node_t *node, struct vpn_text name,
    struct vpn_text *key)
{
	char buf[VPN_NAME_MAX];

	if (name.len > VPN_NAME_MAX)
		return load_wrong(
		    doc, node, "a name has at most %d bytes", VPN_NAME_MAX);
	*key = vpn_arena_text(doc->arena, vpn_policy_key(name, buf));
	return key->at ? 0 : load_memory(doc);
}

int
load_name(struct load_doc *doc, yaml_node_t *node, struct vpn_text *name,
    struct vpn_text *key)
{
	if (load_plain(doc, node, name, NULL) < 0)
		return -1;
	if (memchr(name->at, '*', name->len))
		return load_wrong(
		    doc, node, "a '*' has no meaning here: name one device");
	return load_keep_key(doc, node, *name, key);
}

int
load_url(
    struct load_doc *doc, yaml_node_t *node, void *target, const struct load_key *key)
{
	const struct vpn_text *url = load_field(target, key);

	if (load_plain(doc, node, target, key) < 0)
		return -1;
	if (vpn_is_url(*url))
		return 0;
	return load_wrong(doc, node,
	    "expected an address that begins with https:// or http://, in ASCII, "
	    "without blanks and quotes");
}
