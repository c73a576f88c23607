"""Everything for running offline: engine, cluster, data plane, and the plugins that serve them."""
