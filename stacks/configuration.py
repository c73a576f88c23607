"""The settings of the stack that is running: the only place that asks the engine for configuration."""

import os
from collections.abc import Mapping
from pathlib import Path

import pulumi
from keys import NAMESPACE, SettingsProblem, encrypted
from pulumi.runtime import config
from resolution import Given, check_images, resolve_settings
from settings import Settings

ROOT = Path(__file__).resolve().parent.parent


def load(environ: Mapping[str, str] | None = None, root: Path = ROOT) -> Settings:
    """Read the settings of the stack that is running.

    Raises:
        pulumi.RunError: a setting is missing or wrong; one line that says which, and how to mend it.
    """
    values = {key: str(value) for key, value in config.CONFIG.get().items()}
    for key in values:
        if key.startswith(f"{NAMESPACE}:") and config.is_config_secret(key):
            raise pulumi.RunError(encrypted(key))
    given = Given(
        stack=pulumi.get_stack(),
        project=pulumi.get_project(),
        config=values,
        environ=os.environ if environ is None else environ,
        root=root,
    )
    try:
        settings = resolve_settings(given).settings
        check_images(settings)
    except SettingsProblem as problem:
        raise pulumi.RunError(str(problem)) from None
    return settings
