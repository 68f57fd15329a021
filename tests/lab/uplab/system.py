# SPDX-License-Identifier: ISC
"""A copy of this machine's files on the lab's router, in a mount namespace: what is installed, configured and
run there leaves no trace here."""

import pathlib
import shutil

from .routing import members

# The commands of the unit: ExecStart in the background, SIGTERM to the main process.
INVOKE = """\
#!/bin/sh
echo "$*" >>/run/invoked
pid() { cat /run/uplinkd/uplinkd.pid 2>/dev/null; }
stop() { p=$(pid); [ -n "$p" ] && kill "$p" && while [ -e /proc/$p ]; do sleep 0.02; done; }
start() { [ ! -e /etc/uplinkd.conf ] || /usr/sbin/uplinkd; }
case "$*" in
*uplinkd.service*) ;;
*) exit 0 ;;
esac
case "$*" in
*restart*) stop; start ;;
*start*) [ -n "$(pid)" ] || start ;;
*stop*) stop ;;
esac
exit 0
"""


# What systemctl does for a unit of the kind notify.
SYSTEMCTL = """\
#!/usr/bin/python3
import os, pathlib, re, signal, socket, subprocess, sys, time

verb, name = sys.argv[1:]
unit = pathlib.Path(f"/lib/systemd/system/{name}.service")
of = lambda key: re.findall(rf"(?m)^{key}=(.*)$", unit.read_text()) if unit.exists() else []
pidfile = pathlib.Path(f"/run/{name}.started")
if verb == "start":
    for folder in of("RuntimeDirectory"):
        pathlib.Path("/run", folder).mkdir(exist_ok=True)
    ready = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    ready.bind(f"/run/{name}.notify")
    os.chmod(f"/run/{name}.notify", 0o777)
    ready.settimeout(20)
    with open(f"/run/{name}.log", "w") as log:
        started = subprocess.Popen(
            of("ExecStart")[0].split(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            env={**os.environ, "NOTIFY_SOCKET": f"/run/{name}.notify"},
        )
    pidfile.write_text(str(started.pid))
    while b"READY=1" not in ready.recv(4096):
        pass
    os.unlink(f"/run/{name}.notify")
elif verb == "stop" and pidfile.exists():
    pid = int(pidfile.read_text())
    os.kill(pid, signal.SIGTERM)
    while os.path.exists(f"/proc/{pid}") and "zombie" not in pathlib.Path(f"/proc/{pid}/status").read_text():
        time.sleep(0.02)
    pidfile.unlink()
elif verb == "restart" and of("EnvironmentFile"): # of one that says nothing when it is ready
    arguments = re.search(r'(?m)^ARGS="(.*)"$', pathlib.Path(of("EnvironmentFile")[0]).read_text())[1].split()
    with open(f"/run/{name}.log", "w") as log:
        subprocess.Popen(
            [*of("ExecStart")[0].split()[:1], *arguments], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, cwd="/"
        )
elif verb == "restart": # of the daemon that was started by hand
    pid = int(pathlib.Path(f"/run/{name}/{name}.pid").read_text())
    os.kill(pid, signal.SIGTERM)
    while os.path.exists(f"/proc/{pid}"):
        time.sleep(0.02)
    subprocess.run([name], check=True)
"""


class System:
    """A copy of this system on the lab's router: what is written there stays there."""

    SET_UP = """
mount -t tmpfs none {at}
mkdir {at}/up {at}/work {at}/root
mount -t overlay overlay -o lowerdir=/,upperdir={at}/up,workdir={at}/work {at}/root
mount -t tmpfs none {at}/root/run
mount -t tmpfs none {at}/root/tmp
for f in dev proc sys; do mount --rbind /$f {at}/root/$f; done
mkdir -p {at}/root/run/systemd/system
rm -rf {at}/root/usr/sbin/policy-rc.d {at}/root/var/lib/uplinkd {at}/root/etc/uplinkd.conf
for f in {shown}; do mkdir -p {at}/root$f; mount --bind $f {at}/root$f; done
echo ready
exec sleep infinity
"""

    def __init__(self, lab, shown=()):
        """shown: folders below /tmp that are there, too."""
        at = lab.folder / "system"
        at.mkdir()
        self.router = lab.router
        self.root = f"{at}/root"
        self.process = lab.router.start(
            "system", "unshare", "-m", "--propagation", "private", "sh", "-ec", self.SET_UP.format(at=at, shown=" ".join(map(str, shown)))
        )
        self.process.wait_log("ready")

    def stand_in_for_systemd(self):
        self.write("/usr/bin/deb-systemd-invoke", INVOKE, 0o755)
        self.write("/usr/bin/systemctl", "#!/bin/sh\nexit 0\n", 0o755)

    def stand_in_for_systemctl(self):
        """One that starts and stops a service of Debian's as its unit says."""
        self.write("/usr/bin/systemctl", SYSTEMCTL, 0o755)

    def path(self, name):
        return pathlib.Path(f"/proc/{self.process.pid}/root{self.root}{name}")

    def write(self, name, text, mode=0o644):
        path = self.path(name)
        path.unlink(missing_ok=True)
        path.write_text(text)
        path.chmod(mode)

    def within(self, *command):
        """The command as it is run there. (-r: this may be in a root of somebody's own already.)"""
        return "nsenter", "-t", self.process.pid, "-m", "-r", "chroot", self.root, *command

    def start(self, name, *command, namespace=None, **options):
        """Starts a program there; it ends with the lab."""
        return (namespace or self.router).start(name, *self.within(*command), **options)

    def try_run(self, *command, timeout=180, namespace=None, **more):
        """namespace: with the network of that one, in place of the router's."""
        env = {"DEBIAN_FRONTEND": "noninteractive", **more.pop("env", {})}
        return (namespace or self.router).try_run(*self.within(*command), timeout=timeout, env=env, **more)

    def run(self, *command):
        done = self.try_run(*command)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    def install(self, *packages):
        names = []
        for package in packages:
            shutil.copy(package, self.path("/tmp/"))
            names.append(f"/tmp/{package.name}")
        return self.run("dpkg", "-i", *names)

    def daemon(self):
        path = self.path("/run/uplinkd/uplinkd.pid")
        return int(path.read_text()) if path.exists() else None

    def members(self):
        return members(self.router).keys()
