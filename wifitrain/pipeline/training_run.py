"""Training from end to end: prepare, learn, judge, publish, report."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from wifitrain.edge import DOCUMENT, PROFILES, kinship_bytes
from wifitrain.log import get_logger
from wifitrain.monitoring import ResourceMonitor
from wifitrain.pipeline.account import account_of, scored_frame
from wifitrain.pipeline.context import Outcome, RunContext, Stages
from wifitrain.pipeline.files import write_json, write_parquet
from wifitrain.pipeline.incident_bench import check_kinds, run_bench
from wifitrain.pipeline.package import package_of
from wifitrain.pipeline.profile_cost import profile_cost
from wifitrain.pipeline.report_run import PAGE
from wifitrain.pipeline.stage_progress import StageProgress
from wifitrain.pipeline.summary import closing_line, summary_table
from wifitrain.pipeline.watch import watch
from wifitrain.report import render_report, write_whole

if TYPE_CHECKING:
    import pandas as pd

    from wifitrain.monitoring import Monitoring
    from wifitrain.pipeline.incident_bench import BenchResult
    from wifitrain.pipeline.learning import Learned, Learning
    from wifitrain.pipeline.parts import Evaluator, Evidence, Featurizer, Store
    from wifitrain.pipeline.preparation import Preparation, Prepared
    from wifitrain.records import Json, PackageContents

__all__ = ["TrainingRun"]

_log = get_logger("wifitrain")


@dataclass(frozen=True, kw_only=True)
class TrainingRun:
    """All parts of a training, built before any data is read."""

    preparation: Preparation
    learning: Learning
    evaluation: Evaluator
    storage: Store
    monitoring: Monitoring
    full_features: Featurizer | None = None  # what features of the service are compared with

    def __post_init__(self) -> None:
        check_kinds(self.evaluation.incidents)

    def run(self, context: RunContext) -> Outcome:
        """Train, publish a version and write the run folder.

        Raises
        ------
        GateFailed : a gate failed and the configuration says error; the candidate is published.
        WifitrainError : whatever else ends the run; then no version is published.
        """
        self.storage.check_ready()
        engine = self.preparation.engine
        stages = Stages(progress=StageProgress(engine=engine) if context.progress else None)
        with ResourceMonitor(
            enabled=self.monitoring.resource_monitoring, limits=self.monitoring.resource_limits
        ) as resources:
            judged = self._judge(context, stages)
            account, package = self._package(context, judged)
            account["resources"] = {**resources.to_json(), **stages.to_json()}
            page = _Page(context, account, judged)
            if context.sweep is None:
                package = replace(package, pages={PAGE: page})
            with stages.timed("publish"):
                is_candidate = judged.evidence.storable_as == "candidate"
                stored = self.storage.write(package, candidate=is_candidate, sweep=context.sweep)
        account["model"] = {**account["model"], **asdict(stored)}
        account["resources"] = {**resources.to_json(), **stages.to_json()}
        _leave(context, account, page)
        _log.info("version published", version=stored.version, status=stored.status)
        judged.evidence.enforce()
        return Outcome(
            closing=closing_line(account, context.run_dir), tables=(summary_table(account),)
        )

    def _judge(self, context: RunContext, stages: Stages) -> _Judged:
        """Data in, detector and evidence out."""
        with ExitStack() as open_parts:
            open_parts.enter_context(self.preparation.engine)
            prepared = self.preparation.prepare(context, stages)
            if not self._asks_again(prepared):
                open_parts.close()  # what it holds is as large as learning needs
                _return_unused()
            learned = self.learning.learn(prepared.windows, stages)
            with stages.timed("incidents"):
                played = self._play(prepared, learned)
            with stages.timed("profile_cost"):
                cost = self._cost(prepared, learned, played)
        with stages.timed("evaluate"):
            evidence = self.evaluation.evaluate(
                prepared.windows, learned.parts, learned.trained, learned.scored
            )
            if played is not None:
                evidence = evidence.with_incidents(played.evidence)
        with stages.timed("monitor"):
            watched = watch(self.monitoring, prepared.windows, learned)
        account = account_of(prepared, learned, evidence, watched)
        account["evaluation"] = {**account["evaluation"], **cost, **_naming(played)}
        return _Judged(prepared, learned, played, evidence, account)

    def _package(
        self, context: RunContext, judged: _Judged
    ) -> tuple[dict[str, Any], PackageContents]:
        """The account, with what was made from what, and everything that the store writes."""
        account = dict(judged.account)
        package = package_of(context, judged.prepared, judged.learned, judged.evidence, account)
        package = _with_profiles(package, judged.played)
        account["digests"] = package.metadata["training_info"]["digests"]
        account["environment"] = package.metadata["model_info"]["environment"]
        account["command"] = context.command
        return account, package

    def _asks_again(self, prepared: Prepared) -> bool:
        """Whether lines and events are read once more: the engine stays open until that is done."""
        return prepared.has_lines and (self.evaluation.incidents.enabled or self._costs)

    @property
    def _costs(self) -> bool:
        """Whether it is asked what features of the service cost, and there are others."""
        is_asked = self.evaluation.profile_cost and self.preparation.features.is_service_profile
        return is_asked and self.full_features is not None

    def _play(self, prepared: Prepared, learned: Learned) -> BenchResult | None:
        return run_bench(prepared, learned, preparation=self.preparation, evaluator=self.evaluation)

    def _cost(
        self, prepared: Prepared, learned: Learned, played: BenchResult | None
    ) -> Mapping[str, Json]:
        """`profile_cost` where there is anything to tell."""
        if self.full_features is None or not self._costs or not prepared.has_lines:
            return {}
        cost = profile_cost(
            prepared,
            learned,
            played,
            reference=self.full_features,
            preparation=self.preparation,
            learning=self.learning,
            evaluator=self.evaluation,
        )
        return {"profile_cost": cost}


def _return_unused() -> None:
    """Give Arrow's unused pool back to the system: nothing large is read after X."""
    import pyarrow as pa

    pa.default_memory_pool().release_unused()


