"""Stands in for the package's own first module, which loads metrics and tracing too. Ours say what they import."""
