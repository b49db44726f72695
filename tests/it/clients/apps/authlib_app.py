"""Authlib (PyPI): code with PKCE by its requests session, the ID token by its JOSE, refresh, introspection and revocation."""

import json
import os
from html import escape
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import urlencode, urlsplit

# The issuer is on loopback, without TLS.
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

import requests  # noqa: E402
from authlib.common.security import generate_token  # noqa: E402
from authlib.integrations.requests_client import OAuth2Session  # noqa: E402
from authlib.oidc.core import CodeIDToken  # noqa: E402
from joserfc import jwt  # noqa: E402
from joserfc.jwk import KeySet  # noqa: E402

SETTINGS = json.loads(os.environ["KEYWRIGHT_APP"])
HOME = f"http://127.0.0.1:{SETTINGS['port']}"
CALLBACK = f"{HOME}/callback"

metadata = requests.get(SETTINGS["issuer"] + "/.well-known/openid-configuration", timeout=30).json()
session = OAuth2Session(
    SETTINGS["client_id"],
    SETTINGS.get("client_secret"),
    scope=SETTINGS["scope"],
    redirect_uri=CALLBACK,
    code_challenge_method="S256",
    token_endpoint_auth_method=SETTINGS["auth"],
)
flow = {}


def login():
    flow.update(verifier=generate_token(48), nonce=generate_token(24))
    url, flow["state"] = session.create_authorization_url(
        metadata["authorization_endpoint"], code_verifier=flow["verifier"], nonce=flow["nonce"]
    )
    return url


def finish(path):
    token = session.fetch_token(
        metadata["token_endpoint"],
        authorization_response=HOME + path,
        state=flow["state"],
        code_verifier=flow["verifier"],
    )
    flow["id_token"] = token["id_token"]
    keys = KeySet.import_key_set(requests.get(metadata["jwks_uri"], timeout=30).json())
    decoded = jwt.decode(token["id_token"], keys, algorithms=metadata["id_token_signing_alg_values_supported"])
    options = {"iss": {"value": metadata["issuer"]}, "aud": {"value": SETTINGS["client_id"]}, "nonce": {"value": flow["nonce"]}}
    claims = CodeIDToken(decoded.claims, decoded.header, options, {"nonce": flow["nonce"], "access_token": token["access_token"]})
    claims.validate(leeway=5)
    userinfo = session.get(metadata["userinfo_endpoint"]).json()
    refreshed = session.refresh_token(metadata["token_endpoint"], refresh_token=token["refresh_token"])
    introspected = session.introspect_token(metadata["introspection_endpoint"], token=refreshed["access_token"]).json()
    return {
        "claims": dict(decoded.claims),
        "userinfo": userinfo,
        "scope": token["scope"],
        "refreshed": refreshed["access_token"] != token["access_token"],
        "introspected": introspected,
    }


def logout():
    query = {"id_token_hint": flow["id_token"], "post_logout_redirect_uri": f"{HOME}/bye", "state": "farewell"}
    return metadata["end_session_endpoint"] + "?" + urlencode(query)


class App(BaseHTTPRequestHandler):
    def do_GET(self):
        path = urlsplit(self.path).path
        try:
            if path == "/":
                return self.redirect(login())
            if path == "/callback":
                return self.show("result", json.dumps(finish(self.path)))
            if path == "/logout":
                return self.redirect(logout())
            if path == "/bye":
                return self.show("bye", urlsplit(self.path).query)
        except Exception as error:  # whatever the library says, the test shows it
            return self.show("failed", repr(error))
        self.send_error(404)

    def redirect(self, to):
        self.send_response(303)
        self.send_header("location", to)
        self.end_headers()

    def show(self, name, text):
        body = f'<!doctype html><title>{name}</title><pre id="{name}">{escape(text)}</pre>'.encode()
        self.send_response(200)
        self.send_header("content-type", "text/html; charset=utf-8")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


server = HTTPServer(("127.0.0.1", SETTINGS["port"]), App)
print(f"ready at {HOME}", flush=True)
server.serve_forever()
