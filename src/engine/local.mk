# SPDX-License-Identifier: ISC
libuplink_a_SOURCES += \
	src/engine/asked.h \
	src/engine/assess.c src/engine/assess.h \
	src/engine/assess_sample.c \
	src/engine/assess_tell.c \
	src/engine/budget.c src/engine/budget.h \
	src/engine/burst.c src/engine/burst.h \
	src/engine/console.c src/engine/console.h \
	src/engine/control.c src/engine/control.h \
	src/engine/control_answer.c src/engine/control_answer.h \
	src/engine/control_client.c src/engine/control_client.h \
	src/engine/control_command.c src/engine/control_command.h \
	src/engine/control_request.c src/engine/control_request.h \
	src/engine/control_turn.c src/engine/control_turn.h \
	src/engine/counts.c src/engine/counts.h \
	src/engine/damping.c src/engine/damping.h \
	src/engine/decide.c src/engine/decide.h \
	src/engine/decide_result.c \
	src/engine/dns.c src/engine/dns.h \
	src/engine/engine.c src/engine/engine.h \
	src/engine/explain.c src/engine/explain.h \
	src/engine/figures.c src/engine/figures.h \
	src/engine/heard.c src/engine/heard.h \
	src/engine/history.c src/engine/history.h \
	src/engine/icmp.c src/engine/icmp.h \
	src/engine/interface.c src/engine/interface.h \
	src/engine/judge.c src/engine/judge.h \
	src/engine/judgement.c src/engine/judgement.h \
	src/engine/memory.c src/engine/memory.h \
	src/engine/method.c src/engine/method.h \
	src/engine/method_asked.c \
	src/engine/method_dns.c \
	src/engine/method_icmp.c \
	src/engine/method_neighbour.c \
	src/engine/method_tcp.c \
	src/engine/keep.c src/engine/keep.h \
	src/engine/load.c src/engine/load.h \
	src/engine/model.c src/engine/model.h \
	src/engine/neighbour.c src/engine/neighbour.h \
	src/engine/news.h \
	src/engine/notified.c src/engine/notified.h \
	src/engine/octets.h \
	src/engine/ordering.c src/engine/ordering.h \
	src/engine/refusal.c src/engine/refusal.h \
	src/engine/orders.c src/engine/orders.h \
	src/engine/outliers.c src/engine/outliers.h \
	src/engine/pace.c src/engine/pace.h \
	src/engine/peers.c src/engine/peers.h \
	src/engine/planner.c src/engine/planner.h \
	src/engine/probing.c src/engine/probing.h \
	src/engine/processes.c src/engine/processes.h \
	src/engine/publish.c src/engine/publish.h \
	src/engine/recording.c src/engine/recording.h \
	src/engine/render.h \
	src/engine/render_daemon.c \
	src/engine/render_judgement.c \
	src/engine/render_link.c \
	src/engine/render_past.c \
	src/engine/render_put.c src/engine/render_put.h \
	src/engine/render_target.c \
	src/engine/rto.c src/engine/rto.h \
	src/engine/replay.c src/engine/replay.h \
	src/engine/rows.c src/engine/rows.h \
	src/engine/sending.c src/engine/sending.h \
	src/engine/site.c src/engine/site.h \
	src/engine/sockets.c src/engine/sockets.h \
	src/engine/suspicion.c src/engine/suspicion.h \
	src/engine/telling.c src/engine/telling.h \
	src/engine/traffic.c src/engine/traffic.h \
	src/engine/verdict.c src/engine/verdict.h \
	src/engine/state.c src/engine/state.h \
	src/engine/stamps.c src/engine/stamps.h \
	src/engine/recent.c src/engine/recent.h \
	src/engine/timers.c src/engine/timers.h \
	src/engine/wheel.c src/engine/wheel.h \
	src/engine/window.c src/engine/window.h
