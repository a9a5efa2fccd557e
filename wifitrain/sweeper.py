"""Sweeps as Hydra makes them, but what jobs have in common is composed once for all of them."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hydra._internal.config_loader_impl import get_overrides_dirname
from hydra._internal.core_plugins import basic_sweeper
from hydra._internal.defaults_list import Overrides
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.plugins import Plugins

if TYPE_CHECKING:
    from hydra._internal.config_loader_impl import ConfigLoaderImpl
    from omegaconf import DictConfig

__all__ = ["compose_once"]


def compose_once() -> None:
    """From now on Hydra's own sweeper hands the launcher what it has composed.

    It composes all jobs before the first, to find faults early, and each of them once more before
    it runs: longer than some jobs take. A sweeper by another name would have to lie in a package
    named hydra_plugins.
    """
    Plugins.instance()  # executes Hydra's modules again: a class from before would be nobody's
    sweeper: Any = basic_sweeper.BasicSweeper
    sweeper.validate_batch_is_legal = _compose_batch


def _compose_batch(sweeper: basic_sweeper.BasicSweeper, batch: Sequence[Sequence[str]]) -> None:
    """Compose every job of the batch, which finds its faults, and keep it for the launcher."""
    launcher: Any = sweeper.launcher
    master: Any = sweeper.config
    loader: Any = launcher.hydra_context.config_loader
    if not isinstance(loader, _Composed):  # one for all batches: each around the last would nest
        loader = _Composed(loader, master=master)
        launcher.hydra_context = replace(launcher.hydra_context, config_loader=loader)
    loader.forget()
    for overrides in batch:
        loader.compose(list(overrides))


class _Composed:
    """A loader of configurations that keeps what it composed until somebody takes it."""

    def __init__(self, loader: ConfigLoaderImpl, *, master: DictConfig) -> None:
        self._loader = loader
        self._master = master
        look = self._loader._parse_overrides_and_create_caching_repo  # noqa: SLF001 - Hydra has no other
        # A search path may be among what was given to Hydra itself.
        _, self._files = look(master.hydra.job.config_name, list(master.hydra.overrides.hydra))
        self._waiting: dict[tuple[str, ...], DictConfig] = {}
        self._of_choices: dict[tuple[str, ...], DictConfig] = {}

    def forget(self) -> None:
        """Drop what nobody took: the jobs of the batch before ran in other processes."""
        self._waiting.clear()

    def compose(self, overrides: list[str]) -> None:
        """Compose one job and keep it.

        Files are read and merged for the options that were chosen of each group; values are laid
        over that in the order in which they were given, as Hydra does.
        """
        parsed = OverridesParser.create().parse_overrides(overrides)
        values = Overrides(self._files, parsed).config_overrides
        words = zip(overrides, parsed, strict=True)
        chosen = [word for word, one in words if all(one is not value for value in values)]
        config = copy.deepcopy(self._choices(chosen))
        self._loader._apply_overrides_to_config(values, config)  # noqa: SLF001 - Hydra has no other
        config.hydra.overrides.task = overrides
        told = config.hydra.job.config.override_dirname
        config.hydra.job.override_dirname = get_overrides_dirname(
            parsed, told.exclude_keys, told.item_sep, told.kv_sep
        )
        self._waiting[tuple(overrides)] = config

    def load_sweep_config(
        self, master_config: DictConfig, sweep_overrides: list[str]
    ) -> DictConfig:
        """What was composed, once: a job changes its configuration."""
        waiting = self._waiting.pop(tuple(sweep_overrides), None)
        if waiting is not None:
            return waiting
        return self._loader.load_sweep_config(master_config, sweep_overrides)

    def _choices(self, chosen: list[str]) -> DictConfig:
        key = tuple(chosen)
        if key not in self._of_choices:
            self._of_choices[key] = self._loader.load_sweep_config(self._master, chosen)
        return self._of_choices[key]

    def __getattr__(self, name: str) -> object:
        return getattr(self._loader, name)

    def __reduce__(self) -> tuple[Any, ...]:
        """Another process gets the loader alone: all jobs would be too much to send with each."""
        return _same, (self._loader,)


def _same(loader: ConfigLoaderImpl) -> ConfigLoaderImpl:
    return loader
