# SPDX-License-Identifier: ISC
"""uplinkd as its own SNMP agent: everybody sees and does what the configuration says, and nobody
else anything; who is to be told is told, in order and without a gap."""

import os
import pathlib
import signal

import pytest

from uplab import tools
from uplab.agent import Agent as Plain
from uplab.alone import COMMUNITY, NMS_USER, NOBODY, PLAIN, READER, STATEMENTS, V2C, Agent, Asker, Receiver, User
from uplab.topology import NMS, ROUTER_LAN
from uplab.wait import holds_for, wait_until

SYSTEM = ".1.3.6.1.2.1.1"
UPTIME, CONTACT, LOCATION = f"{SYSTEM}.3.0", f"{SYSTEM}.4.0", f"{SYSTEM}.6.0"
BOOTS = ".1.3.6.1.6.3.10.2.1.2.0"
UPLINK = ".1.3.6.1.4.1.8072.9999.9999.7705"
ROUTER_LAN6 = "2001:db8:1:100::1"


@pytest.fixture
def agent(lab):
    return Agent(lab).start()


def test_everybody_sees_what_the_views_say_over_every_transport(agent):
    lab = agent.lab
    whole = {}
    for options, address in [
        (NMS_USER.options(), f"udp:{ROUTER_LAN}:161"),
        (READER.options(), f"udp6:[{ROUTER_LAN6}]:161"),
        (READER.options(), f"tcp:{ROUTER_LAN}:161"),
        (NMS_USER.options(), f"tcp6:[{ROUTER_LAN6}]:161"),
    ]:
        whole = Asker(lab.client, options, address).walk_numbers(".1")
        assert "isp1" in whole.values(), address
        assert whole[CONTACT] == "noc@example.net" and whole[LOCATION] == "lab"
        assert whole[f"{SYSTEM}.2.0"] == UPLINK
        assert whole[BOOTS] == "1"
        assert list(whole) == sorted(whole, key=lambda name: [int(i) for i in name[1:].split(".")])
    columns = (f"{SYSTEM}.", f"{UPLINK}.1.2.", f"{UPLINK}.1.4.1.2")  # what does not come and go
    stable = {name for name in whole if name.startswith(columns)}
    assert len(stable) > 50
    for options in (V2C, PLAIN.options()):
        asker = Asker(lab.client, options)
        for program in ("snmpwalk", "snmpbulkwalk"):
            seen = asker.walk_numbers(".1", program)
            assert stable - {CONTACT} <= seen.keys(), "the view's, and all of it"
            assert not [name for name in seen if not name.startswith((f"{SYSTEM}.", f"{UPLINK}."))]
            assert CONTACT not in seen, "but what it excludes"
        assert asker.get(CONTACT) is None
        assert asker.get(BOOTS) is None
    # a machine with several addresses answers from the one that was asked
    assert Asker(lab.nms, READER.options(), f"udp:{lab.source(2)}:161").get(UPTIME)


def test_only_who_may_sets_and_the_event_says_who(agent):
    i = agent.uplinkd.index("isp1")
    order = (f"uplinkControlAdminStatus.{i}", "i", "drain")
    client = agent.lab.client
    for asker, why in [
        (Asker(client, READER.options()), "authorizationError"),
        (Asker(client, PLAIN.options()), "authorizationError"),
        (Asker(client, V2C), "authorizationError"),
        (Asker(client, NOBODY.options()), "authorizationError"),
        (Asker(client, NMS_USER.but(priv="").options()), "authorizationError"),
    ]:
        assert asker.set(order) == why, asker.options
    assert agent.uplinkd.link("isp1")["admin"] == "auto"
    assert agent.manager.set((CONTACT, "s", "me")) == "noAccess", "outside of the view"
    assert agent.manager.set((LOCATION, "s", "here")) == "notWritable"
    assert agent.manager.set((f"uplinkControlAdminStatus.{i}", "i", "9")) == "wrongValue"
    assert agent.manager.set(order, (f"uplinkControlTimeout.{i}", "u", "600"), (f"uplinkControlComment.{i}", "s", "x")) == ""
    agent.uplinkd.wait_link("isp1", oper="drained")
    event = agent.uplinkd.wait_event("controlSet", "isp1")
    assert (event["actor"], event["actor_name"]) == ("snmp", "nms")
    assert agent.manager.get(f"UPLINK-MIB::uplinkEventActorName.{event['number']}") == "nms"
    assert "by snmp user nms" in agent.uplinkd.ctl("events").stdout
    other = agent.uplinkd.index("isp2")
    assert agent.manager.set((f"uplinkControlAdminStatus.{other}", "i", "drain")) == "inconsistentValue"
    refused = agent.uplinkd.wait_event("controlRefused", "isp2")
    assert refused["actor_name"] == "nms"
    assert agent.manager.set((f"uplinkControlAdminStatus.{i}", "i", "auto")) == ""
    agent.uplinkd.wait_link("isp1", oper="active")


