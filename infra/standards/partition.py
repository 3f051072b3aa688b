"""Where the platform may be: in the regions of AWS's own partition (docs/decisions/0031)."""

PARTITION = "aws"
CLOUDFRONT_REGION = "us-east-1"
"""Where CloudFront takes certificates and web ACLs from, wherever a stage is."""
WHY_NOT_ELSEWHERE = (
    "Cognito has no user pools in China, and in GovCloud only FIPS endpoints, no custom domains and another address of"
    " the hosted login (docs/decisions/0031)"
)
