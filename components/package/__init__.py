"""The components as a Pulumi package: schema and server, derived from their annotations and docstrings."""
