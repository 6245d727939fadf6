#include "log.h"
#include "util.h"
#include <string.h>
#include <time.h>

/* The length of a valid sequence of UTF-8, or 0: no overlong forms, no surrogates, nothing above U+10FFFF. */
static unsigned sequence(const unsigned char *s, size_t left)
{
	unsigned size = *s < 0xc2 ? 0 : *s < 0xe0 ? 2 : *s < 0xf0 ? 3 : *s < 0xf5 ? 4 : 0;
	if (!size || left < size)
		return 0;
	unsigned char least = *s == 0xe0 ? 0xa0 : *s == 0xf0 ? 0x90 : 0x80, most = *s == 0xed ? 0x9f : *s == 0xf4 ? 0x8f : 0xbf;
	if (s[1] < least || s[1] > most)
		return 0;
	for (unsigned i = 2; i < size; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return size;
}

/* As Docker writes a byte or a sequence: its encoder makes JSON that may stand in HTML and in JavaScript, too. Answers what it took. */
static size_t escape(const unsigned char *s, size_t left, void (*put)(const char *, size_t))
{
	static const char hex[] = "0123456789abcdef";
	const char code[] = { '\\', 'u', '0', '0', hex[*s >> 4], hex[*s & 15] };
	unsigned size;
	if (*s < 0x80) {
		const char *after = *s ? strchr("\"\"\\\\\nn\rr", *s) : NULL;
		const char pair[] = { '\\', after ? after[1] : 0 };
		if (after)
			put(pair, 2);
		else
			put(code, sizeof code);
		return 1;
	}
	if ((size = sequence(s, left)) == 0) {
		put("\\ufffd", 6);
		return 1;
	}
	put(s[2] == 0xa8 ? "\\u2028" : "\\u2029", 6);
	return size;
}

/* How many bytes stand for themselves. */
static size_t plain(const unsigned char *s, size_t left)
{
	size_t n = 0;
	while (n < left) {
		if (s[n] < 0x80) {
			if (s[n] < 0x20 || s[n] == '"' || s[n] == '\\' || s[n] == '<' || s[n] == '>' || s[n] == '&')
				break;
			n++;
			continue;
		}
		unsigned size = sequence(s + n, left - n);
		/* U+2028 and U+2029 end a line in JavaScript. */
		if (!size || (size == 3 && s[n] == 0xe2 && s[n + 1] == 0x80 && (s[n + 2] == 0xa8 || s[n + 2] == 0xa9)))
			break;
		n += size;
	}
	return n;
}

static char *put_digits(char *at, long number, int count)
{
	for (int i = count; i-- > 0; number /= 10)
		at[i] = (char)('0' + number % 10);
	return at + count;
}

/* RFC 3339 in UTC with nanoseconds. */
static char *put_time(char *at)
{
	struct timespec now;
	struct tm t;
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &t);
	const int parts[] = { t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec };
	at = put_digits(at, t.tm_year + 1900, 4);
	for (int i = 0; i < 5; i++) {
		*at++ = "--T::"[i];
		at = put_digits(at, parts[i], 2);
	}
	*at++ = '.';
	at = put_digits(at, now.tv_nsec, 9);
	*at++ = 'Z';
	return at;
}

void log_line(int stream, const char *bytes, size_t size, void (*put)(const char *, size_t))
{
	const unsigned char *s = (const unsigned char *)bytes;
	char end[96], *at;
	put("{\"log\":\"", 8);
	while (size > 0) {
		size_t n = plain(s, size);
		put((const char *)s, n);
		if (n < size)
			n += escape(s + n, size - n, put);
		s += n;
		size -= n;
	}
	at = put_text(put_text(put_text(end, "\",\"stream\":\""), stream == 2 ? "stderr" : "stdout"), "\",\"time\":\"");
	at = put_text(put_time(at), "\"}\n");
	put(end, (size_t)(at - end));
}
