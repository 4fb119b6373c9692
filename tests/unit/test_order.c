/* SPDX-License-Identifier: Apache-2.0
 * In which order a batch goes to Kafka: kinds beside each other, tunnels as they came.
 */
#include <stdio.h>
#include <stdlib.h>

#include "unit.h"

#include "sink/kafka_order.h"

#define RECORDS 1024
#define KINDS 8

struct lab {
	struct vpn_kafka_order order;
	struct vpn_record records[RECORDS];
	char keys[RECORDS][16];
};

static void
fill(struct lab *lab, unsigned ntunnels, unsigned nkinds)
{
	for (size_t i = 0; i < RECORDS; i++) {
		snprintf(lab->keys[i], sizeof(lab->keys[i]), "fw|%u",
		    (unsigned)rand() % ntunnels);
		lab->records[i] = (struct vpn_record){
		    .key = vpn_text(lab->keys[i]), .kind = (unsigned)rand() % nkinds};
	}
	assert_int_equal(vpn_kafka_order(&lab->order, lab->records, RECORDS), 0);
}

static const struct vpn_record *
nth(const struct lab *lab, size_t i)
{
	return &lab->records[lab->order.place[i].index];
}

/* How often the next record is of another kind. */
static size_t
changes(const struct lab *lab)
{
	size_t n = 0;

	for (size_t i = 1; i < RECORDS; i++)
		n += nth(lab, i)->kind != nth(lab, i - 1)->kind;
	return n;
}

static void
check_each_once(const struct lab *lab)
{
	bool seen[RECORDS] = {false};

	for (size_t i = 0; i < RECORDS; i++) {
		assert_false(seen[lab->order.place[i].index]);
		seen[lab->order.place[i].index] = true;
	}
}

static void
check_tunnels_in_order(const struct lab *lab)
{
	for (size_t i = 0; i < RECORDS; i++)
		for (size_t j = i + 1; j < RECORDS; j++)
			if (vpn_text_same(nth(lab, i)->key, nth(lab, j)->key))
				assert_true(nth(lab, i) < nth(lab, j));
}

static void
test_kinds_are_beside_each_other(void **state)
{
	struct lab lab = {0};

	(void)state;
	fill(&lab, RAND_MAX, KINDS); /* a tunnel each */
	check_each_once(&lab);
	assert_int_equal(changes(&lab), KINDS - 1);
	vpn_kafka_order_free(&lab.order);
}

static void
test_tunnels_keep_their_order(void **state)
{
	static const unsigned ntunnels[] = {1, 2, 10, 300};
	struct lab lab = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(ntunnels) / sizeof(*ntunnels); i++) {
		fill(&lab, ntunnels[i], KINDS);
		check_each_once(&lab);
		check_tunnels_in_order(&lab);
	}
	vpn_kafka_order_free(&lab.order);
}

static void
test_few_records_after_many(void **state)
{
	struct lab lab = {0};

	(void)state;
	fill(&lab, 10, 2);
	assert_int_equal(vpn_kafka_order(&lab.order, lab.records, 1), 0);
	assert_int_equal(lab.order.place[0].index, 0);
	assert_int_equal(vpn_kafka_order(&lab.order, lab.records, 0), 0);
	vpn_kafka_order_free(&lab.order);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_kinds_are_beside_each_other),
	    cmocka_unit_test(test_tunnels_keep_their_order),
	    cmocka_unit_test(test_few_records_after_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
