# SPDX-License-Identifier: ISC
"""Programs on events: who runs them, with what, for how long, and that nothing waits for them."""

import json
import os
import pathlib
import signal

import pytest

from uplab import snmp
from uplab.daemon import Uplinkd, config
from uplab.routing import members
from uplab.wait import holds_for, wait_until

READY = pathlib.Path(__file__).parents[2] / "contrib" / "hooks"

# Writes a line of JSON for each run: the variables, and what it is and may.
TELL = """\
#!/usr/bin/python3
import json, os, resource, sys
told = {k: v for k, v in os.environ.items()}
told.update(argv=sys.argv[1:], uid=os.getuid(), groups=os.getgroups(), cwd=os.getcwd(),
    fds=sorted(int(n) for n in os.listdir("/proc/self/fd")), stdin=os.path.realpath("/proc/self/fd/0"),
    limits=[resource.getrlimit(r)[1] for r in (resource.RLIMIT_RTPRIO, resource.RLIMIT_NOFILE)],
    status={line.split(":")[0]: line.split()[1] for line in open("/proc/self/status") if line[:6] in ("CapEff", "NoNewP")})
with open(sys.argv[1], "a") as f:
    f.write(json.dumps(told) + "\\n")
"""


def program(lab, name, text):
    path = lab.folder / name
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.fixture
def log(lab):
    """A file that everybody may write, and the runs in it so far."""
    path = lab.folder / "runs.json"
    path.write_text("")
    path.chmod(0o666)
    return path


def runs(path, **wanted):
    found = [json.loads(line) for line in path.read_text().splitlines()]
    return [r for r in found if all(r.get(k) == v for k, v in wanted.items())]


def start(lab, statements):
    lab.uplinkd = Uplinkd(lab, config(lab, extra=statements))
    return lab.uplinkd.start().wait_all_active()


def test_an_event_runs_its_program_and_tells_it_all(lab, log):
    tell = program(lab, "tell", TELL)
    start(lab, f'on linkDown linkUp run "{tell}" "{log}" "two words" "$HOME;`id`|*"\n')
    lab.blackhole(1)
    run = wait_until(lambda: runs(log, UPLINKD_EVENT="linkDown"), 10)[0]
    assert run["UPLINKD_LINK"] == "isp1" and run["UPLINKD_SITE"] == "lab"
    assert run["UPLINKD_HEALTH"] == "down" and run["UPLINKD_NEW"] == "down" and run["UPLINKD_OLD"] in ("up", "degraded")
    # by the other IP version it may be usable for a moment still
    assert run["UPLINKD_USABLE_LINKS"] in ("1", "2") and run["UPLINKD_ALL_DOWN"] == "no"
    assert float(run["UPLINKD_DETECTION_MS"]) > 0
    assert run["UPLINKD_NUMBER"] == str(lab.uplinkd.events("linkDown")[0]["number"])
    assert run["argv"] == [str(log), "two words", "$HOME;`id`|*"], "no shell has read them"
    lab.heal(1)
    wait_until(lambda: runs(log, UPLINKD_EVENT="linkUp", UPLINKD_LINK="isp1"), 15)


def test_it_is_nobody_in_particular_and_has_nothing(lab, log):
    import pwd

    tell = program(lab, "tell", TELL)
    uplinkd = start(lab, f'on sync run "{tell}" "{log}"\non sync run "{tell}" "{log}" user "daemon"\n')
    user = pwd.getpwnam("_uplinkhook")
    run = wait_until(lambda: runs(log, uid=user.pw_uid), 10)[0]
    assert run["UPLINKD_EVENT"] == "sync" and "UPLINKD_LINK" not in run
    assert run["groups"] == [user.pw_gid] and run["cwd"] == str(uplinkd.rundir / "hooks")
    assert run["status"] == {"CapEff": "0000000000000000", "NoNewPrivs": "1"}
    assert run["limits"][0] == 0 and run["limits"][1] <= 4096, "real time is for the engine"
    assert run["stdin"] == "/dev/null" and len(run["fds"]) == 4, run  # the fourth lists them
    assert set(run) - {k for k in run if k.startswith("UPLINKD_")} == {
        "PATH", "LC_ALL", "HOME", "argv", "uid", "groups", "cwd", "fds", "stdin", "status", "limits"
    }  # fmt: skip
    wait_until(lambda: runs(log, uid=pwd.getpwnam("daemon").pw_uid), 10)


