# SPDX-License-Identifier: ISC
"""The lab: a site with several providers in network namespaces, every process real.

Used by tests/lab, tests/bench and contrib/demo. One room per file:

    run       one run of the lab: its names, its folder, its end
    wait      deadlines instead of sleeps
    process   a started program and what it printed
    netns     network namespaces and what is set in them
    topology  client, router, providers, internet, monitoring station
    cable     the link emulator between router and providers
    flow      UDP flows and what they lost
    load      flows and downloads of which nothing may be lost
    capture   tcpdump
    daemon    uplinkd and uplinkctl
    system    a copy of this machine's files on the router
    snmp      snmpd, snmptrapd, and the tools that ask
    agent     an SNMP manager that sees what is on the wire
    mib       UPLINK-MIB as libsmi reads it
    master    an AgentX master, good or bad
"""
