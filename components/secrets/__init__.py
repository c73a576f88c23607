"""Secrets and the keys that encrypt them."""

from components.secrets.key import Key, KeyArgs
from components.secrets.secret import Secret, SecretArgs

__all__ = ["Key", "KeyArgs", "Secret", "SecretArgs"]
