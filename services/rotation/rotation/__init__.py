"""Rotates the credentials of an application in PostgreSQL, with two users that take turns."""
