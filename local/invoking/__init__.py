"""`make invoke`: one function in this process, on moto, for a debugger."""
