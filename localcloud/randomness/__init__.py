"""The local `random` plugin: all resource types of pulumi-random 4.x."""
