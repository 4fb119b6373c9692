/* SPDX-License-Identifier: Apache-2.0
 * Keys: which files have one, and that none is told. */
#include <fcntl.h>
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
    {"s3cret\n", NULL, "can be read by everybody, or written by its group; chmod",
	0644},
    {"s3cret\n", NULL, "can be read by everybody, or written by its group; chmod",
	0660},
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

/* A secret that was cut would be another one. */
static void
test_length(void **state)
{
	char path[] = "/tmp/omipsec-secret.XXXXXX", secret[SECRET_SIZE], err[300];
	char longest[SECRET_SIZE - 1];
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	memset(longest, 'x', sizeof(longest));
	assert_int_equal(write(fd, longest, sizeof(longest)), sizeof(longest));
	assert_int_equal(secret_read("tokenFile", path, secret, err, sizeof(err)), -1);
	assert_non_null(strstr(err, "is too long on its first line"));
	assert_int_equal(pwrite(fd, "\n", 1, SECRET_SIZE - 2), 1);
	assert_int_equal(secret_read("tokenFile", path, secret, err, sizeof(err)), 0);
	assert_int_equal(strlen(secret), SECRET_SIZE - 2);
	close(fd);
	unlink(path);
}

/* What is no file is refused at once; a link is followed, and what it leads to is
 * judged. */
static void
test_kinds(void **state)
{
	char folder[] = "/tmp/omipsec-secret.XXXXXX", path[64], link[64], err[300];

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/pipe", folder);
	snprintf(link, sizeof(link), "%s/link", folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(symlink(path, link), 0);
	assert_int_equal(secret_check("tokenFile", folder, err, sizeof(err)), -1);
	assert_non_null(strstr(err, "is no file"));
	assert_int_equal(secret_check("tokenFile", link, err, sizeof(err)), -1);
	assert_non_null(strstr(err, "is no file"));
	unlink(path);
	assert_int_equal(secret_check("tokenFile", link, err, sizeof(err)), -1);
	assert_non_null(strstr(err, "No such file"));
	close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	assert_int_equal(secret_check("tokenFile", link, err, sizeof(err)), 0);
	chmod(path, 0644);
	assert_int_equal(secret_check("tokenFile", link, err, sizeof(err)), -1);
	unlink(link);
	unlink(path);
	rmdir(folder);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_hidden),
	    cmocka_unit_test(test_files),
	    cmocka_unit_test(test_length),
	    cmocka_unit_test(test_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