def test_nobody_else_is_answered(agent):
    client = agent.lab.client

    def said(options):
        return Asker(client, options).refusal("snmpget", UPTIME)

    assert "Timeout" in said(["-v2c", "-c", "public"])
    assert "Timeout" in said(["-v1", "-c", COMMUNITY]), "SNMPv1 is not spoken"
    assert "Unknown user name" in said(User("eve").options())
    assert "Authentication failure" in said(NMS_USER.but(auth_secret="something else").options())
    assert "Authentication failure" in said(NMS_USER.but(auth="sha512").options())
    assert said(NMS_USER.but(priv_secret="something else").options()) != ""
    assert said(NMS_USER.but(priv="").options()) == "authorizationError", "it must be encrypted"
    assert "Bad context" in said([*NMS_USER.options(), "-n", "other"])
    assert "Timeout" in Asker(agent.lab.nms, V2C, f"udp:{agent.lab.source(1)}:161").refusal("snmpget", UPTIME)
    assert int(agent.manager.get(".1.3.6.1.2.1.11.4.0")) >= 2, "snmpInBadCommunityNames"
    assert int(agent.manager.get(".1.3.6.1.2.1.11.3.0")) >= 1, "snmpInBadVersions"
    assert int(agent.manager.get(".1.3.6.1.6.3.15.1.1.5.0")) >= 2, "usmStatsWrongDigests"
    log = agent.uplinkd.process.log()
    assert not [u for u in (NMS_USER, READER) if u.auth_secret in log] and COMMUNITY not in log


def test_informs_and_traps_are_ordered_and_kept_while_the_receiver_is_away(lab):
    agent = Agent(
        lab,
        f"inform {NMS} user nms\ntrap {NMS} port 1162 user reader\n"
        f"trap {NMS} port 1163 community graphs\ninform {NMS} port 1164 community graphs",
    )
    first = Receiver(lab.nms, [NMS_USER]).start()
    agent.start()
    traps = [
        Receiver(lab.nms, [READER], agent.engine_id(), port=1162, name="trapd3").start(),
        Receiver(lab.nms, community=COMMUNITY, port=1163, name="trapd2").start(),
    ]
    wait_until(lambda: 1 in first.numbers(), 15, "the first event comes as an inform")
    first.stop()
    lab.blackhole(1)
    agent.uplinkd.wait_link("isp1", health="down")
    down = agent.uplinkd.wait_event("failover", "isp1")["number"]
    for receiver in traps:
        wait_until(lambda: down in receiver.numbers(), 10, f"a trap of event {down}")
    lab.heal(1)
    back = agent.uplinkd.wait_event("failback", "isp1")["number"]
    assert agent.uplinkd.ask("stats")["notifications_pending"] > 0, "the inform is kept"
    first.start()
    other = Receiver(lab.nms, community=COMMUNITY, port=1164, name="informd2").start()
    for receiver in (first, other):
        wait_until(lambda: back in receiver.numbers(), 15, f"an inform of event {back}")
        numbers = receiver.numbers()
        assert numbers == sorted(set(numbers)), "in order, each once"
    assert {down, back} <= set(first.numbers())
    wait_until(lambda: agent.uplinkd.ask("stats")["notifications_pending"] == 0, 10, "nothing is left to tell")
    assert agent.uplinkd.ask("stats")["notifications_lost"] == 0
    for receiver in traps:
        numbers = receiver.numbers()
        assert numbers == sorted(set(numbers))
    # another process goes on where this one was, for each receiver by itself
    os.kill(agent.uplinkd.children()["snmp"], signal.SIGKILL)
    restarted = agent.uplinkd.wait_event("processRestarted", after=back)["number"]
    lab.blackhole(2)
    last = agent.uplinkd.wait_event("failover", "isp2", after=restarted)["number"]
    for receiver in [first, other, *traps]:
        wait_until(lambda: last in receiver.numbers(), 15, f"event {last} after a restart")
        assert receiver.numbers() == sorted(set(receiver.numbers())), "nothing is told twice"


def test_a_killed_agent_counts_its_starts_and_is_back(agent):
    assert agent.manager.get(BOOTS) == "1"
    engine = agent.engine_id()
    for n in (2, 3):
        pid = agent.uplinkd.children()["snmp"]
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: agent.uplinkd.children().get("snmp") not in (None, pid), 5, "another process")
        wait_until(lambda: agent.manager.get(BOOTS) == str(n), 10, f"start {n}")
    agent.uplinkd.stop()
    agent.uplinkd.start()
    agent.manager.wait_answers()
    assert agent.manager.get(BOOTS) == "4"
    assert agent.engine_id() == engine


