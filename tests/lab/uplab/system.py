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
rm -f {at}/root/usr/sbin/policy-rc.d
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

    def path(self, name):
        return pathlib.Path(f"/proc/{self.process.pid}/root{self.root}{name}")

    def write(self, name, text, mode=0o644):
        path = self.path(name)
        path.unlink(missing_ok=True)
        path.write_text(text)
        path.chmod(mode)

    def try_run(self, *command, timeout=180, **more):
        env = {"DEBIAN_FRONTEND": "noninteractive", **more.pop("env", {})}
        return self.router.try_run(
            "nsenter", "-t", self.process.pid, "-m", "chroot", self.root, *command, timeout=timeout, env=env, **more
        )

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
