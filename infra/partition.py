"""Where the platform may be: in the regions of AWS's own partition (docs/decisions/0031)."""

PARTITION = "aws"
WHY_NOT_ELSEWHERE = (
    "Cognito has no user pools in China, and in GovCloud only FIPS endpoints, no custom domains and another address of"
    " the hosted login (docs/decisions/0031)"
)
