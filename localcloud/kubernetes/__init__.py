"""The Kubernetes plugin: every kind by server-side apply, with waits that mean ready."""
