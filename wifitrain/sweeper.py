"""Sweeps as Hydra makes them, but each job's configuration is composed once instead of twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hydra._internal.core_plugins import basic_sweeper
from hydra.core.plugins import Plugins

if TYPE_CHECKING:
    from hydra.core.config_loader import ConfigLoader
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
    loader: Any = _Composed(launcher.hydra_context.config_loader)
    for overrides in batch:
        loader.compose(sweeper.config, list(overrides))
    launcher.hydra_context = replace(launcher.hydra_context, config_loader=loader)


class _Composed:
    """A loader of configurations that keeps what it composed until somebody takes it."""

    def __init__(self, loader: ConfigLoader) -> None:
        self._loader = loader
        self._waiting: dict[tuple[str, ...], DictConfig] = {}

    def compose(self, master: DictConfig, overrides: list[str]) -> None:
        """Compose one job and keep it."""
        self._waiting[tuple(overrides)] = self._loader.load_sweep_config(master, overrides)

    def load_sweep_config(
        self, master_config: DictConfig, sweep_overrides: list[str]
    ) -> DictConfig:
        """What was composed, once: a job changes its configuration."""
        waiting = self._waiting.pop(tuple(sweep_overrides), None)
        if waiting is not None:
            return waiting
        return self._loader.load_sweep_config(master_config, sweep_overrides)

    def __getattr__(self, name: str) -> object:
        return getattr(self._loader, name)

    def __reduce__(self) -> tuple[Any, ...]:
        """Another process gets the loader alone: all jobs would be too much to send with each."""
        return _same, (self._loader,)


def _same(loader: ConfigLoader) -> ConfigLoader:
    return loader
