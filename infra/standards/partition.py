"""Where the platform can be deployed: in the regions of the partition `aws` (docs/decisions/0031)."""

PARTITION = "aws"
CLOUDFRONT_REGION = "us-east-1"
"""The region of CloudFront's certificates and web ACLs, wherever a stage is."""
WHY_NOT_ELSEWHERE = (
    "Cognito has no user pools in China, and in GovCloud only FIPS endpoints, no custom domains and another address of"
    " the hosted login (docs/decisions/0031)"
)
