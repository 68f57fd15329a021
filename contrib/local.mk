# SPDX-License-Identifier: ISC
EXTRA_DIST += contrib/install-deps contrib/copy-source contrib/build-lab contrib/demo contrib/demo.py
EXTRA_DIST += contrib/uplinkd.conf.example

# Programs for events, ready to be named in the configuration.
hooksdir = $(pkgdatadir)/hooks
dist_hooks_SCRIPTS = contrib/hooks/carp-demote contrib/hooks/frr-default-route \
	contrib/hooks/keepalived-track-file contrib/hooks/mail

# systemd looks below /usr/local too, so these follow the prefix.
systemdunitdir = $(prefix)/lib/systemd/system
sysusersdir = $(prefix)/lib/sysusers.d
tmpfilesdir = $(prefix)/lib/tmpfiles.d
nodist_systemdunit_DATA = contrib/systemd/uplinkd.service
nodist_sysusers_DATA = contrib/systemd/uplinkd-sysusers.conf
nodist_tmpfiles_DATA = contrib/systemd/uplinkd-tmpfiles.conf
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
