"""What looks into a function, and what makes its AWS calls without it: handlers that lie beside Lambda's runtime."""
