"""The local cloud's Kubernetes: one built from source, or the user's own by its kube context."""
