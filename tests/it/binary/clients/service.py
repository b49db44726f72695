# A service as one would write it with http.server and PyJWT. Arguments: issuer, audience, and `careless` to check no audience.
import json, sys, urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import jwt

issuer, audience, care = sys.argv[1:]
discovery = json.load(urllib.request.urlopen(f"{issuer}/.well-known/openid-configuration"))
keys = jwt.PyJWKClient(discovery["jwks_uri"])


def checked(token):
    if jwt.get_unverified_header(token).get("typ") != "at+jwt":
        raise jwt.InvalidTokenError("no access token")
    claims = jwt.decode(
        token, keys.get_signing_key_from_jwt(token), algorithms=["ES256"], issuer=issuer,
        audience=audience if care == "careful" else None,
        options={
            "require": ["exp", "iat", "iss", "aud", "sub"], "strict_aud": care == "careful",
            "verify_aud": care == "careful",
        },
    )
    if "cnf" in claims:
        raise jwt.InvalidTokenError("it is bound to a key, and nobody proved to have it")
    return claims


class Orders(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        try:
            scope = checked(token).get("scope", "") if scheme == "Bearer" else ""
            status = 200 if "read:orders" in scope.split() else 403
        except (jwt.PyJWTError, ValueError, AttributeError):
            status = 401
        if scheme != "Bearer":
            status = 401
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Orders)
print(server.server_port, flush=True)
server.serve_forever()
