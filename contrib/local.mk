# SPDX-License-Identifier: ISC
EXTRA_DIST += contrib/install-deps contrib/copy-source contrib/build-lab contrib/demo contrib/demo.py
EXTRA_DIST += contrib/uplinkd.conf.example
EXTRA_DIST += contrib/ifstated2uplinkd contrib/openbsd
if SYSTEM_OPENBSD
dist_bin_SCRIPTS = contrib/ifstated2uplinkd
endif

# Programs for events, ready to be named in the configuration.
hooksdir = $(pkgdatadir)/hooks
dist_hooks_SCRIPTS = contrib/hooks/carp-demote contrib/hooks/frr-default-route \
	contrib/hooks/keepalived-track-file contrib/hooks/mail contrib/hooks/rad-deprecate

# systemd looks below /usr/local too, so these follow the prefix.
systemdunitdir = $(prefix)/lib/systemd/system
sysusersdir = $(prefix)/lib/sysusers.d
tmpfilesdir = $(prefix)/lib/tmpfiles.d
if SYSTEM_LINUX
nodist_systemdunit_DATA = contrib/systemd/uplinkd.service
nodist_sysusers_DATA = contrib/systemd/uplinkd-sysusers.conf
nodist_tmpfiles_DATA = contrib/systemd/uplinkd-tmpfiles.conf
endif
EXTRA_DIST += contrib/systemd/uplinkd.service.in contrib/systemd/sysusers.conf \
	contrib/systemd/tmpfiles.conf.in
CLEANFILES += $(nodist_systemdunit_DATA) $(nodist_sysusers_DATA) $(nodist_tmpfiles_DATA)
with_paths = $(AM_V_GEN)$(MKDIR_P) contrib/systemd && sed -e 's|@sbindir[@]|$(sbindir)|g' \
	-e 's|@sysconfdir[@]|$(sysconfdir)|g' -e 's|@rundir[@]|$(rundir)|g' \
	-e 's|@statedir[@]|$(statedir)|g'
contrib/systemd/uplinkd.service: contrib/systemd/uplinkd.service.in Makefile
	$(with_paths) $(srcdir)/contrib/systemd/uplinkd.service.in >$@
contrib/systemd/uplinkd-sysusers.conf: contrib/systemd/sysusers.conf
	$(with_paths) $(srcdir)/contrib/systemd/sysusers.conf >$@
contrib/systemd/uplinkd-tmpfiles.conf: contrib/systemd/tmpfiles.conf.in Makefile
	$(with_paths) $(srcdir)/contrib/systemd/tmpfiles.conf.in >$@

bashcompletiondir = $(datadir)/bash-completion/completions
zshcompletiondir = $(datadir)/zsh/site-functions
dist_bashcompletion_DATA = contrib/completion/uplinkctl.bash
dist_zshcompletion_DATA = contrib/completion/_uplinkctl

# What monitoring needs, made from the MIB by contrib/nms/generate. A test says when it is stale.
nmsdir = $(pkgdatadir)/nms
kits = contrib/nms/prometheus/generator.yml contrib/nms/prometheus/snmp.yml \
	contrib/nms/prometheus/rules.yml contrib/nms/prometheus/dashboard.json \
	contrib/nms/icinga/uplinkd.conf contrib/nms/icinga/nagios.cfg contrib/nms/snmptt/snmptt.conf \
	contrib/nms/zabbix/template.yaml contrib/nms/librenms/uplinkd.yaml contrib/nms/librenms/Uplinkd.php
dist_nms_DATA = $(kits)
dist_nms_SCRIPTS = contrib/nms/snmptt/snmptrapd-handler
EXTRA_DIST += contrib/nms/generate contrib/nms/draw contrib/nms/prometheus/rules_test.yml \
	contrib/nms/kits/__init__.py contrib/nms/kits/alerts.py contrib/nms/kits/icinga.py \
	contrib/nms/kits/librenms.py contrib/nms/kits/mib.py contrib/nms/kits/notifications.py \
	contrib/nms/kits/prometheus.py contrib/nms/kits/snmptt.py contrib/nms/kits/zabbix.py

# Debian's packages: dpkg-buildpackage in the unpacked tarball.
EXTRA_DIST += debian/changelog debian/clean debian/control debian/copyright debian/not-installed debian/rules \
	debian/source/format debian/uplinkd.docs debian/uplinkd.examples debian/uplinkd.install \
	debian/uplinkd.lintian-overrides debian/uplinkd.postrm debian/uplinkd.prerm \
	debian/uplinkd-nms.docs debian/uplinkd-nms.install debian/uplinkd-snmp.install
