"""What a validator costs: a call with a JWT whose verdict is kept, beside one with a static token; and a cold check."""

import base64
import hashlib
import hmac
import json
import os
import subprocess
import time
from contextlib import ExitStack

import bench_servers as servers
from bench_cost import in_turn, ratios, spread
from bench_servers import HERE, OUT, ROOT

MOST_OF_STATIC = 1.1
MOST_OVER_OPENSSL_US = 6.0
MOST_HS256_US = 5.0
SECRET = "a-secret-that-signs-the-tokens-of-the-bench"


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def jwt():
    claims = {"iss": "https://idp.example", "aud": "bench", "sub": "bench", "exp": int(time.time()) + 86400}
    text = ".".join(base64url(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    return text + "." + base64url(hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).digest())


def measure_warm(report, arguments):
    """Both servers in turn; the JWT's verdict is in the cache from its first call on."""
    own = {"validator": "jwt", "validators": {"jwt": {"secret": SECRET, "audience": "bench"}}}
    with ExitStack() as stack:
        static = stack.enter_context(servers.gatehouse("static token"))
        signed = stack.enter_context(servers.gatehouse("jwt", auth=own))
        loads = {"static": (static, {}), "jwt": (signed, {"token": jwt()})}
        samples = in_turn(loads, arguments.rounds, arguments.seconds)
    times = ratios(samples["jwt"], samples["static"], lambda run: run.us_per_request)
    report.promise("call with a JWT, its verdict kept, times a static token's", spread(times), f"at most {MOST_OF_STATIC}",
                   sorted(times)[len(times) // 2] <= MOST_OF_STATIC)


def cold_times():
    program = OUT / "jose_cost"
    sources = sorted((ROOT / "sdk/jose").glob("*.cpp"))
    includes = ["-I", ROOT / "sdk/include", "-I", ROOT / "sdk/jose/include"]
    compiler = os.environ.get("CXX", "c++")
    subprocess.run([compiler, "-O3", "-DNDEBUG", "-std=c++17", *includes, "-o", program, HERE / "jose_cost.cpp", *sources,
                    "-lcrypto"], check=True)
    told = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    return [(name, *(float(time) / 1000 for time in times)) for name, *times in map(str.split, told.splitlines())]


def measure_validators(report, arguments):
    measure_warm(report, arguments)
    rows = cold_times()
    report.table("A cold check of a JWT, us", ["algorithm", "OpenSSL alone", "whole check", "more"],
                 [[name, f"{alone:.1f}", f"{whole:.1f}", f"{more:.1f}"] for name, alone, whole, more in rows])
    for name, _, whole, more in rows:
        if name == "HS256":
            report.promise("cold check, HS256, us", f"{whole:.1f}", f"at most {MOST_HS256_US}", whole <= MOST_HS256_US)
        else:
            report.promise(f"cold check, {name}, us over OpenSSL", f"{more:.1f}", f"at most {MOST_OVER_OPENSSL_US}",
                           more <= MOST_OVER_OPENSSL_US)
