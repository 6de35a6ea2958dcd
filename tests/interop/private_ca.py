"""A certificate authority of the test's own and a server certificate for localhost, made with openssl.

No system trusts this authority: a client has to be given ca.pem by its ordinary means.
"""

import pathlib
import subprocess
from dataclasses import dataclass

from client_needs import tool

LEAF_EXTENSIONS = """basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth
subjectAltName=DNS:localhost,IP:127.0.0.1
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
"""


@dataclass
class Certificates:
    authority: pathlib.Path
    certificate: pathlib.Path
    key: pathlib.Path


def make(folder):
    openssl = tool("openssl", "Debian package openssl")
    folder.mkdir(parents=True, exist_ok=True)
    made = Certificates(folder / "ca.pem", folder / "server.pem", folder / "server.key")
    (folder / "leaf.ext").write_text(LEAF_EXTENSIONS)
    makeAuthority(openssl, folder)
    makeLeaf(openssl, folder)
    return made


def makeAuthority(openssl, folder):
    run([openssl, "req", "-x509", *newKey("ca.key"), "-out", "ca.pem", "-days", "2",
         "-subj", "/CN=Interop test CA", "-addext", "keyUsage=critical,keyCertSign,cRLSign"], folder)


def makeLeaf(openssl, folder):
    run([openssl, "req", *newKey("server.key"), "-out", "server.csr", "-subj", "/CN=localhost"], folder)
    run([openssl, "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
         "-days", "2", "-extfile", "leaf.ext", "-out", "server.pem"], folder)


def newKey(name):
    return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", name]


def run(command, folder):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr}")
