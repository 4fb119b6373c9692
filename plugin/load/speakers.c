/* SPDX-License-Identifier: Apache-2.0
 * Whose line it is. */
#include "load/vendor.h"

/* "ovpn-*" stands for all that begin so, "-" for a line without a colon. */
static struct vpn_text
speaker_word(struct vpn_text word)
{
	if (vpn_text_same(word, VPN_TEXT("-")))
		return VPN_TEXT("");
	if (word.at[word.len - 1] == '*')
		word.len--;
	return word;
}

static struct vpn_index *
speaker_index(struct vpn_rules *rules, enum vpn_speaker_kind kind)
{
	switch (kind) {
	case VPN_SPEAKER_FACILITY:
		return &rules->by_facility;
	case VPN_SPEAKER_START:
		return &rules->by_start;
	case VPN_SPEAKER_MODULE:
	case VPN_SPEAKER_PROGRAM:
	case VPN_SPEAKER_BARE:
		break;
	}
	return &rules->by_speaker;
}

static void
note_opening(struct vpn_rules *rules, const struct vpn_speaker *speaker)
{
	struct vpn_text word = speaker->word;
	size_t digits = 0;

	vpn_openings_add(&rules->opens, word);
	if (speaker->kind != VPN_SPEAKER_START) {
		vpn_openings_add(&rules->tags, word);
		return;
	}
	vpn_openings_add(&rules->starts, word);
	while (digits < word.len && word.at[digits] == '#')
		digits++;
	if (digits > 0)
		rules->after_digits[digits < word.len ? (unsigned char)word.at[digits]
						      : 0] = true;
}

/* A word says whose line it is. Programs of two vendors may share a name: then the
 * messages tell whose it is. */
static int
claim_speaker(
    struct load_doc *doc, const yaml_node_t *node, struct vpn_speaker *speaker)
{
	struct vpn_index *index = speaker_index(doc->rules, speaker->kind);
	const struct vpn_speaker *other = vpn_index_get(index, speaker->word);

	if (other == NULL || other->vendor == speaker->vendor)
		return load_claim(
		    doc, node, index, speaker->word, speaker, "whose lines begin with");
	if (other->kind != VPN_SPEAKER_PROGRAM || speaker->kind != VPN_SPEAKER_PROGRAM)
		return load_wrong(doc, node,
		    "lines that begin with '%.*s' are those of %.*s",
		    (int)speaker->word.len, speaker->word.at,
		    (int)other->vendor->file.len, other->vendor->file.at);
	speaker->next = other;
	vpn_index_replace(index, speaker->word, speaker);
	return 0;
}

static int
read_speaker(struct load_doc *doc, yaml_node_t *node, const struct vpn_vendor *vendor,
    enum vpn_speaker_kind kind)
{
	struct vpn_rules *rules = doc->rules;
	struct vpn_speaker *speaker = vpn_arena_take(doc->arena, sizeof(*speaker));

	if (speaker == NULL)
		return load_memory(doc);
	if (load_text(doc, node, &speaker->word, NULL) < 0)
		return -1;
	if (speaker->word.at[speaker->word.len - 1] == '*' &&
	    speaker->word.len <= VPN_OPENING_LEN)
		return load_wrong(
		    doc, node, "at least %d bytes stand before a '*'", VPN_OPENING_LEN);
	speaker->word = speaker_word(speaker->word);
	speaker->kind = kind;
	speaker->vendor = vendor;
	if (kind != VPN_SPEAKER_FACILITY && speaker->word.len > 0)
		note_opening(rules, speaker);
	return claim_speaker(doc, node, speaker);
}

int
load_speakers(
    struct load_doc *doc, yaml_node_t *node, void *target, const struct load_key *key)
{
	yaml_node_item_t *item = node->data.sequence.items.start;

	if (node->type != YAML_SEQUENCE_NODE)
		return load_wrong(doc, node, "expected a list here");
	for (; item < node->data.sequence.items.top; item++)
		if (read_speaker(doc, yaml_document_get_node(&doc->yaml, *item), target,
			(enum vpn_speaker_kind)key->words) < 0)
			return -1;
	return 0;
}
