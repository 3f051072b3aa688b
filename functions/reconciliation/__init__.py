"""The auditor: whether the books agree with themselves and with the orders. It reads, and changes nothing."""
