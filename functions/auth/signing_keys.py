"""The user pool's public keys, ready to verify signatures. Only this module and its users load the cryptography."""

from __future__ import annotations

import jwt

from auth.published_keys import PublishedKeys, address_of_stage


class SigningKeys(PublishedKeys[jwt.PyJWK]):
    """The keys published at `url`."""

    def __init__(self, url: str) -> None:
        super().__init__(url, _keys_of)

    @classmethod
    def of_stage(cls) -> SigningKeys:
        """The keys of the pool that this function is deployed with."""
        return cls(address_of_stage())


def _keys_of(document: bytes) -> dict[str, jwt.PyJWK]:
    try:
        keys = jwt.PyJWKSet.from_json(document).keys  # type: ignore[arg-type] # json.loads takes bytes too
    except (AttributeError, jwt.PyJWTError) as error:
        raise ValueError("no JSON Web Key Set") from error
    return {key.key_id: key for key in keys if key.key_id}
