"""RSA keys of a test's own, and what is signed with them."""

import json
import subprocess
from pathlib import Path

from identity_provider import base64url


def openssl(*words, text=None):
    return subprocess.run(["openssl", *words], input=text, capture_output=True, check=True).stdout


class SigningKey:
    """One RSA key of our own: its JWK, and tokens signed with it."""
    def __init__(self, folder, kid):
        self.kid, self.file = kid, str(Path(folder) / f"{kid}.pem")
        openssl("genrsa", "-out", self.file, "2048")
        modulus = openssl("rsa", "-in", self.file, "-noout", "-modulus").decode().strip().split("=")[1]
        self.jwk = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid, "n": base64url(bytes.fromhex(modulus)), "e": "AQAB"}

    def token(self, claims, **header):
        head = {name: value for name, value in {"alg": "RS256", "typ": "JWT", "kid": self.kid, **header}.items() if value}
        text = ".".join(base64url(json.dumps(part).encode()) for part in (head, claims))
        return text + "." + base64url(openssl("dgst", "-sha256", "-sign", self.file, text=text.encode()))