def _naming(played: BenchResult | None) -> dict[str, Json]:
    """What the nearest kind of incident in an explanation is worth."""
    if played is None or played.kinship is None:
        return {}
    profiles = played.kinship.profiles
    kinds: dict[str, Json] = {
        one.kind: {"called": one.called, "right": one.right} for one in profiles
    }
    return {"nearest_kind": {**played.kinship.summary(), "kinds": kinds}}


def _with_profiles(package: PackageContents, played: BenchResult | None) -> PackageContents:
    """With the profiles of incidents, where scoring can use them: beside an edge artefact."""
    if played is None or played.kinship is None or DOCUMENT not in package.extra_files:
        return package
    profiles = {PROFILES: kinship_bytes(played.kinship)}
    return replace(package, extra_files={**package.extra_files, **profiles})


@dataclass(frozen=True)
class _Judged:
    prepared: Prepared
    learned: Learned
    played: BenchResult | None
    evidence: Evidence
    account: Mapping[str, Any]

    @property
    def trials(self) -> pd.DataFrame | None:
        return None if self.played is None else self.played.trials


class _Page:
    """The report for people: drawn once, when the version has its name, for package and run.

    Pages of a sweep's jobs would take longer than its models: they are drawn when they are wanted
    (`ReportRun`).
    """

    def __init__(self, context: RunContext, account: Mapping[str, Any], judged: _Judged) -> None:
        self._context, self._account = context, account
        self.scored = scored_frame(judged.prepared.windows, judged.learned)
        self.trials = judged.trials
        self.text: str | None = None

    def __call__(self, version: str) -> str:
        self.text = render_report(
            {**self._account, "model": {**self._account["model"], "version": version}},
            self.scored,
            incidents=self.trials,
            config=self._context.config,
            command=self._context.command,
        )
        return self.text


def _leave(context: RunContext, account: Mapping[str, Any], page: _Page) -> None:
    """The files of the run folder: scores, injected incidents, the page, and the account."""
    write_parquet(context.run_dir / "windows.parquet", page.scored)
    if page.trials is not None:
        write_parquet(context.run_dir / "incidents.parquet", page.trials)
    if context.sweep is None:
        text = page.text or page(account["model"]["version"])
        write_whole(context.run_dir / PAGE, text)
    # Last: who finds it finds everything.
    write_json(context.run_dir / "report.json", account)
