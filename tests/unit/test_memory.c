/* SPDX-License-Identifier: Apache-2.0
 * From line to JSON nothing is taken from the heap, nor given back to it. */
#include "unit.h"

#include "vpn/render.h"

/* Volatile: a compiler knows that malloc changes no variable of ours. */
static volatile unsigned long calls;

/* Every caller in the process comes by here, nettle's library too. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#endif

#ifdef SANITIZED
int __sanitizer_install_malloc_and_free_hooks(
    void (*)(const volatile void *, size_t), void (*)(const volatile void *));

static void
on_take(const volatile void *p, size_t size)
{
	(void)p, (void)size;
	calls++;
}

static void
on_free(const volatile void *p)
{
	(void)p;
	calls++;
}

static int
watch(void **state)
{
	assert_true(__sanitizer_install_malloc_and_free_hooks(on_take, on_free) > 0);
	return unit_setup(state);
}
#else
#define EXPORT __attribute__((visibility("default")))

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void __libc_free(void *);

EXPORT void *
malloc(size_t size)
{
	calls++;
	return __libc_malloc(size);
}

EXPORT void *
calloc(size_t n, size_t size)
{
	calls++;
	return __libc_calloc(n, size);
}

EXPORT void *
realloc(void *p, size_t size)
{
	calls++;
	return __libc_realloc(p, size);
}

EXPORT void
free(void *p)
{
	calls++;
	__libc_free(p);
}

static int
watch(void **state)
{
	return unit_setup(state);
}
#endif

static char out[VPN_EVENT_MAX];

/* valgrind takes malloc away from us. */
static void
skip_under_valgrind(void)
{
	const char *preload = getenv("LD_PRELOAD");

	if (preload && strstr(preload, "vgpreload"))
		skip();
}

/* The counter counts: here, and what other libraries take. */
static void
test_counter(void **state)
{
	unsigned long before = calls;
	char *volatile copy;

	(void)state;
	skip_under_valgrind();
	copy = strdup("in libc");
	assert_true(calls > before);
	before = calls;
	free(copy);
	assert_true(calls > before);
}

static void
test_none(void **state)
{
	static const char *const lines[] = {
	    "<188>Nov 23 2026 16:59:00+08:00 HQ IPSEC/4/IPSECTUNNELSTOP:OID 1 The "
	    "IPSec "
	    "tunnel is deleted. (Ifindex=6, DstIP=203.0.113.9, FlowInfo=a, b=c, "
	    "OfflineReason=dpd timeout)",
	    "2026-11-23T08:59:00.7+00:00 host-10-0-0-1 ipsec_ike[30085]: "
	    "[198.51.100.20] "
	    "IPSec tunnel negotiation fails. (PeerAddress=[2001:db8::7], "
	    "Reason=[what])",
	    "Nov 23 08:59:00 vpn openvpn[1]: 203.0.113.9:1194 TLS Error: TLS handshake "
	    "failed",
	    "<188>1 2026-11-23T08:59:00Z relay - - - [a@1 b=\"c\"] HQ IKE/4/X:Y "
	    "(PeerAddress=a\xff/b, Reason=never heard of)",
	    "Nov 23 08:59:00 gw sshd[1]: Accepted publickey for bob",
	    "no tag at all",
	};
	struct vpn_render *render =
	    vpn_render_new(*state, VPN_FORMAT_ECS, VPN_LANGUAGE_BOTH, NULL);
	unsigned long before = calls; /* then: what was added */
	size_t events = 0;

	for (size_t i = 0; i < COUNT(lines); i++) {
		struct vpn_line ln = unit_line(lines[i]);
		struct vpn_event ev;

		if (!vpn_recognise(*state, &ln, &ev))
			continue;
		events++;
		if (vpn_render_event(render, &ev, out, sizeof(out)) == 0)
			break;
	}
	before = calls - before;
	vpn_render_free(render);
	assert_int_equal(before, 0);
	assert_int_equal(events, 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_counter),
	    cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, watch, unit_teardown);
}