def test_secrets_that_others_may_read_are_refused(lab):
    agent = Agent(lab)
    for mode, right in ((0o600, True), (0o400, True), (0o640, False), (0o604, False), (0o620, False)):
        agent.secrets.chmod(mode)
        done = agent.uplinkd.check()
        assert (done.returncode == 0) == right, oct(mode)
        assert right or f"{agent.secrets}: others may read or change it" in done.stderr
    agent.secrets.chmod(0o640)
    agent.uplinkd.start(wait=False)
    assert agent.uplinkd.process.wait() == 1
    agent.secrets.chmod(0o600)
    os.chown(agent.secrets, 1, 1)
    assert "others may read or change it" in agent.uplinkd.check().stderr
    agent.secrets.unlink()
    assert "No such file" in agent.uplinkd.check().stderr
    agent.secrets.write_text('user "nms" auth "short"\n')
    agent.secrets.chmod(0o600)
    stderr = agent.uplinkd.check().stderr
    assert f"{agent.secrets}:1: the passphrase of auth has less than 8 characters" in stderr
    assert "short" not in stderr


def test_a_reload_lets_others_in_and_leaves_the_links_alone(agent):
    lab, uplinkd = agent.lab, agent.uplinkd
    other = User("other", auth="sha384", rights="read all")
    engine = uplinkd.children()["engine"]
    pid = uplinkd.children()["snmp"]
    asker = Asker(lab.client, other.options())
    assert "Unknown user name" in asker.refusal("snmpget", CONTACT)

    # a mistake changes nothing
    uplinkd.write(agent.text(users=[*agent.users, other]))
    assert "has no line in" in uplinkd.ctl("reload").stderr
    assert uplinkd.children()["snmp"] == pid and agent.manager.get(CONTACT) == "noc@example.net"

    # another user, and another secret for an old one
    agent.write_secrets([NMS_USER.but(auth_secret="another passphrase"), READER, PLAIN, NOBODY, other])
    assert uplinkd.ctl("reload").returncode == 0
    wait_until(lambda: asker.get(CONTACT) == "noc@example.net", 10, "the new user is let in")
    assert "Authentication failure" in agent.manager.refusal("snmpget", CONTACT)

    # the secrets alone
    agent.write_secrets([NMS_USER, READER, PLAIN, NOBODY, other])
    assert uplinkd.ctl("reload").returncode == 0
    wait_until(lambda: agent.manager.get(CONTACT) == "noc@example.net", 10, "the old passphrase again")

    # nothing: the process stays
    pid = uplinkd.children()["snmp"]
    assert uplinkd.ctl("reload").returncode == 0
    holds_for(lambda: uplinkd.children().get("snmp") == pid, 1, "the process stays")
    assert uplinkd.children()["engine"] == engine
    assert not [e for e in uplinkd.events() if e["type"] in ("processRestarted", "linkDown")]


def test_a_port_in_use_is_waited_for_and_harms_nobody(lab):
    busy = lab.router.start("busy", "python3", "-c", BUSY)
    busy.wait_log("bound")
    agent = Agent(lab, statements=STATEMENTS.replace(":161", ":1161"))
    agent.uplinkd.start().wait_all_active()
    agent.uplinkd.process.wait_log("udp:1161: Address already in use (does an snmpd run?")
    busy.stop()
    Asker(lab.client, NMS_USER.options(), f"udp:{ROUTER_LAN}:1161").wait_answers()
    assert agent.uplinkd.process.log().count("Address already in use") == 1, "told once"
    assert not agent.uplinkd.events("processRestarted")


BUSY = """
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", 1161))
print("bound", flush=True)
time.sleep(60)
"""


