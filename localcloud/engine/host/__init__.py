"""The parts of the Python language host; ``localcloud.engine.language_host`` puts them together."""