def test_one_within_a_link_is_for_that_link(lab, log):
    tell = program(lab, "tell", TELL)
    text = config(lab).replace('link "isp2" {', f'link "isp2" {{\n\ton linkDown sync run "{tell}" "{log}"')
    lab.uplinkd = Uplinkd(lab, text).start().wait_all_active()
    run = wait_until(lambda: runs(log), 10)[0]
    assert run["UPLINKD_EVENT"] == "sync" and run["UPLINKD_LINK"] == "isp2"
    assert run["UPLINKD_HEALTH"] == "up" and run["UPLINKD_LINK_INDEX"] == "2"
    lab.blackhole(1)
    lab.uplinkd.wait_event("linkDown", "isp1")
    lab.heal(1)
    lab.uplinkd.wait_event("linkUp", "isp1")
    lab.blackhole(2)
    wait_until(lambda: runs(log, UPLINKD_EVENT="linkDown"), 10)
    assert {r["UPLINKD_LINK"] for r in runs(log)} == {"isp2"}


def test_one_that_hangs_is_ended_with_all_it_started_and_holds_nothing_up(lab, log):
    pids = lab.folder / "pids"
    pids.write_text("")
    pids.chmod(0o666)
    hang = program(lab, "hang", f"#!/bin/sh\ntrap '' TERM\nsleep 1000 & echo $$ $! >>{pids}\nwhile :; do sleep 1; done\n")
    tell = program(lab, "tell", TELL)
    uplinkd = start(
        lab, f'on controlSet run "{hang}" timeout 1s\non controlSet run "{tell}" "{log}"\n'
    )
    uplinkd.ctl("drain", "isp1")
    hanging = [int(p) for p in wait_until(lambda: pids.read_text().split(), 5)]
    lab.blackhole(2)  # nothing waits for it: neither the other program nor a decision
    uplinkd.wait_event("drainYielded", "isp1", deadline_s=5)
    wait_until(lambda: runs(log, UPLINKD_EVENT="controlSet"), 5)
    wait_until(lambda: not any(os.path.exists(f"/proc/{p}") for p in hanging), 5, "all of it is ended")
    assert "its time (1.0 s) being over" in uplinkd.process.log()


def test_what_happens_meanwhile_is_one_run(lab, log):
    gate = lab.folder / "gate"
    slow = program(lab, "slow", TELL + f"import time\nwhile not os.path.exists({str(gate)!r}): time.sleep(0.02)\n")
    seen = program(lab, "seen", f'#!/bin/sh\necho "$UPLINKD_LINK" >>{lab.folder}/runs.seen\n')
    (lab.folder / "runs.seen").touch()
    (lab.folder / "runs.seen").chmod(0o666)
    uplinkd = start(lab, f'on controlSet run "{slow}" "{log}" timeout 1m\non controlSet run "{seen}"\n')
    for _ in range(5):
        uplinkd.ctl("drain", "isp1")
        uplinkd.ctl("auto", "isp1")
    uplinkd.ctl("drain", "isp2")
    # what comes last is known to who runs them, and so all before it
    wait_until(lambda: "isp2" in (lab.folder / "runs.seen").read_text(), 10, "all orders are told")
    gate.write_text("")
    wait_until(lambda: len(runs(log)) >= 3, 10)
    uplinkd.ctl("auto", "isp2")
    wait_until(lambda: len(runs(log)) == 4, 10)
    first, merged, other, last = runs(log)
    assert "UPLINKD_MERGED" not in first
    assert merged["UPLINKD_LINK"] == "isp1" and merged["UPLINKD_MERGED"] == "8"
    assert merged["UPLINKD_NEW"] == "auto" and other["UPLINKD_LINK"] == last["UPLINKD_LINK"] == "isp2"


@pytest.mark.parametrize(
    "name, text, said",
    [
        ("fails", "#!/bin/sh\necho the disk is full >&2\nexit 3\n", "failed with status 3: the disk is full"),
        ("nothing", None, "No such file or directory"),
        ("user", "#!/bin/sh\n", "user nosuchuser: look up the user"),
        pytest.param(
            "mounts",
            "#!/usr/bin/python3\nimport ctypes\nctypes.CDLL(None).mount(b'a', b'/', b'x', 0, b'')\n",
            "a system call that no hook may",
            marks=pytest.mark.needs("filters"),
        ),
    ],
)
def test_what_goes_wrong_is_one_line(lab, name, text, said):
    path = program(lab, name, text) if text else lab.folder / name
    user = ' user "nosuchuser"' if name == "user" else ""
    uplinkd = start(lab, f'on sync run "{path}"{user}\n')
    uplinkd.process.wait_log(said)
    lines = [line for line in uplinkd.process.log().splitlines() if str(path) in line]
    assert len(lines) == 1, lines
    # and counted, and shown to who looks
    wait_until(lambda: uplinkd.ask("stats")["hooks_failed"] == 1, 5)
    assert said[:40] in uplinkd.status()["hook_error"] and uplinkd.status()["hook_error_age_s"] < 60
    assert said[:40] in uplinkd.ctl("status").stdout


