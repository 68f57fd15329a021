/* SPDX-License-Identifier: ISC */
/* TLS as a client. One context for each file of certificates, made at the start. */
#include "config.h"

#include "tls.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "common/log.h"
#include "common/names.h"

/* Where it does not exist yet, such an end is no error. */
#ifndef SSL_OP_IGNORE_UNEXPECTED_EOF
#define SSL_OP_IGNORE_UNEXPECTED_EOF 0
#endif

struct trust {
	struct trust *next;
	const char *ca; /* in the configuration; "": the system's */
	SSL_CTX *ctx;   /* NULL: the file can't be used */
};

static struct trust *trusts;

/* ---- the start ---- */

static bool
load_file(X509_STORE *store, const char *path)
{
	return X509_STORE_load_locations(store, path, NULL) == 1;
}

/* The system's certificates are a file, or a folder of files; which of them differs by
 * system. A folder is otherwise read when a server asks for it, which is too late here. */
static bool
load_folder(X509_STORE *store, const char *folder)
{
	DIR *dir = opendir(folder);
	bool any = false;

	if (dir == NULL)
		return false;
	for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
		char path[4096];

		if (strstr(entry->d_name, ".0") == NULL && strstr(entry->d_name, ".pem") == NULL)
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		any |= load_file(store, path);
	}
	closedir(dir);
	return any;
}

static bool
load_system(X509_STORE *store)
{
	static const char *const files[] = {
	    "/etc/ssl/certs/ca-certificates.crt", /* Debian */
	    "/etc/pki/tls/certs/ca-bundle.crt",   /* Fedora */
	    "/etc/ssl/cert.pem",                  /* BSD, Alpine */
	};
	const char *named = getenv(X509_get_default_cert_file_env());

	if (load_file(store, named != NULL ? named : X509_get_default_cert_file()))
		return true;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (load_file(store, files[i]))
			return true;
	return load_folder(store, X509_get_default_cert_dir());
}

static SSL_CTX *
context_new(const char *ca)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	X509_STORE *store;
	bool loaded;

	if (ctx == NULL)
		return NULL;
	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	/* Each probe is to see whether a session comes about. */
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET | SSL_OP_IGNORE_UNEXPECTED_EOF);
	store = SSL_CTX_get_cert_store(ctx);
	loaded = ca[0] == '\0' ? load_system(store) : load_file(store, ca);
	ERR_clear_error();
	if (loaded)
		return ctx;
	log_error("%s: no certificates to check by can be read: its targets are not asked",
		  ca[0] == '\0' ? "the system" : ca);
	SSL_CTX_free(ctx);
	return NULL;
}

static struct trust *
find(const char *ca)
{
	struct trust *t = trusts;

	while (t != NULL && strcmp(t->ca, ca) != 0)
		t = t->next;
	return t;
}

static int
add(const char *ca)
{
	struct trust *t;

	if (find(ca) != NULL)
		return 0;
	t = calloc(1, sizeof(*t));
	if (t == NULL)
		return -1;
	*t = (struct trust){.next = trusts, .ca = ca, .ctx = context_new(ca)};
	trusts = t;
	return 0;
}

int
tls_start(const struct conf *conf)
{
	if (OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_LOAD_SSL_STRINGS, NULL) !=
	    1)
		return -1;
	for (size_t i = 0; i < conf->nlinks; i++)
		for (size_t k = 0; k < conf->links[i].ntargets; k++) {
			const struct conf_target *t = &conf->links[i].targets[k];

			if (t->method == METHOD_HTTPS && add(t->http->ca) != 0)
				return -1;
		}
	return 0;
}

/* ---- a connection ---- */

/* The name is asked for, and must be in the certificate; an address only the latter. */
static int
expect_host(SSL *ssl, const char *host)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);

	if (X509_VERIFY_PARAM_set1_ip_asc(param, host) == 1)
		return 0;
	X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return X509_VERIFY_PARAM_set1_host(param, host, 0) == 1 &&
		       SSL_set_tlsext_host_name(ssl, host) == 1
		   ? 0
		   : -1;
}

SSL *
tls_new(const struct conf_target *target, const char *address, unsigned *error)
{
	const struct trust *trust = find(target->http->ca);
	const char *host = target->http->host[0] != '\0' ? target->http->host : address;
	SSL *ssl;

	*error = ERROR_NO_CERTIFICATES;
	if (trust == NULL || trust->ctx == NULL)
		return NULL;
	*error = ENOMEM;
	ssl = SSL_new(trust->ctx);
	if (ssl != NULL && expect_host(ssl, host) != 0) {
		SSL_free(ssl);
		ssl = NULL;
	}
	ERR_clear_error();
	return ssl;
}

unsigned
tls_error(const SSL *ssl)
{
	switch (SSL_get_verify_result(ssl)) {
	case X509_V_OK:
		return ERROR_TLS;
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return ERROR_CERTIFICATE_EXPIRED;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return ERROR_CERTIFICATE_EARLY;
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		return ERROR_CERTIFICATE_NAME;
	default:
		return ERROR_CERTIFICATE;
	}
}
