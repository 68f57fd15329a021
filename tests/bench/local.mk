# SPDX-License-Identifier: ISC
if SYSTEM_LINUX
check_PROGRAMS += tests/bench/control_timer
endif
tests_bench_control_timer_SOURCES = tests/bench/control_timer.c
tests_bench_control_timer_LDADD = $(LIBS_DAEMON)
EXTRA_DIST += tests/bench/run \
	tests/bench/bench.py \
	tests/bench/carrier_loss.py \
	tests/bench/blackhole_loss.py \
	tests/bench/timer_lateness.py \
	tests/bench/memory.py
