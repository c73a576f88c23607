"""When an object is ready: one module per kind, each a pure judgement over live objects."""