def test_a_failure_is_shown_until_it_goes_well(lab):
    gate = lab.folder / "gate"
    gate.write_text("")
    fickle = program(lab, "fickle", f"#!/bin/sh\n[ ! -e {gate} ] || {{ echo not now; exit 7; }}\n")
    snmpd = snmp.Snmpd(lab).start()
    lab.uplinkd = uplinkd = Uplinkd(lab, config(lab, agentx=snmpd.socket, extra=f'on sync controlSet run "{fickle}"\n'))
    uplinkd.start().wait_all_active()
    wait_until(lambda: "failed with status 7: not now" in uplinkd.status().get("hook_error", ""), 10)
    manager = snmp.Manager(lab.client)
    manager.wait_registered()
    assert int(manager.get("uplinkHooksFailed.0")) == 1 and "not now" in manager.get("uplinkHookError.0")
    gate.unlink()
    uplinkd.ctl("drain", "isp1")
    wait_until(lambda: "hook_error" not in uplinkd.status(), 10, "it has gone well")
    stats = uplinkd.ask("stats")
    assert (stats["hooks_ended"], stats["hooks_failed"], stats["hooks_left_out"]) == (2, 1, 0)
    # the counts go on where the process of the hooks and the engine are replaced
    for name in "hooks", "engine":
        pid = hooks_process(uplinkd) if name == "hooks" else uplinkd.children()["engine"]
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: uplinkd.answers() and uplinkd.ask("stats")["hooks_ended"] > stats["hooks_ended"], 10, "it runs again")
        stats = uplinkd.ask("stats")
        assert stats["hooks_failed"] == 1, name


def test_reload_brings_hooks_and_takes_them_away(lab, log):
    tell = program(lab, "tell", TELL)
    uplinkd = start(lab, "")
    assert hooks_process(uplinkd) is None
    uplinkd.write(config(lab, extra=f'on sync configLoaded run "{tell}" "{log}" "new"\n'))
    uplinkd.reload()
    wait_until(lambda: runs(log, UPLINKD_EVENT="sync"), 10)
    pid = hooks_process(uplinkd)
    assert pid is not None
    uplinkd.write(config(lab))
    uplinkd.reload()
    wait_until(lambda: hooks_process(uplinkd) is None, 5)


def hooks_process(uplinkd):
    from uplab.daemon import children_of

    for pid in children_of(uplinkd.process.pid):
        try:
            if b"--role=hooks" in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes():
                return pid
        except OSError:
            pass
    return None


def test_its_process_is_replaced_and_looks_again(lab, log):
    tell = program(lab, "tell", TELL)
    uplinkd = start(lab, f'on sync processRestarted run "{tell}" "{log}"\n')
    wait_until(lambda: len(runs(log, UPLINKD_EVENT="sync")) == 1, 10)
    os.kill(hooks_process(uplinkd), signal.SIGKILL)
    wait_until(lambda: len(runs(log, UPLINKD_EVENT="sync")) == 2, 10)
    assert uplinkd.wait_event("processRestarted")["text"] == "hooks"
    os.kill(hooks_process(uplinkd), signal.SIGSTOP)
    before = members(lab.router)
    lab.blackhole(1)
    wait_until(lambda: members(lab.router) != before, 3, "nobody waits for it")
    holds_for(lambda: uplinkd.answers(), 1)


def run_ready(name, *arguments, **variables):
    import subprocess

    return subprocess.run(
        [str(READY / name), *map(str, arguments)], env={"PATH": os.environ["PATH"], **variables},
        capture_output=True, text=True, timeout=10,
    )  # fmt: skip


def test_ready_keepalived(tmp_path):
    file = tmp_path / "all-down"
    for all_down, value in [("yes", "1\n"), ("no", "0\n"), ("yes", "1\n")]:
        done = run_ready("keepalived-track-file", file, UPLINKD_ALL_DOWN=all_down)
        assert done.returncode == 0, done
        assert file.read_text() == value
    assert run_ready("keepalived-track-file", file).returncode == 2


def test_ready_frr(tmp_path):
    vtysh = tmp_path / "vtysh"
    vtysh.write_text('#!/bin/sh\nfor a; do echo "$a"; done\n')
    vtysh.chmod(0o755)
    done = run_ready("frr-default-route", "ospf", UPLINKD_ALL_DOWN="yes", VTYSH=str(vtysh))
    assert done.stdout.splitlines()[1::2] == ["configure terminal", "router ospf", "no default-information originate always"]
    done = run_ready("frr-default-route", "bgp", "65001", "192.0.2.9", UPLINKD_ALL_DOWN="no", VTYSH=str(vtysh))
    assert done.stdout.splitlines()[1::2] == ["configure terminal", "router bgp 65001", "neighbor 192.0.2.9 default-originate"]
    assert run_ready("frr-default-route", "rip", UPLINKD_ALL_DOWN="no").returncode == 2


