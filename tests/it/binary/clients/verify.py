# Arguments: issuer, algorithm, audience, token. Knows nothing of Keywright but its address.
import json, sys, urllib.request
import jwt

issuer, algorithm, audience, token = sys.argv[1:]
discovery = json.load(urllib.request.urlopen(f"{issuer}/.well-known/openid-configuration"))
key = jwt.PyJWKClient(discovery["jwks_uri"]).get_signing_key_from_jwt(token)
claims = jwt.decode(
    token, key, algorithms=[algorithm], audience=audience, issuer=issuer,
    options={"require": ["exp", "iat", "iss", "aud", "sub"]},
)
print(claims["sub"], claims["scope"])
