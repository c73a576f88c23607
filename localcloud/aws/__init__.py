"""AWS types against an endpoint on this machine."""
