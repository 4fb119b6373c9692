/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "vpn/policy.h"
#include "vpn/render.h"
#include "vpn/words.h"

/* Every value has a word, no two the same, and the word leads back. */
static void
test_round(void **state)
{
	static const struct {
		enum vpn_words list;
		size_t n;
	} lists[] = {
	    {VPN_WORDS_CLASS, VPN_CLASS_COUNT},
	    {VPN_WORDS_FIELD, VPN_FIELD_COUNT},
	    {VPN_WORDS_ALERT, VPN_ALERT_NEVER + 1},
	    {VPN_WORDS_EFFECT, VPN_EFFECT_USER + 1},
	    {VPN_WORDS_ROLE, VPN_ROLE_USER + 1},
	    {VPN_WORDS_END, VPN_END_CUSTOMER + 1},
	    {VPN_WORDS_STEP, VPN_STEP_NONE + 1},
	    {VPN_WORDS_LANGUAGE, VPN_LANGUAGE_BOTH + 1},
	    {VPN_WORDS_MODE, VPN_MODE_ON_DEMAND + 1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(lists); i++) {
		for (size_t j = 0; j < lists[i].n; j++) {
			struct vpn_text word = vpn_word(lists[i].list, (int)j);

			assert_true(word.len > 0);
			assert_int_equal(vpn_word_value(lists[i].list, word), j);
			assert_true(vpn_text_same(vpn_word_at(lists[i].list, j), word));
		}
		assert_null(vpn_word_at(lists[i].list, lists[i].n).at);
		assert_null(vpn_word(lists[i].list, -1).at);
		assert_int_equal(vpn_word_value(lists[i].list, VPN_TEXT("")), -1);
		assert_int_equal(vpn_word_value(lists[i].list, VPN_TEXT("nobody")), -1);
		assert_int_equal(
		    vpn_word_value(lists[i].list, (struct vpn_text){NULL, 0}), -1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_round)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
