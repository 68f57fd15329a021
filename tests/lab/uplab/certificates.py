# SPDX-License-Identifier: ISC
"""An authority of the test's own, and certificates of it, made when they are needed."""

import subprocess


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class Authority:
    def __init__(self, folder, name="authority"):
        self.folder = folder
        self.key = folder / f"{name}.key"
        self.certificate = folder / f"{name}.pem"
        openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", 30,
            "-subj", f"/CN={name}", "-keyout", self.key, "-out", self.certificate,
        )  # fmt: skip
        self.certificate.chmod(0o644)

    def issue(self, name, expired=False):
        """(certificate, key) for a name, or for an address as "IP:192.0.2.1"."""
        stem = self.folder / name.replace(":", "_")
        key, request, certificate = (stem.with_suffix(s) for s in (".key", ".csr", ".crt"))
        extensions = stem.with_suffix(".ext")
        extensions.write_text(f"subjectAltName={name if name.startswith('IP:') else 'DNS:' + name}\n")
        openssl(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=lab",
            "-keyout", key, "-out", request,
        )  # fmt: skip
        openssl(
            "x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial",
            "-days", "-1" if expired else "30", "-extfile", extensions, "-out", certificate,
        )  # fmt: skip
        return certificate, key
