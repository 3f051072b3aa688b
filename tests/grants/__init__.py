"""Each grant of each function is needed: taking any one of them away breaks what the function does."""
