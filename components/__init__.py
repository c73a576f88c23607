"""Reusable components of an environment; they import Pulumi SDKs only."""
