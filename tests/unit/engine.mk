# SPDX-License-Identifier: ISC
# The pure rooms of the engine, and what all rooms share.
if WITH_CMOCKA
unit_tests += tests/unit/test_assess tests/unit/test_counts tests/unit/test_figures tests/unit/test_dns tests/unit/test_neighbour tests/unit/test_common tests/unit/test_damping tests/unit/test_history tests/unit/test_icmp tests/unit/test_interface tests/unit/test_judge \
	tests/unit/test_explain tests/unit/test_outliers \
	tests/unit/test_planner tests/unit/test_suspicion tests/unit/test_switch tests/unit/test_timers tests/unit/test_versions tests/unit/test_wheel tests/unit/test_window
endif
EXTRA_DIST += tests/unit/unit.h
tests_unit_test_common_SOURCES = tests/unit/test_common.c
tests_unit_test_common_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_common_LDADD = $(UNIT_LDADD)
tests_unit_test_icmp_SOURCES = tests/unit/test_icmp.c
tests_unit_test_icmp_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_icmp_LDADD = $(UNIT_LDADD)
tests_unit_test_interface_SOURCES = tests/unit/test_interface.c
tests_unit_test_interface_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_interface_LDADD = $(UNIT_LDADD)
tests_unit_test_judge_SOURCES = tests/unit/test_judge.c
tests_unit_test_judge_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_judge_LDADD = $(UNIT_LDADD)
tests_unit_test_planner_SOURCES = tests/unit/test_planner.c
tests_unit_test_planner_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_planner_LDADD = $(UNIT_LDADD)
tests_unit_test_timers_SOURCES = tests/unit/test_timers.c
tests_unit_test_timers_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_timers_LDADD = $(UNIT_LDADD)
tests_unit_test_wheel_SOURCES = tests/unit/test_wheel.c
tests_unit_test_wheel_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_wheel_LDADD = $(UNIT_LDADD)
tests_unit_test_window_SOURCES = tests/unit/test_window.c
tests_unit_test_window_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_window_LDADD = $(UNIT_LDADD)
tests_unit_test_damping_SOURCES = tests/unit/test_damping.c
tests_unit_test_damping_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_damping_LDADD = $(UNIT_LDADD)
tests_unit_test_history_SOURCES = tests/unit/test_history.c
tests_unit_test_history_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_history_LDADD = $(UNIT_LDADD)
tests_unit_test_suspicion_SOURCES = tests/unit/test_suspicion.c
tests_unit_test_suspicion_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_suspicion_LDADD = $(UNIT_LDADD)
tests_unit_test_switch_SOURCES = tests/unit/test_switch.c $(read_conf)
tests_unit_test_switch_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_switch_LDADD = $(UNIT_LDADD)
judged = tests/unit/judged.c tests/unit/judged.h $(read_conf)
tests_unit_test_assess_SOURCES = tests/unit/test_assess.c $(judged)
tests_unit_test_assess_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_assess_LDADD = $(UNIT_LDADD)
tests_unit_test_counts_SOURCES = tests/unit/test_counts.c $(read_conf)
tests_unit_test_counts_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_counts_LDADD = $(UNIT_LDADD)
tests_unit_test_figures_SOURCES = tests/unit/test_figures.c $(judged)
tests_unit_test_figures_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_figures_LDADD = $(UNIT_LDADD)
tests_unit_test_versions_SOURCES = tests/unit/test_versions.c $(judged)
tests_unit_test_versions_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_versions_LDADD = $(UNIT_LDADD)
tests_unit_test_explain_SOURCES = tests/unit/test_explain.c $(judged)
tests_unit_test_explain_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_explain_LDADD = $(UNIT_LDADD)
tests_unit_test_outliers_SOURCES = tests/unit/test_outliers.c $(read_conf)
tests_unit_test_outliers_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_outliers_LDADD = $(UNIT_LDADD)
tests_unit_test_dns_SOURCES = tests/unit/test_dns.c
tests_unit_test_dns_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_dns_LDADD = $(UNIT_LDADD)
tests_unit_test_neighbour_SOURCES = tests/unit/test_neighbour.c
tests_unit_test_neighbour_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_neighbour_LDADD = $(UNIT_LDADD)

# Recorded samples, and judged again.
if WITH_CMOCKA
unit_tests += tests/unit/test_recording
endif
tests_unit_test_recording_SOURCES = tests/unit/test_recording.c
tests_unit_test_recording_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_recording_LDADD = $(UNIT_LDADD)
TESTS += tests/unit/test_replay.sh
EXTRA_DIST += tests/unit/test_replay.sh tests/replay/outage.conf tests/replay/outage.expected tests/replay/outage.jsonl

# The rooms of the engine that ask: over no wire.
probed = tests/unit/probed.c tests/unit/probed.h $(read_conf)
probed_wraps = $(AM_LDFLAGS) -Wl,--wrap=clock_mono_ns,--wrap=clock_wall_ns,--wrap=timers_set,--wrap=timers_unset \
	-Wl,--wrap=method_ops,--wrap=sockets_first,--wrap=sys_traffic_read,--wrap=event_add,--wrap=event_del
if WITH_CMOCKA
unit_tests += tests/unit/test_asked tests/unit/test_burst tests/unit/test_decide tests/unit/test_outage tests/unit/test_probing tests/unit/test_sending
endif
tests_unit_test_sending_SOURCES = tests/unit/test_sending.c $(probed)
tests_unit_test_sending_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_sending_LDADD = $(UNIT_LDADD)
tests_unit_test_sending_LDFLAGS = $(probed_wraps)
tests_unit_test_probing_SOURCES = tests/unit/test_probing.c $(probed)
tests_unit_test_probing_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_probing_LDADD = $(UNIT_LDADD)
tests_unit_test_probing_LDFLAGS = $(probed_wraps)
decided = tests/unit/decided.c tests/unit/decided.h $(probed)
tests_unit_test_decide_SOURCES = tests/unit/test_decide.c $(decided)
tests_unit_test_decide_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_decide_LDADD = $(UNIT_LDADD)
tests_unit_test_decide_LDFLAGS = $(probed_wraps)
tests_unit_test_asked_SOURCES = tests/unit/test_asked.c $(probed)
tests_unit_test_asked_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_asked_LDADD = $(UNIT_LDADD)
tests_unit_test_asked_LDFLAGS = $(probed_wraps)
tests_unit_test_burst_SOURCES = tests/unit/test_burst.c $(probed)
tests_unit_test_burst_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_burst_LDADD = $(UNIT_LDADD)
tests_unit_test_burst_LDFLAGS = $(probed_wraps)
tests_unit_test_outage_SOURCES = tests/unit/test_outage.c $(decided)
tests_unit_test_outage_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_outage_LDADD = $(UNIT_LDADD)
tests_unit_test_outage_LDFLAGS = $(probed_wraps)
