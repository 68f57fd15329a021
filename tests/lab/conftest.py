# SPDX-License-Identifier: ISC
"""What every lab test gets: a run with its own names, labs that are taken down after the test, and
what each program printed in the report of a test that failed."""

import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from uplab import tools  # noqa: E402
from uplab.process import sanitizer_reports  # noqa: E402
from uplab.run import Run  # noqa: E402
from uplab.topology import Lab  # noqa: E402
from uplab.turns import turn  # noqa: E402

LOG_TAIL = 20000
os.environ["ASAN_OPTIONS"] = tools.asan_options(*filter(None, [os.environ.get("ASAN_OPTIONS")]))


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true", help="also the tests that take minutes")
    parser.addoption("--soak-seconds", type=int, default=3600, help="how long the long soak lasts")
    parser.addoption("--soak-seed", type=int, default=None, help="do again what a soak did that had this seed")


def pytest_configure(config):
    config.addinivalue_line("markers", "long: takes minutes, run only with --long")
    config.addinivalue_line("markers", "needs(what): left out, by name, where the build has not got what it asserts")


# What a test may need of a build, and why some builds have not got it.
NEEDS = {
    "filters": (tools.has_filters, "this build has no filters of system calls"),
    "speed": (lambda: not tools.counts_lines(), "this build counts lines: it is slow"),
    "any kernel": (
        lambda: not tools.watches_addresses(),
        "AddressSanitizer takes 16 TB of addresses, and user-mode-linux gives a program half of one",
    ),
}
LEFT_OUT = {}


def lacking(item):
    """Why it is left out, or None."""
    for marker in item.iter_markers("needs"):
        has, reason = NEEDS[marker.args[0]]
        if not has():
            return reason
    return None


def pytest_collection_modifyitems(config, items):
    if os.geteuid() != 0 and items:
        pytest.exit("the lab makes network namespaces: it needs root", returncode=1)
    if not config.getoption("--long"):
        left_out = [item for item in items if item.get_closest_marker("long")]
        items[:] = [item for item in items if not item.get_closest_marker("long")]
        config.hook.pytest_deselected(items=left_out)
    lacks = {item: reason for item in items if (reason := lacking(item))}
    LEFT_OUT.update({item.nodeid: reason for item, reason in lacks.items()})
    items[:] = [item for item in items if item not in lacks]
    config.hook.pytest_deselected(items=list(lacks))


def pytest_sessionfinish(session):
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left_out"] = LEFT_OUT


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node, error):
    LEFT_OUT.update(getattr(node, "workeroutput", {}).get("left_out", {}))


def pytest_terminal_summary(terminalreporter):
    for name, reason in sorted(LEFT_OUT.items()):
        terminalreporter.write_line(f"left out: {name}: {reason}")


@pytest.fixture(scope="session")
def run():
    run = Run()
    yield run
    run.close()


@pytest.fixture
def make_lab(run, request):
    """make_lab(isps=2, cable=False, shared=False) -> Lab"""
    labs = []

    def make(**options):
        lab = Lab(run, request.node.name, **options)
        labs.append(lab)
        return lab

    request.node.labs = labs
    yield make
    for lab in labs:
        lab.close()


@pytest.fixture
def lab(make_lab):
    return make_lab()


@pytest.fixture
def programs(request):
    """For tests whose targets are asked by programs. These have one user, and the kernel counts its processes
    on the whole machine: one that uses up their number must be alone."""
    with turn("programs", alone="fork_bomb" in request.node.name):
        yield


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if not report.failed:
        return
    shared = item.getparent(pytest.Module)  # what the tests of a file have in common
    for lab in [*getattr(item, "labs", []), *getattr(shared, "labs", [])]:
        for process in lab.processes():
            text = process.log()[-LOG_TAIL:]
            if text and process.name.startswith(("uplinkd", "snmp", "wire")):
                report.sections.append((f"output of {process.name}", text))
        report.sections.append(("routing of the router", routing(lab)))


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown():
    """A process that a sanitizer ended is started again, so that a test may not notice: it fails all the
    same, by what was printed."""
    said = sanitizer_reports()
    assert not said, said


def routing(lab):
    """How the router stands, for the report."""
    if not lab.namespaces:
        return "(the lab is already closed)"
    commands = ["ip rule", "ip -6 rule", "ip route show table all", "ip -6 route show table all", "ip -br addr"]
    commands += ["ip -br link", "nft list ruleset"]
    texts = []
    for command in commands:
        done = lab.router.try_run(*command.split())
        lines = [line for line in done.stdout.splitlines() if "table local" not in line]
        texts.append(f"# {command}\n" + "\n".join(lines) + done.stderr)
    return "\n".join(texts)
