# SPDX-License-Identifier: ISC
if SYSTEM_LINUX
check_PROGRAMS += tests/bench/control_timer tests/bench/blast tests/bench/apply_plan
endif
if WITH_SNMP
check_PROGRAMS += tests/bench/own_handler
endif
tests_bench_own_handler_SOURCES = tests/bench/own_handler.c
tests_bench_own_handler_CFLAGS = $(AM_CFLAGS) $(NETSNMP_CFLAGS)
tests_bench_own_handler_LDADD = $(NETSNMP_LIBS)
tests_bench_control_timer_SOURCES = tests/bench/control_timer.c
tests_bench_control_timer_LDADD = $(LIBS_DAEMON)
tests_bench_apply_plan_SOURCES = tests/bench/apply_plan.c
tests_bench_apply_plan_LDADD = $(LIBS_DAEMON)
tests_bench_blast_SOURCES = tests/bench/blast.c
EXTRA_DIST += tests/bench/run \
	tests/bench/bench.py \
	tests/bench/carrier_loss.py \
	tests/bench/blackhole_loss.py \
	tests/bench/snmp_trouble.py \
	tests/bench/timer_lateness.py \
	tests/bench/apply_plan.py \
	tests/bench/busy_lateness.py \
	tests/bench/forwarding_cost.py \
	tests/bench/kill_flows.py \
	tests/bench/new_flows.py \
	tests/bench/detection.py \
	tests/bench/rtt_error.py \
	tests/bench/many_lateness.py \
	tests/bench/probe_cost.py \
	tests/bench/peers.py \
	tests/bench/memory.py \
	tests/bench/snmp_walk.py
