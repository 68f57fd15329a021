/* SPDX-License-Identifier: ISC */
/* Loads the ruleset by running nft(8), which reads it from a descriptor: no shell,
 * no file name, no other descriptor of ours, and killed when it takes too long. It
 * touches nothing but table inet uplinkd. */
#include "config.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "system/linux/flows.h"
#include "system/system.h"

enum {
	/* Loading 1000 links takes well under a second. It is less than the parent waits for a
	 * word of the worker's, which is to cut flows meanwhile. */
	NFT_LIMIT_S = 10,
	LOAD_TRIES = 4,
	EXIT_NO_EXEC = 127, /* of our child: there is no nft */
};

/* ---- running nft ---- */

/* In the child: nothing but the three descriptors, and no more of us than that. */
static void __attribute__((noreturn)) become_nft(int input, int errors)
{
	static char *const argv[] = {(char *)"nft", (char *)"-f", (char *)"-", NULL};
	static char *const envp[] = {(char *)"PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin",
				     (char *)"LC_ALL=C", NULL};
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (null == -1 || dup2(input, STDIN_FILENO) == -1 || dup2(null, STDOUT_FILENO) == -1 ||
	    dup2(errors, STDERR_FILENO) == -1)
		_exit(EXIT_NO_EXEC);
	syscall(SYS_close_range, 3U, ~0U, 0U);
	environ = (char **)envp;
	execvpe("nft", argv, envp);
	dprintf(STDERR_FILENO, "%s", strerror(errno));
	_exit(EXIT_NO_EXEC);
}

/* Reads what nft complains of, the first line of it, until it ends or the time is
 * over. Returns whether it ended. */
static bool
read_complaint(int errors, char *text, size_t size)
{
	uint64_t deadline = clock_mono_ns() + NFT_LIMIT_S * NSEC_PER_SEC;
	size_t len = 0;

	text[0] = '\0';
	for (;;) {
		uint64_t now = clock_mono_ns();
		struct pollfd ready = {.fd = errors, .events = POLLIN};
		char buf[512];
		ssize_t got;

		if (now >= deadline)
			return false;
		if (poll(&ready, 1, (int)((deadline - now) / NSEC_PER_MSEC) + 1) < 1)
			continue;
		got = read(errors, buf, sizeof(buf));
		if (got <= 0 && !(got == -1 && errno == EINTR))
			break;
		for (ssize_t i = 0; i < got && len + 1 < size; i++)
			text[len++] = buf[i];
		text[len] = '\0';
	}
	text[strcspn(text, "\n")] = '\0';
	return true;
}

static int
reap(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) == -1)
		if (errno != EINTR)
			return -1;
	return status;
}

/* The kernel says so of what it has no module for, and of little else. */
static bool
lacks_module(const char *complaint)
{
	return strstr(complaint, strerror(ENOENT)) != NULL ||
	       strstr(complaint, strerror(EOPNOTSUPP)) != NULL;
}

/* 0, or -1 with the reason; *ran says whether there was an nft, and it came to an end. */
static int
run_nft(int input, bool *ran, char *error, size_t error_size)
{
	char complaint[512];
	int errors[2], status;
	bool ended;
	pid_t child;

	*ran = false;
	if (pipe2(errors, O_CLOEXEC) == -1) {
		snprintf(error, error_size, "pipe: %s", strerror(errno));
		return -1;
	}
	child = fork();
	if (child == 0)
		become_nft(input, errors[1]);
	close(errors[1]);
	if (child == -1) {
		snprintf(error, error_size, "fork: %s", strerror(errno));
		close(errors[0]);
		return -1;
	}
	ended = read_complaint(errors[0], complaint, sizeof(complaint));
	close(errors[0]);
	if (!ended)
		kill(child, SIGKILL);
	status = reap(child);
	*ran = ended && !(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_NO_EXEC);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (!ended)
		snprintf(error, error_size, "nft took longer than %d s", NFT_LIMIT_S);
	else if (!*ran)
		snprintf(error, error_size, "nft can't be run (%s): install the package nftables",
			 complaint);
	else
		snprintf(error, error_size, "nft: %s%s", complaint[0] ? complaint : "failed",
			 lacks_module(complaint)
			     ? " (does the kernel lack a module? modprobe nft_masq nft_ct "
			       "nft_chain_nat says)"
			     : "");
	return -1;
}

/* ---- loading ---- */

/* Sets and maps that this version, or this configuration, has no use for. */
static void
print_set_deletions(FILE *out, const struct flows_seen *held, const char *text, size_t len)
{
	for (unsigned i = 0; i < held->nsets; i++)
		if (!flows_text_declares(text, len, &held->sets[i]))
			fprintf(out, "delete %s inet " FLOWS_TABLE " %s\n",
				held->sets[i].is_map ? "map" : "set", held->sets[i].name);
}

