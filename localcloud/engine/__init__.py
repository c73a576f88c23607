"""The Pulumi engine and the Python language host, for a machine that has neither."""

# Nothing is imported here: the language host is started from this package and has to start fast.
