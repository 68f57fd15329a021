# SPDX-License-Identifier: ISC
libuplink_a_SOURCES += \
	src/conf/addresses.c \
	src/conf/agent.c src/conf/agent.h \
	src/conf/agent_check.c \
	src/conf/agent_print.c \
	src/conf/blocks.c \
	src/conf/check.c \
	src/conf/check_link.c \
	src/conf/check_pairs.c \
	src/conf/check_targets.c \
	src/conf/conf.c src/conf/conf.h \
	src/conf/draft.c src/conf/draft.h \
	src/conf/forwarding.c \
	src/conf/grammar.y \
	src/conf/hooks.c \
	src/conf/index.c \
	src/conf/inherit.c src/conf/inherit.h \
	src/conf/judgement.c \
	src/conf/keywords.c \
	src/conf/lexer.l \
	src/conf/methods.c src/conf/methods.h \
	src/conf/numbers.c \
	src/conf/parse.c \
	src/conf/print.c \
	src/conf/secrets.c src/conf/secrets.h \
	src/conf/services.c \
	src/conf/texts.c \
	src/conf/warn.c
BUILT_SOURCES += src/conf/grammar.h
