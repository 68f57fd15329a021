# SPDX-License-Identifier: ISC
"""A whole Zabbix on the monitoring station: PostgreSQL, the server, and the API of its web interface, all
from Debian, on a copy of this system's files."""

import json
import pathlib

from .system import System
from .wait import wait_until

POSTGRES = "/usr/lib/postgresql/15/bin"
SCHEMA = "/usr/share/zabbix-server-pgsql"
API = "http://127.0.0.1:8888/api_jsonrpc.php"

SERVER = """\
DBHost=/tmp
DBName=zabbix
DBUser=postgres
AllowRoot=1
ListenIP=127.0.0.1
LogType=console
PidFile=/tmp/zabbix_server.pid
SocketDir=/tmp
CacheUpdateFrequency=1
StartPollers=3
"""

FRONTEND = """\
<?php
$DB = ['TYPE' => 'POSTGRESQL', 'SERVER' => '/tmp', 'PORT' => '0', 'DATABASE' => 'zabbix', 'USER' => 'postgres',
	'PASSWORD' => '', 'SCHEMA' => '', 'ENCRYPTION' => false, 'KEY_FILE' => '', 'CERT_FILE' => '', 'CA_FILE' => '',
	'VERIFY_HOST' => false, 'CIPHER_LIST' => '', 'VAULT_URL' => '', 'VAULT_DB_PATH' => '', 'VAULT_TOKEN' => '',
	'DOUBLE_IEEE754' => true];
$ZBX_SERVER = '127.0.0.1';
$ZBX_SERVER_PORT = '10051';
$ZBX_SERVER_NAME = 'lab';
$IMAGE_FORMAT_DEFAULT = IMAGE_FORMAT_PNG;
"""


class Zabbix:
    def __init__(self, lab):
        self.namespace = lab.client
        self.system = System(lab)
        self.token = None
        self._calls = 0
        self._database()
        self._sh("localedef -i en_US -f UTF-8 en_US.UTF-8")  # or no picture is drawn
        self.system.write("/tmp/zabbix_server.conf", SERVER)
        self.system.write("/etc/zabbix/zabbix.conf.php", FRONTEND)
        self._start("zabbix-server", "zabbix_server", "-f", "-c", "/tmp/zabbix_server.conf")
        self._start("zabbix-frontend", "php", "-d", "post_max_size=32M", "-S", "127.0.0.1:8888", "-t", "/usr/share/zabbix")
        wait_until(lambda: self._post({"jsonrpc": "2.0", "method": "apiinfo.version", "params": [], "id": 0}), 20, "the API")
        self.token = self.call("user.login", username="Admin", password="zabbix")
        self.web = API.rpartition("/")[0]

    def _start(self, name, *command):
        return self.system.start(name, *command, namespace=self.namespace)

    def _sh(self, text):
        done = self.system.try_run("bash", "-euo", "pipefail", "-c", text, namespace=self.namespace)
        assert done.returncode == 0, f"{text}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
        return done.stdout

    def _database(self):
        self._sh(f"runuser -u postgres -- {POSTGRES}/initdb -D /tmp/data -A trust --no-sync")
        self._start(
            "postgres", "runuser", "-u", "postgres", "--", f"{POSTGRES}/postgres", "-D", "/tmp/data", "-k", "/tmp",
            "-c", "listen_addresses=", "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_wal_size=4GB",
        )  # fmt: skip
        psql = "psql -q -v ON_ERROR_STOP=1 -h /tmp -U postgres"
        wait_until(
            lambda: self.system.try_run("pg_isready", "-h", "/tmp", namespace=self.namespace).returncode == 0, 20, "PostgreSQL"
        )
        self._sh(f"{psql} -c 'create database zabbix'")
        for part in "schema", "images", "data":
            self._sh(f"zcat {SCHEMA}/{part}.sql.gz | {psql} zabbix >/dev/null")

    def _post(self, request):
        done = self.namespace.try_run(
            "curl", "-s", "-m", "60", "-H", "Content-Type: application/json-rpc", "-d", "@-", API, input=json.dumps(request),
            timeout=70,
        )  # fmt: skip
        return json.loads(done.stdout) if done.returncode == 0 and done.stdout else None

    def call(self, method, *listed, **parameters):
        """The result of a call that succeeds."""
        self._calls += 1
        request = {"jsonrpc": "2.0", "method": method, "params": list(listed) or parameters, "id": self._calls}
        if self.token:
            request["auth"] = self.token
        answer = self._post(request)
        assert answer and "result" in answer, f"{method}: {answer}"
        return answer["result"]

    def take(self, template: pathlib.Path):
        """Imports it, as an administrator does by the web interface."""
        every = {"createMissing": True, "updateExisting": True}
        rules = {"items", "discoveryRules", "triggers", "valueMaps", "templates"}
        groups = {"template_groups", "host_groups"} if self._version() >= (6, 2) else {"groups"}
        assert self.call(
            "configuration.import", format="yaml", source=template.read_text(),
            rules={**{r: every for r in rules}, **{g: {"createMissing": True} for g in groups}},
        ) is True  # fmt: skip

    def _version(self):
        token, self.token = self.token, None
        version = self.call("apiinfo.version")
        self.token = token
        return tuple(int(n) for n in version.split(".")[:2])

    def add_host(self, name, address, community, template):
        """Polled by SNMPv2c with that template; returns its number."""
        (group,) = self.call("hostgroup.get", filter={"name": ["Discovered hosts"]})
        (found,) = self.call("template.get", filter={"host": [template]})
        made = self.call(
            "host.create", host=name, groups=[{"groupid": group["groupid"]}], templates=[{"templateid": found["templateid"]}],
            interfaces=[{
                "type": 2, "main": 1, "useip": 1, "ip": address, "dns": "", "port": "161",
                "details": {"version": 2, "bulk": 1, "community": community},
            }],
        )  # fmt: skip
        return made["hostids"][0]

    def poll_now(self, numbers):
        """As the button "Execute now"."""
        if numbers:
            self.call("task.create", *[{"type": 6, "request": {"itemid": n}} for n in numbers])

    def items(self, host, with_text=""):
        return self.call("item.get", hostids=[host], output=["key_", "lastvalue", "lastclock", "state", "error", "name"], search={"key_": with_text})

    def chart(self, numbers, to, minutes=15):
        """The graph of items as the web interface draws it, into the file."""
        jar, web = self.system.path("/tmp/cookies"), self.web
        self.namespace.run("curl", "-s", "-c", jar, "-d", "name=Admin&password=zabbix&enter=Sign+in", f"{web}/index.php")
        items = "&".join(f"itemids%5B{i}%5D={n}" for i, n in enumerate(numbers))
        self.namespace.run(
            "curl", "-s", "-b", jar, "-o", to, f"{web}/chart.php?from=now-{minutes}m&to=now&{items}&type=0&batch=1&width=600&height=150"
            "&profileIdx=web.item.graph.filter",
        )  # fmt: skip

    def see_without_password(self):
        """From now on everybody sees everything."""
        (guest,) = self.call("user.get", filter={"username": ["guest"]})
        (guests,) = self.call("usergroup.get", filter={"name": ["Guests"]})
        self.call("user.update", userid=guest["userid"], roleid="3", usrgrps=[{"usrgrpid": guests["usrgrpid"]}])

    def problems(self, host):
        return [p["name"] for p in self.call("problem.get", hostids=[host], output=["name", "severity"])]
