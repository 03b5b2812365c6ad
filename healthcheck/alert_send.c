/* Knows how libcurl posts to a webhook and hands a mail to its server. */
#include "healthcheck/alert_send.h"

#include "base/mem.h"
#include "base/wall.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEND_TIMEOUT_MS = 10000, SECRET_MAX = 1024 };

static int on_progress(void *context, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
		       curl_off_t up)
{
	const atomic_bool *give_up = context;
	(void)down_total, (void)down, (void)up_total, (void)up;
	return atomic_load(give_up);
}

static size_t on_answer(char *octets, size_t size, size_t count, void *context)
{
	(void)octets, (void)context;
	return size * count; /* what a receiver says beside its status is not heard */
}

static CURL *begin(const char *url, const char *protocols, char error[CURL_ERROR_SIZE],
		   const atomic_bool *give_up)
{
	CURL *easy = curl_easy_init();
	if (easy == NULL)
		abort(); /* as in mem.h */
	error[0] = '\0';
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, protocols);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)SEND_TIMEOUT_MS);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error);
	curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(easy, CURLOPT_XFERINFODATA, (void *)(uintptr_t)give_up);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_answer);
	return easy;
}

static bool say(CURLcode code, const char *text, const char *to, struct error *error)
{
	if (code != CURLE_OK)
		error_set(error, "%s: %s", to, *text != '\0' ? text : curl_easy_strerror(code));
	return code == CURLE_OK;
}

static bool read_secret(const char *path, char secret[SECRET_MAX], struct error *error)
{
	FILE *file = fopen(path, "re");
	secret[0] = '\0';
	if (file == NULL || (fgets(secret, SECRET_MAX, file) == NULL && ferror(file) != 0)) {
		error_set_errno(error, "the secret file %s cannot be read", path);
		if (file != NULL)
			fclose(file);
		return false;
	}
	fclose(file);
	secret[strcspn(secret, "\r\n")] = '\0';
	if (secret[0] != '\0')
		return true;
	error_set(error, "the first line of the secret file %s is empty", path);
	return false;
}

static struct curl_slist *add_header(struct curl_slist *headers, char *line)
{
	headers = curl_slist_append(headers, line);
	free(line);
	return headers;
}

/* 408 Request Timeout, 425 Too Early, 429 Too Many Requests are not of the message. */
static enum alert_outcome by_status(long status)
{
	if (status >= 200 && status <= 299)
		return ALERT_SENT;
	bool of_message =
		status >= 400 && status <= 499 && status != 408 && status != 425 && status != 429;
	return of_message ? ALERT_REFUSED : ALERT_FAILED;
}

static enum alert_outcome post(const struct alert *alert, const char *body,
			       struct curl_slist *headers, const atomic_bool *give_up,
			       struct error *error)
{
	char text[CURL_ERROR_SIZE];
	long status = 0;
	CURL *easy = begin(alert->url, "http,https", text, give_up);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
	bool answered = say(curl_easy_perform(easy), text, "the webhook", error);
	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	enum alert_outcome outcome = answered ? by_status(status) : ALERT_FAILED;
	if (answered && outcome != ALERT_SENT)
		error_set(error, "the webhook answers status %ld, wanted 200-299", status);
	curl_easy_cleanup(easy);
	return outcome;
}

static enum alert_outcome send_webhook(const struct alert *alert, const json_t *events,
				       const struct alert_origin *origin,
				       const atomic_bool *give_up, struct error *error)
{
	char secret[SECRET_MAX], signature[65];
	if (alert->secret_file != NULL && !read_secret(alert->secret_file, secret, error))
		return ALERT_FAILED;
	char *body = alert_json(events, origin);
	/* Of this attempt: receivers refuse what was signed long ago. */
	char *timestamp = mem_printf("%lld", (long long)(wall_now_ms() / 1000));
	struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
	headers = add_header(headers, mem_printf("X-Meridian-Id: %s", origin->id));
	headers = add_header(headers, mem_printf("X-Meridian-Timestamp: %s", timestamp));
	if (alert->secret_file != NULL) {
		alert_sign(secret, timestamp, body, signature);
		headers = add_header(headers,
				     mem_printf("X-Meridian-Signature: sha256=%s", signature));
	}
	enum alert_outcome outcome = post(alert, body, headers, give_up, error);
	curl_slist_free_all(headers);
	free(timestamp);
	free(body);
	return outcome;
}

struct upload {
	const char *at;
	size_t left;
};

static size_t on_upload(char *octets, size_t size, size_t count, void *context)
{
	struct upload *upload = context;
	size_t len = size * count < upload->left ? size * count : upload->left;
	memcpy(octets, upload->at, len);
	upload->at += len;
	upload->left -= len;
	return len;
}

static enum alert_outcome send_mail(const struct alert *alert, const json_t *events,
				    const struct alert_origin *origin, const atomic_bool *give_up,
				    struct error *error)
{
	char text[CURL_ERROR_SIZE];
	char *mail = alert_mail(alert, events, origin);
	struct upload upload = {.at = mail, .left = strlen(mail)};
	struct curl_slist *to = curl_slist_append(NULL, alert->to);
	CURL *easy = begin(alert->smtp, "smtp,smtps", text, give_up);
	curl_easy_setopt(easy, CURLOPT_USE_SSL, (long)CURLUSESSL_TRY);
	curl_easy_setopt(easy, CURLOPT_MAIL_FROM, alert->from);
	curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, to);
	curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_upload);
	curl_easy_setopt(easy, CURLOPT_READDATA, &upload);
	bool done = say(curl_easy_perform(easy), text, "the mail server", error);
	long reply = 0;
	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &reply);
	curl_easy_cleanup(easy);
	curl_slist_free_all(to);
	free(mail);
	if (done)
		return ALERT_SENT;
	return reply >= 500 && reply <= 599 ? ALERT_REFUSED : ALERT_FAILED;
}

enum alert_outcome alert_send(const struct alert *alert, const json_t *events,
			      const struct alert_origin *origin, const atomic_bool *give_up,
			      struct error *error)
{
	if (alert->type == ALERT_WEBHOOK)
		return send_webhook(alert, events, origin, give_up, error);
	return send_mail(alert, events, origin, give_up, error);
}
