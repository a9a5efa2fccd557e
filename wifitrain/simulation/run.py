"""What ``wifitrain -cn simulate`` runs: one simulation written to one export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from wifitrain.errors import ConfigError
from wifitrain.simulation.simulator import Simulator
from wifitrain.simulation.writing import check_shape, labels_beside, write_export

if TYPE_CHECKING:
    from wifitrain.records import Json

__all__ = ["SimulateRun"]


class SimulateRun:
    """Writes a simulation as an export with its labels.

    Parameters
    ----------
    simulation : what to simulate.
    path : the export to write; .gz and .zst compress, .parquet goes with shape E10.
    shape : E1 (as the service exports, newest first), E2, E9 (syslog text) or E10 (NDJSON).
    labels_path : CSV of the incidents' intervals; null puts it beside the export.
    indent : E1 and E2 with every field on its own line.
    pri : E9 with the syslog priority in front of each line.

    Raises
    ------
    ConfigError
        A value that cannot be used.
    """

    def __init__(
        self,
        *,
        simulation: Simulator,
        path: str,
        shape: str = "E1",
        labels_path: str | None = None,
        indent: bool = False,
        pri: bool = True,
    ) -> None:
        if not isinstance(simulation, Simulator):
            raise ConfigError(f"simulation must be a simulator, got {simulation!r}")
        if not isinstance(path, str) or not path:
            raise ConfigError(f"path must name the export to write, got {path!r}")
        if labels_path is not None and not isinstance(labels_path, str):
            raise ConfigError(f"labels_path must be text or null, got {labels_path!r}")
        for key, value in (("indent", indent), ("pri", pri)):
            if not isinstance(value, bool):
                raise ConfigError(f"{key} must be true or false, got {value!r}")
        check_shape(shape, Path(path))
        self.simulation, self.shape, self.indent, self.pri = simulation, shape, indent, pri
        self.path = Path(path)
        self.labels_path = Path(labels_path) if labels_path else labels_beside(self.path)

    def run(self, run_dir: Path | None = None) -> dict[str, Json]:  # noqa: ARG002
        """Write the files and say what was written; `run_dir` is where other programs report.

        Raises
        ------
        SimulationError
            A file cannot be written; nothing is left half-written.
        """
        rows = write_export(
            self.simulation,
            self.path,
            self.shape,
            indent=self.indent,
            pri=self.pri,
            labels_path=self.labels_path,
        )
        return {
            "status": "ok",
            "path": str(self.path),
            "labels_path": str(self.labels_path),
            "shape": self.shape,
            "rows": rows,
            "bytes": self.path.stat().st_size,
            "incidents": len(self.simulation.labels()),
            "access_points": len(self.simulation.hosts),
        }
