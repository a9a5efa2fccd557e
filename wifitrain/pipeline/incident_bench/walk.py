"""The incident bench from end to end: plan, play, copy, rebuild, judge, sum up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wifitrain.cache import remembered
from wifitrain.evaluation.bench import pooled_recalls, summarise_trials
from wifitrain.evaluation.incidents import IncidentEvidence
from wifitrain.evaluation.mixture import measure_mixture
from wifitrain.log import get_logger
from wifitrain.pipeline.files import json_digest
from wifitrain.pipeline.incident_bench.contexts import context_events, context_spans
from wifitrain.pipeline.incident_bench.injection import play
from wifitrain.pipeline.incident_bench.outcome import accounts_of, trial_frame, trials_of
from wifitrain.pipeline.incident_bench.profiles import kinship_of
from wifitrain.pipeline.incident_bench.scorers import judge
from wifitrain.pipeline.incident_bench.speakers import speakers_of
from wifitrain.pipeline.incident_bench.touched import check_controls, touched_windows
from wifitrain.pipeline.incident_bench.trials import plan_trials
from wifitrain.records import CALIBRATION, TEST

if TYPE_CHECKING:
    import pandas as pd

    from wifitrain.edge import Kinship
    from wifitrain.evaluation.incidents import ContextCheck
    from wifitrain.evaluation.mixture import Mixture
    from wifitrain.pipeline.incident_bench.injection import Played
    from wifitrain.pipeline.incident_bench.scorers import Verdicts
    from wifitrain.pipeline.incident_bench.touched import Touched
    from wifitrain.pipeline.incident_bench.trials import Plan
    from wifitrain.pipeline.learning import Learned
    from wifitrain.pipeline.parts import Evaluator
    from wifitrain.pipeline.preparation import Preparation, Prepared
    from wifitrain.records import Json, Parts, WindowTable

__all__ = ["BenchResult", "run_bench"]

_log = get_logger("wifitrain")
_NO_STATIONS = "windows of stations: incidents happen to access points (features.entity)"
_NO_LINES = "a ready table has no log lines to play incidents into"
_NO_DIALECT = "no access point of this log speaks a dialect that incidents can be told in"


@dataclass(frozen=True, kw_only=True)
class BenchResult:
    """The evidence, one row for each trial (None where nothing was played), and profiles.

    `kinship` tells what kind of incident an alert resembles; None where no incident alerted.
    """

    evidence: IncidentEvidence
    trials: pd.DataFrame | None
    kinship: Kinship | None = None


def run_bench(
    prepared: Prepared, learned: Learned, *, preparation: Preparation, evaluator: Evaluator
) -> BenchResult | None:
    """Play incidents into the test part and see who notices; None where the bench is off.

    The engine must be open. Background is parsed and windowed once more only where an incident
    is, in one pass for all of them.
    """
    settings = evaluator.incidents
    if not settings.enabled:
        return None
    if not prepared.has_lines:
        return _nothing(_NO_LINES)
    if prepared.windows.account.get("entity") == "station":
        return _nothing(_NO_STATIONS)
    scene = _scene_of(prepared, learned.parts, preparation=preparation, evaluator=evaluator)
    if not scene.plan.trials:
        reasons = sorted(set(scene.plan.no_place.values()))
        return _nothing("; ".join(reasons) or _NO_DIALECT, plan=scene.plan)
    return _judged(scene, prepared.windows, learned, evaluator=evaluator)


@dataclass(frozen=True, kw_only=True)
class _Scene:
    """What was played and what became of it: the same for every model of these windows."""

    plan: Plan
    played: Sequence[Played] = ()
    touched: Touched | None = None
    context: ContextCheck | None = None


def _scene_of(
    prepared: Prepared, parts: Parts, *, preparation: Preparation, evaluator: Evaluator
) -> _Scene:
    """The scene, or that of an earlier job of this process.

    It knows the addresses of stations: it stays in memory and out of the cache's files.
    """

    def make() -> _Scene:
        return _scene(prepared, parts, preparation=preparation, evaluator=evaluator)

    if prepared.made_of is None:
        return make()
    made_of: dict[str, Json] = {
        "windows": prepared.made_of,
        "parts": ",".join(parts.name),
        "settings": repr(vars(evaluator.incidents)),
        "random_state": evaluator.random_state,
    }
    return remembered("incident_bench.scene", json_digest(made_of), make)


def _scene(
    prepared: Prepared, parts: Parts, *, preparation: Preparation, evaluator: Evaluator
) -> _Scene:
    windows, settings = prepared.windows, evaluator.incidents
    plan = plan_trials(
        settings,
        windows,
        parts,
        speakers=speakers_of(prepared.events, prepared.logs),
        random_state=evaluator.random_state,
    )
    if not plan.trials:
        return _Scene(plan=plan)
    played = [play(one, random_state=evaluator.random_state) for one in plan.trials]
    spans = context_spans(played, windows, settings)
    engine = preparation.engine
    events = context_events(engine, preparation.events, prepared.events, spans=spans, told=played)
    rebuilt = preparation.features.build(engine.embedded, events, columns=list(windows.X.columns))
    return _Scene(
        plan=plan,
        played=played,
        touched=touched_windows(rebuilt, played, spans=spans),
        context=check_controls(rebuilt, windows, played, spans=spans),
    )


def _nothing(why: str, *, plan: Plan | None = None) -> BenchResult:
    _log.warning("no incident was played", why=why)
    return BenchResult(
        evidence=IncidentEvidence(
            inexpressible=plan.inexpressible if plan else {},
            no_place=plan.no_place if plan else {},
            not_measured={"bench": why},
        ),
        trials=None,
    )


def _judged(
    scene: _Scene, windows: WindowTable, learned: Learned, *, evaluator: Evaluator
) -> BenchResult:
    plan, played, touched, context = scene.plan, scene.played, scene.touched, scene.context
    if touched is None or context is None:
        raise RuntimeError("nothing was played")
    verdicts = judge(touched, windows, learned, random_state=evaluator.random_state)
    frame = trial_frame(played, touched, verdicts)
    trials = trials_of(frame, verdicts)
    _warn(context)
    evidence = IncidentEvidence(
        recalls=summarise_trials(trials),
        overall=pooled_recalls(trials),
        incidents=accounts_of(
            frame, touched, verdicts, contamination=learned.calibration.contamination
        ),
        inexpressible=plan.inexpressible,
        no_place=plan.no_place,
        unsaid={one.trial.speaker.name: one.trial.speaker.unsaid for one in played},
        background_alert_rate={name: one.background for name, one in verdicts.alerts.items()},
        not_measured=verdicts.not_measured,
        mixture=_mixture(verdicts, learned, evaluator=evaluator),
        context=context,
        gate=evaluator.incidents.gate,
    )
    kinship = kinship_of(played, touched, verdicts, windows=windows, learned=learned)
    return BenchResult(evidence=evidence, trials=frame, kinship=kinship)


def _mixture(verdicts: Verdicts, learned: Learned, *, evaluator: Evaluator) -> Mixture:
    scored, parts = learned.scored, learned.parts
    return measure_mixture(
        background=scored.score[parts.rows(TEST)],
        touched=verdicts.judgement.score,
        calibration=scored.score[parts.rows(CALIBRATION)],
        threshold=scored.threshold,
        metrics=evaluator.metrics,
        grid=sorted({*evaluator.threshold_grid, scored.contamination}),
    )


def _warn(context: ContextCheck) -> None:
    if context.equal < context.compared:
        _log.warning(
            "copies of background without an incident differ from the full run:"
            " raise evaluation.incidents.context_h",
            windows=context.compared,
            equal=context.equal,
            features=list(context.differing),
        )
