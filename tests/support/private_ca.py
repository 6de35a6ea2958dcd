"""A certificate authority for a test, and server certificates for localhost or other names, made by openssl(1)."""

import ssl
import subprocess
from pathlib import Path


def _openssl(*words):
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, timeout=60)


CURVE = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
LOCAL = ("DNS:localhost", "IP:127.0.0.1", "IP:::1")
LEAF_EXTENSIONS = """basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth
subjectAltName={names}
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
"""
# Only `openssl ca` takes both ends of the time of validity.
ISSUING = """[ca]
default_ca=own
[own]
database={folder}/{stem}.index
serial={folder}/{stem}.serial
new_certs_dir={folder}
default_md=sha256
policy=any
[any]
commonName=supplied
"""


class PrivateCa:
    """Files ca.pem, cert.pem and key.pem in the folder, and client contexts that trust the CA."""
    def __init__(self, folder, days=30):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.ca, self.ca_key = self.folder / "ca.pem", self.folder / "ca.key"
        _openssl("req", "-x509", *CURVE, "-keyout", self.ca_key, "-out", self.ca, "-days", days, "-subj",
                 "/CN=Test CA", "-addext", "basicConstraints=critical,CA:TRUE", "-addext",
                 "keyUsage=critical,keyCertSign,cRLSign")
        self.cert, self.key = self.issue("cert", LOCAL, ["-days", days], "key")

    def issue(self, stem, names, validity, key_stem=None):
        """A certificate for these names (`DNS:...`, `IP:...`) and its key: the paths of both."""
        cert, key = self.folder / f"{stem}.pem", self.folder / f"{key_stem or stem + '-key'}.pem"
        request, extensions, settings = (self.folder / f"{stem}.{ending}" for ending in ("csr", "ext", "cnf"))
        _openssl("req", *CURVE, "-keyout", key, "-out", request, "-subj", "/CN=" + names[0].partition(":")[2])
        extensions.write_text(LEAF_EXTENSIONS.format(names=",".join(names)), encoding="ascii")
        settings.write_text(ISSUING.format(folder=self.folder, stem=stem), encoding="utf-8")
        (self.folder / f"{stem}.index").write_text("", encoding="ascii")
        _openssl("ca", "-batch", "-notext", "-config", settings, "-rand_serial", "-cert", self.ca, "-keyfile", self.ca_key,
                 "-in", request, "-out", cert, "-extfile", extensions, *validity)
        key.chmod(0o600)
        return cert, key

    def server(self, *hosts, validity=("-days", 30)):
        """A server context whose certificate names these hosts."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        stem = f"hosts-{len(list(self.folder.glob('hosts-*.cnf')))}"
        context.load_cert_chain(*self.issue(stem, [f"DNS:{host}" for host in hosts], validity))
        return context

    def client(self, lowest=ssl.TLSVersion.TLSv1_2, highest=ssl.TLSVersion.MAXIMUM_SUPPORTED):
        """A verifying client context."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(str(self.ca))
        context.minimum_version, context.maximum_version = lowest, highest
        return context

    def old_client(self, version):
        """A client that offers one old version and nothing else, whatever the machine's policy says."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(str(self.ca))
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = version
        return context
