"""Actor tokens: short JWTs, signed with Ed25519, that every service can check by itself."""

from datetime import datetime

from joserfc import jwt
from joserfc.jwk import OKPKey

from services.customers.domain.operator import Operator
from services.customers.domain.signing_key import TOKEN_LASTS, SigningKey
from shared.ids import new_id

ALGORITHM = "Ed25519"
ISSUER = "/perennial/customers"


class TokenSigner:
    def new_key(self, at: datetime) -> SigningKey:
        kid = new_id("kid")
        key = OKPKey.generate_key("Ed25519", {"kid": kid, "use": "sig", "alg": ALGORITHM})
        return SigningKey(
            kid=kid,
            private=dict(key.as_dict(private=True)),
            public=dict(key.as_dict(private=False)),
            created_at=at,
        )

    def actor_token(self, operator: Operator, key: SigningKey, at: datetime) -> str:
        """Good for five minutes of real time, in a sandbox too."""
        claims = {
            "iss": ISSUER,
            "sub": operator.id,
            "partner": operator.partner_id,
            "actor": operator.actor,
            "kind": "operator",
            "role": operator.role,
            "scopes": sorted(operator.scopes),
            "iat": int(at.timestamp()),
            "exp": int((at + TOKEN_LASTS).timestamp()),
        }
        header = {"alg": ALGORITHM, "kid": key.kid, "typ": "JWT"}
        return jwt.encode(header, claims, OKPKey.import_key(key.private), [ALGORITHM])
