"""Environments: one stack of the program each, brought up, looked at and taken down."""
