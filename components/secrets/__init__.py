"""Secrets and the keys that encrypt them."""

from components.secrets.generated import Generated
from components.secrets.key import Key, KeyArgs
from components.secrets.rotation import Rotation, RotationArgs
from components.secrets.secret import Secret, SecretArgs

__all__ = ["Generated", "Key", "KeyArgs", "Rotation", "RotationArgs", "Secret", "SecretArgs"]