/* Objects of links that are gone, once nothing refers to them any more. */
static void
print_deletions(FILE *out, const struct flows_seen *held, const struct flows_seen *declared)
{
	char name[FLOWS_NAME_LEN];

	for (int chains = 1; chains >= 0; chains--)
		for (unsigned kind = 0; kind < FLOWS_OBJECTS; kind++)
			for (unsigned link = 1; link <= LINKS_MAX; link++)
				if (flows_object_is_chain(kind) == chains &&
				    held->seen[kind][link] && !declared->seen[kind][link])
					fprintf(out, "delete %s inet " FLOWS_TABLE " %s\n",
						chains ? "chain" : "counter",
						flows_object_name(kind, link, name));
}

/* The whole transaction as a descriptor for nft to read. */
static int
transaction_fd(const char *text, size_t len, const struct flows_seen *held, bool afresh)
{
	struct flows_seen declared;
	int fd = memfd_create("uplinkd-ruleset", MFD_CLOEXEC);
	FILE *out = fd == -1 ? NULL : fdopen(dup(fd), "w");
	bool bad;

	if (!out) {
		if (fd != -1)
			close(fd);
		return -1;
	}
	if (afresh)
		fputs("delete table inet " FLOWS_TABLE "\n", out);
	fwrite(text, 1, len, out);
	if (held) {
		flows_text_objects(text, len, &declared);
		print_set_deletions(out, held, text, len);
		print_deletions(out, held, &declared);
	}
	bad = ferror(out);
	if (fclose(out) != 0 || bad || lseek(fd, 0, SEEK_SET) == -1) {
		close(fd);
		return -1;
	}
	return fd;
}

static int
load_once(const char *text, size_t len, const struct flows_seen *held, bool afresh, bool *ran,
	  char *error, size_t error_size)
{
	int fd = transaction_fd(text, len, held, afresh), result;

	*ran = false;
	if (fd == -1) {
		snprintf(error, error_size, "no room for the ruleset: %s", strerror(errno));
		return -1;
	}
	result = run_nft(fd, ran, error, error_size);
	close(fd);
	return result;
}

static struct nlmsghdr *
batch_message(char *buf, uint16_t type, uint16_t flags, uint32_t seq)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *general = mnl_nlmsg_put_extra_header(message, sizeof(*general));

	message->nlmsg_type = (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type);
	message->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	message->nlmsg_seq = seq;
	general->nfgen_family = NFPROTO_INET;
	general->version = NFNETLINK_V0;
	return message;
}

static struct nlmsghdr *
batch_mark(char *buf, uint16_t type, uint32_t seq)
{
	struct nlmsghdr *message = batch_message(buf, 0, 0, seq);
	struct nfgenmsg *general = mnl_nlmsg_get_payload(message);

	message->nlmsg_type = type;
	general->nfgen_family = NFPROTO_UNSPEC;
	general->res_id = htons(NFNL_SUBSYS_NFTABLES);
	return message;
}

static int
load(struct sys_flows *f, const char *text, size_t len, uint32_t *before, char *error,
     size_t error_size)
{
	struct flows_seen held;
	bool exists, ran;
	int result;

	if (flows_generation(f, before) == -1 || flows_kernel_objects(f, &held, &exists) == -1) {
		snprintf(error, error_size, "the kernel's nf_tables can't be read: %s",
			 strerror(errno));
		return -1;
	}
	result = load_once(text, len, exists ? &held : NULL, false, &ran, error, error_size);
	/* A table of another version of us, or one that someone has changed, may
	 * not take the new text. Then it is made afresh, and its counters with it. */
	if (result == -1 && exists && ran)
		result = load_once(text, len, NULL, true, &ran, error, error_size);
	return result;
}

int
sys_ruleset_load(struct sys_flows *f, const char *text, size_t len, char *error, size_t error_size)
{
	uint32_t before;

	/* What others change at this very time must not be taken for what was loaded. */
	for (int tries = 0; tries < LOAD_TRIES; tries++) {
		if (load(f, text, len, &before, error, error_size) == -1)
			return -1;
		if (flows_table_loaded(f, before))
			break;
	}
	return 0;
}

/* By netlink alone, so that it works without nft(8) too. */
int
sys_ruleset_release(struct sys_flows *f)
{
	char batch[512];
	struct nlmsghdr *message;
	size_t len = 0;

	message = batch_mark(batch, NFNL_MSG_BATCH_BEGIN, ++f->seq);
	len += message->nlmsg_len;
	message = batch_message(batch + len, NFT_MSG_DELTABLE, NLM_F_ACK, ++f->seq);
	mnl_attr_put_strz(message, NFTA_TABLE_NAME, FLOWS_TABLE);
	len += message->nlmsg_len;
	len += batch_mark(batch + len, NFNL_MSG_BATCH_END, f->seq)->nlmsg_len;
	if (flows_talk(f, f->netfilter, batch, len, f->seq, NULL, NULL) == -1 && errno != ENOENT)
		return -1;
	return 0;
}
