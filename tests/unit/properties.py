"""How property tests run here: few examples, the same ones each time, nothing kept between runs."""

from hypothesis import settings

few_examples = settings(max_examples=60, derandomize=True, database=None, deadline=None)
