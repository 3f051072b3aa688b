"""Stands in for urllib3.http2, which looks through all installed packages' metadata for HTTP/2; AWS speaks HTTP/1.1."""