def test_greedy_questions_get_what_fits(agent):
    """A GetBulk without an end, by each transport, and a negative one; hundreds of names at once."""
    client = agent.lab.client
    columns = [f"{UPLINK}.1.2.1.{n}" for n in range(2, 30)]
    for address in (f"udp:{ROUTER_LAN}:161", f"udp6:[{ROUTER_LAN6}]:161", f"tcp:{ROUTER_LAN}:161"):
        asker = Asker(client, READER.options(), address)
        for repetitions, names in [(2**31 - 1, [UPLINK]), (2**31 - 1, columns), (1, columns * 10)]:
            done = asker.tool("snmpbulkget", "-m", "", "-On", f"-Cr{repetitions}", "-Cn0", address, *names)
            lines = [line for line in done.stdout.splitlines() if line.startswith(UPLINK)]
            assert len(lines) > 20 or "tooBig" in done.stdout + done.stderr, (repetitions, address, done.stdout, done.stderr)
    plain = Plain(client, ROUTER_LAN, COMMUNITY)
    name = tuple(int(i) for i in UPLINK[1:].split("."))
    assert plain.bulk([name], -5) == [], "as if it were 0 (RFC 3416, 4.2.3)"
    assert len(plain.bulk([name] * 2, 2**31 - 1, -1)) > 20
    assert plain.bulk([name], 5, 1)[0][0] > name
    # by more names than it keeps track of: each repetition is of all of them, as far as the answer goes
    many = [(*name, 1, 2, 1, 2 + k % 28) for k in range(100)]
    first = [found[0] for found in plain.next(*many)]
    second = [found[0] for found in plain.next(*first)]
    got = [found[0] for found in plain.bulk(many, 2)]
    assert len(got) >= len(many)
    assert got == (first + second)[: len(got)]
    assert agent.manager.get(CONTACT) == "noc@example.net"


def test_a_port_below_1024_is_opened_at_the_start_only(agent):
    uplinkd, low = agent.uplinkd, 'listen "udp:162"'
    uplinkd.write(agent.text(extra=low))
    refused = uplinkd.ctl("reload")
    assert refused.returncode != 0
    assert 'listen "udp:162": a port below 1024 is opened at the start only' in refused.stderr
    assert agent.manager.get(CONTACT) == "noc@example.net", "nothing has changed"

    uplinkd.write(agent.text(extra='listen "udp:1162"'))
    assert uplinkd.ctl("reload").returncode == 0
    Asker(agent.lab.client, NMS_USER.options(), f"udp:{ROUTER_LAN}:1162").wait_answers()

    uplinkd.write(agent.text(extra=low))
    assert uplinkd.stop() == 0
    uplinkd.start()
    Asker(agent.lab.client, NMS_USER.options(), f"udp:{ROUTER_LAN}:162").wait_answers()


def test_garbage_and_slow_readers_harm_nobody(agent):
    """What is no SNMP is dropped, a connection that speaks none is closed, and one that reads nothing
    costs the others nothing."""
    lab = agent.lab
    pid = agent.uplinkd.children()["snmp"]
    done = lab.client.try_run("python3", "-c", GARBAGE, ROUTER_LAN, COMMUNITY)
    assert done.returncode == 0, done.stdout + done.stderr
    assert agent.manager.get(CONTACT) == "noc@example.net"
    assert agent.uplinkd.children()["snmp"] == pid


def anonymous_kb(pid):
    text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(next(line.split()[1] for line in text.splitlines() if line.startswith("Anonymous:")))


def test_it_does_not_grow(agent):
    pid = agent.uplinkd.children()["snmp"]

    def ask():
        for user in (NMS_USER, PLAIN):
            assert len(Asker(agent.lab.client, user.options()).walk_numbers(UPLINK, "snmpwalk")) > 150
        agent.manager.set((f"uplinkControlAdminStatus.{agent.uplinkd.index('isp1')}", "i", "9"))
        Asker(agent.lab.client, [*NMS_USER.options(), "-n", "other"]).refusal("snmpget", UPTIME)
        Asker(agent.lab.client, NMS_USER.but(auth="sha512").options()).refusal("snmpget", UPTIME)

    ask()
    before = anonymous_kb(pid)
    for _ in range(5):
        ask()
    assert anonymous_kb(pid) - before < 300 + tools.quarantine_kb(), "thousands of requests leave nothing behind"


GARBAGE = """
import os, random, socket, sys
random.seed(7)
host = sys.argv[1]
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
get = b"\\x30\\x29\\x02\\x01\\x01\\x04\\x09" + sys.argv[2].encode() + bytes.fromhex("a019020101020100020100300e300c06082b060102010103000500")
for i in range(3000):
    packet = bytearray(get if i % 2 else os.urandom(random.randrange(1, 200)))
    for _ in range(random.randrange(1, 4)):
        packet[random.randrange(len(packet))] = random.randrange(256)
    udp.sendto(bytes(packet), (host, 161))
udp.sendto(b"", (host, 161))
for octets in (b"GET / HTTP/1.0\\r\\n\\r\\n", b"\\x30\\x84\\xff\\xff\\xff\\xff", b"\\x30\\x80", b"\\x30\\x83\\x7f\\xff\\xff"):
    tcp = socket.create_connection((host, 161), 5)
    tcp.sendall(octets)
    assert tcp.recv(1) == b"", octets
# more connections than there is room for, which say nothing
idle = [socket.create_connection((host, 161), 5) for _ in range(80)]
# asks and never reads
mute = idle[0]
mute.settimeout(2)
try:
    for _ in range(20000):
        mute.sendall(get)
except OSError:
    pass
"""
