/* SPDX-License-Identifier: Apache-2.0
 * Keys: which files have one, and that none is told. */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sink/secret.h"
#include "unit.h"

static const struct {
	const char *text, *hidden;
} texts[] = {
    {"key=s3cret-key", "key=**********"},
    {"s3cret-key s3cret-key", "********** **********"},
    {"s3cret-kez", "s3cret-kez"},
    {"cut at s3cre", "cut at *****"},
    {"cut at s3c", "cut at s3c"},
    {"s3cret-s3cret-key", "s3cret-**********"},
    {"", ""},
};

static void
test_hidden(void **state)
{
	char text[64];

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		strcpy(text, texts[i].text);
		secret_hide(text, "s3cret-key");
		assert_string_equal(text, texts[i].hidden);
	}
	strcpy(text, "no key, nothing hidden");
	secret_hide(text, NULL);
	secret_hide(text, "");
	secret_hide(text, "key");
	assert_string_equal(text, "no key, nothing hidden");
}

static const struct {
	const char *content, *secret, *wrong; /* NULL: there is none */
	mode_t mode;
} files[] = {
    {"s3cret\n", "s3cret", NULL, 0640},
    {"s3cret", "s3cret", NULL, 0400},
    {"s3cret\r\nsecond line\n", "s3cret", NULL, 0600},
    {"s3cret\n", NULL, "can be read by everybody; chmod o-rwx it", 0644},
    {"", NULL, "has no secret of printable characters", 0600},
    {"\ns3cret\n", NULL, "has no secret of printable characters", 0600},
    {"two words\n", NULL, "has no secret of printable characters", 0600},
    {"gr\xc3\xbcn\n", NULL, "has no secret of printable characters", 0600},
};

static void
test_files(void **state)
{
	char path[] = "/tmp/omipsec-secret.XXXXXX", secret[SECRET_SIZE], err[300];
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	for (size_t i = 0; i < COUNT(files); i++) {
		size_t len = strlen(files[i].content);
		int code;

		assert_int_equal(ftruncate(fd, 0), 0);
		assert_int_equal(pwrite(fd, files[i].content, len, 0), (ssize_t)len);
		assert_int_equal(fchmod(fd, files[i].mode), 0);
		code = secret_read("tokenFile", path, secret, err, sizeof(err));
		assert_int_equal(code, files[i].wrong ? -1 : 0);
		if (files[i].secret)
			assert_string_equal(secret, files[i].secret);
		if (files[i].wrong)
			assert_non_null(strstr(err, files[i].wrong));
	}
	close(fd);
	unlink(path);
	assert_int_equal(secret_read("tokenFile", path, secret, err, sizeof(err)), -1);
	assert_non_null(strstr(err, "tokenFile=\"/tmp/omipsec-secret."));
	assert_non_null(strstr(err, "No such file"));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_hidden),
	    cmocka_unit_test(test_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
