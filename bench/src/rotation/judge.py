# Tokens on standard input, a line each; for each 1 or 0. Keys are kept for exactly the max-age that they were served with.
import json, re, sys, time, urllib.request
import jwt

issuer, audience = sys.argv[1:]
url = f"{issuer}/.well-known/jwks.json"
keys, until = None, 0.0

def current():
    global keys, until
    if time.monotonic() >= until:
        with urllib.request.urlopen(url) as answer:
            age = int(re.search(r"max-age=(\d+)", answer.headers["Cache-Control"]).group(1))
            keys, until = jwt.PyJWKSet.from_dict(json.load(answer)), time.monotonic() + age
    return keys

current()
print("ready", flush=True)
for line in sys.stdin:
    token = line.strip()
    try:
        key = current()[jwt.get_unverified_header(token)["kid"]]
        jwt.decode(token, key, algorithms=["ES256"], audience=audience, issuer=issuer)
        print(1, flush=True)
    except Exception:
        print(0, flush=True)
