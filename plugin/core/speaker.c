/* SPDX-License-Identifier: Apache-2.0 */
#include "core/speaker.h"

#include "core/byte.h"
#include "core/pattern.h"

#define START_MAX 32 /* bytes of a word that opens a line */

/* The word, or for "ovpn-NAME" its start. */
static const struct vpn_speaker *
find(const struct vpn_rules *rules, struct vpn_text word)
{
	const struct vpn_speaker *speaker = vpn_index_get(&rules->by_speaker, word);
	const char *dash;

	if (speaker)
		return speaker;
	dash = memchr(word.at, '-', word.len);
	if (dash == NULL)
		return NULL;
	word.len = (size_t)(dash - word.at) + 1;
	return vpn_index_get(&rules->by_speaker, word);
}

const struct vpn_speaker *
vpn_speaker_of_tag(
    const struct vpn_rules *rules, const struct vpn_head *head, struct vpn_text *word)
{
	const struct vpn_speaker *speaker;

	*word = vpn_head_word(head);
	speaker = find(rules, *word);
	if (speaker)
		return speaker;
	*word = head->tag; /* "I/charon" */
	return vpn_index_get(&rules->by_speaker, *word);
}

const struct vpn_speaker *
vpn_speaker_of_facility(
    const struct vpn_rules *rules, const struct vpn_facility *facility)
{
	const struct vpn_speaker *speaker =
	    vpn_index_get(&rules->by_facility, facility->name);

	if (speaker && vpn_index_get(speaker->vendor->by_name, facility->mnemonic))
		return speaker;
	return NULL;
}

bool
vpn_speaker_may_start(const struct vpn_rules *rules, struct vpn_text word)
{
	size_t n = 0;

	while (n < word.len && is_digit(word.at[n]))
		n++;
	return n == 0 ||
	    rules->after_digits[n < word.len ? (unsigned char)word.at[n] : 0];
}

const struct vpn_speaker *
vpn_speaker_of_start(const struct vpn_rules *rules, struct vpn_text opening)
{
	char word[START_MAX];

	if (opening.len > sizeof(word))
		return NULL;
	for (size_t i = 0; i < opening.len; i++)
		word[i] = (char)(is_digit(opening.at[i]) ? '#' : opening.at[i]);
	return vpn_index_get(&rules->by_start, (struct vpn_text){word, opening.len});
}

bool
vpn_speaker_may_be_bare(const struct vpn_rules *rules, struct vpn_text raw)
{
	struct vpn_stamp stamp;
	const char *blank;

	vpn_head_bare(&raw, &stamp);
	if (vpn_opens(&rules->bare, raw.at, raw.at + raw.len))
		return true;
	blank = memchr(raw.at, ' ', raw.len);
	if (blank)
		raw.len = (size_t)(blank - raw.at);
	for (size_t i = 0; i < rules->nbare_prefixes; i++)
		if (vpn_pattern_may_fit(rules->bare_prefixes[i], raw))
			return true;
	return false;
}