def test_ready_carp(tmp_path):
    ifconfig = tmp_path / "ifconfig"
    ifconfig.write_text(f'#!/bin/sh\necho "$@" >>{tmp_path}/calls\n')
    ifconfig.chmod(0o755)
    for all_down in ["no", "yes", "yes", "no", "no"]:
        done = run_ready("carp-demote", 40, UPLINKD_ALL_DOWN=all_down, IFCONFIG=str(ifconfig), MINE=str(tmp_path / "mine"))
        assert done.returncode == 0, done
    assert (tmp_path / "calls").read_text() == "-g carp carpdemote 40\n-g carp -carpdemote 40\n"


def test_ready_rad(tmp_path):
    include = tmp_path / "rad.uplinkd.conf"

    def run(link, oper, usable="1"):
        variables = {"UPLINKD_USABLE_LINKS": usable} if usable else {}
        done = run_ready(
            "rad-deprecate", "em0", "fibre=2001:db8:1::/64", "dsl=2001:db8:2::/64", UPLINKD_LINK=link, UPLINKD_OPER=oper,
            RAD_INCLUDE=str(include), RAD_RELOAD=f"eval echo x >>{tmp_path}/reloads", **variables,
        )  # fmt: skip
        assert done.returncode == 0, done
        return include.read_text().splitlines() if include.exists() else []

    fibre, dsl = (f"interface em0 {{ prefix 2001:db8:{n}::/64 {{ preferred lifetime 0 }} }}" for n in (1, 2))
    assert run("fibre", "out") == [fibre]
    assert run("fibre", "out") == [fibre]
    assert run("other", "out") == [fibre]
    assert run("dsl", "standby") == [fibre, dsl]
    assert run("fibre", "active") == [dsl]
    assert run("fibre", "active") == [dsl]
    assert run("fibre", "out", usable=None) == [dsl], "where no link is better all stays as it is"
    assert run("dsl", "active") == []
    assert (tmp_path / "reloads").read_text() == "x\n" * 4, "rad is told of changes only"
    assert run_ready("rad-deprecate", "em0", "fibre", UPLINKD_LINK="fibre", UPLINKD_USABLE_LINKS="1").returncode == 2
    assert run_ready("rad-deprecate", "em0", "fibre=x y", UPLINKD_LINK="fibre", UPLINKD_USABLE_LINKS="1").returncode == 2


# Takes mails and writes each to a file, as a line of what was said and what the mail was.
MAIL_SERVER = """\
import json, socket, sys
server = socket.create_server(("127.0.0.1", 25))
print("ready", flush=True)
while True:
    client, _ = server.accept()
    lines = client.makefile("rw", newline="\\r\\n")
    said, mail = [], None
    def answer(text):
        lines.write(text + "\\r\\n")
        lines.flush()
    answer("220 here")
    for line in lines:
        line = line.rstrip("\\r\\n")
        if mail is not None and line != ".":
            mail.append(line)
            continue
        said.append(line)
        if line == "DATA":
            mail = []
            answer("354 go on")
        elif line == ".":
            with open(sys.argv[1], "a") as f:
                f.write(json.dumps([said, mail]) + "\\n")
            mail = None
            answer("250 taken")
        else:
            answer("250 good")
        if line == "QUIT":
            break
    client.close()
"""


def test_ready_mail(lab):
    """As the user of programs on events, who has no right in any mail queue."""
    mails = lab.folder / "mails"
    mails.write_text("")
    server = lab.router.start("mail", "/usr/bin/python3", "-c", MAIL_SERVER, mails)
    server.wait_log("ready")
    hook = program(lab, "mail", (READY / "mail").read_text())
    uplinkd = start(lab, f'on drainStarted run "{hook}" "noc@example.net"\n')
    assert uplinkd.ctl("drain", "isp1", "--comment", "line test").returncode == 0
    said, mail = json.loads(wait_until(mails.read_text, 10).splitlines()[0])
    assert "RCPT TO:<noc@example.net>" in said and said[-1] == "."
    assert "Subject: lab: drainStarted of link isp1" in mail and "To: noc@example.net" in mail
    assert "The link is up and draining." in mail and "UPLINKD_EVENT=drainStarted" in mail
    assert uplinkd.ask("stats")["hooks_failed"] == 0
