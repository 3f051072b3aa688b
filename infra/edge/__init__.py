"""A stage that limits requests by address: CloudFront with a web ACL before the API."""
