# SPDX-License-Identifier: ISC
EXTRA_DIST += tests/lab/snmpbench.py tests/lab/test_snmp_agent.py tests/lab/test_conformance.py tests/lab/test_snmp_set.py \
	tests/lab/test_masters.py tests/lab/uplab/agent.py tests/lab/uplab/master.py tests/lab/uplab/mib.py \
	tests/lab/pysnmp_client.py \
	tests/lab/test_snmp_alone.py \
	tests/lab/test_snmp_pysnmp.py \
	tests/lab/uplab/alone.py \
	tests/mibs/IF-MIB.txt \
	tests/mibs/INET-ADDRESS-MIB.txt \
	tests/mibs/NET-SNMP-MIB.txt \
	tests/mibs/SNMP-FRAMEWORK-MIB.txt \
	tests/mibs/SNMPv2-CONF.txt \
	tests/mibs/SNMPv2-MIB.txt \
	tests/mibs/SNMPv2-SMI.txt \
	tests/mibs/SNMPv2-TC.txt
