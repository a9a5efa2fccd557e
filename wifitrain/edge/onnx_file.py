"""model.onnx on demand: python -m wifitrain.edge.onnx_file models/model_<version> [model.onnx].

One graph of double precision: X (n, n_features) to score (n,), the whole forest a single
TreeEnsemble node (ai.onnx.ml 5). The guard and its reasons stay in model.json. Needs the extra
`onnx`.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from wifitrain.edge.reading import load_folder
from wifitrain.errors import PackageError, WifitrainError

if TYPE_CHECKING:
    from wifitrain.edge.forest import Forest
    from wifitrain.edge.model import EdgeModel, Preparation

__all__ = ["onnx_bytes"]

_OPSETS = (("", 18), ("ai.onnx.ml", 5))
_IR_VERSION = 9
_SUM, _LESS_OR_EQUAL = 1, 0


def onnx_bytes(model: EdgeModel) -> bytes:
    """The bytes of model.onnx: input `X`, output `score`; higher = more anomalous.

    Raises
    ------
    PackageError : the extra `onnx` is not installed.
    """
    onnx = _library()
    prepared, constants = _preparation(model.preparation)
    constants |= {
        "normaliser": np.array(-(model.forest.normaliser or 1.0)),
        "two": np.array(2.0),
        "flat": np.array([-1]),
    }
    nodes = [
        *prepared,
        ("Cast", ["prepared"], "single", {"to": onnx.TensorProto.FLOAT}),
        ("Cast", ["single"], "double", {"to": onnx.TensorProto.DOUBLE}),
        ("TreeEnsemble", ["double"], "path", _trees(model.forest, onnx)),
        ("Div", ["path", "normaliser"], "exponent", {}),
        ("Pow", ["two", "exponent"], "column", {}),
        ("Reshape", ["column", "flat"], "score", {}),
    ]
    return _graph(onnx, nodes, constants, n_features=len(model.features))


def _library() -> Any:  # noqa: ANN401 - an optional library
    try:
        return import_module("onnx")
    except ImportError as error:
        raise PackageError(
            "model.onnx needs the extra 'onnx': pip install wifitrain[onnx]"
        ) from error


def _preparation(preparation: Preparation) -> tuple[list[Any], dict[str, np.ndarray]]:
    """Choice of columns, medians and scale as nodes from `X` to `prepared`."""
    constants = {"used": preparation.used.astype(np.int64), "fill": preparation.fill}
    nodes: list[Any] = [
        ("Gather", ["X", "used"], "chosen", {"axis": 1}),
        ("IsNaN", ["chosen"], "undefined", {}),
    ]
    if preparation.center is None or preparation.scale is None:
        return [*nodes, ("Where", ["undefined", "fill", "chosen"], "prepared", {})], constants
    nodes += [
        ("Where", ["undefined", "fill", "chosen"], "filled", {}),
        ("Sub", ["filled", "center"], "centred", {}),
        ("Div", ["centred", "scale"], "prepared", {}),
    ]
    return nodes, constants | {"center": preparation.center, "scale": preparation.scale}


def _trees(forest: Forest, onnx: Any) -> dict[str, Any]:  # noqa: ANN401 - an optional library
    """Attributes of the TreeEnsemble: inner nodes and leaves are numbered apart."""
    node = np.arange(len(forest.feature))
    child = forest.child.reshape(-1, 2)
    is_leaf = child[:, 0] == node
    # A tree that is one leaf gets a root of which both sides are that leaf.
    bare = forest.roots[is_leaf[forest.roots]]
    number = np.where(is_leaf, np.cumsum(is_leaf), np.cumsum(~is_leaf)) - 1
    inner = np.concatenate([node[~is_leaf], bare])
    root_number = number.copy()
    root_number[bare] = (~is_leaf).sum() + np.arange(len(bare))
    left, right = child[inner].T  # a leaf's child is itself
    threshold = np.where(is_leaf, 0.0, forest.threshold)
    path_length = forest.path_length[is_leaf].astype(np.float64)
    if not forest.normaliser:  # forests of single windows score 1/2 by convention
        path_length[:] = 1 / len(forest.roots)
    tensor = onnx.numpy_helper.from_array
    return {
        "aggregate_function": _SUM,
        "n_targets": 1,
        "tree_roots": root_number[forest.roots].tolist(),
        "nodes_featureids": forest.feature[inner].tolist(),
        "nodes_modes": tensor(np.full(len(inner), _LESS_OR_EQUAL, np.uint8)),
        "nodes_splits": tensor(threshold[inner].astype(np.float64)),
        "nodes_truenodeids": number[left].tolist(),
        "nodes_trueleafs": is_leaf[left].astype(int).tolist(),
        "nodes_falsenodeids": number[right].tolist(),
        "nodes_falseleafs": is_leaf[right].astype(int).tolist(),
        "leaf_targetids": [0] * int(is_leaf.sum()),
        "leaf_weights": tensor(path_length),
    }


def _graph(
    onnx: Any,  # noqa: ANN401 - an optional library
    nodes: list[Any],
    constants: dict[str, np.ndarray],
    *,
    n_features: int,
) -> bytes:
    make, double = onnx.helper, onnx.TensorProto.DOUBLE
    made = [
        make.make_node(
            kind,
            inputs,
            [output],
            domain="ai.onnx.ml" if kind == "TreeEnsemble" else "",
            **attributes,
        )
        for kind, inputs, output, attributes in nodes
    ]
    graph = make.make_graph(
        made,
        "wifitrain",
        [make.make_tensor_value_info("X", double, [None, n_features])],
        [make.make_tensor_value_info("score", double, [None])],
        [onnx.numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    opsets = [make.make_opsetid(domain, version) for domain, version in _OPSETS]
    model = make.make_model(graph, opset_imports=opsets, producer_name="wifitrain")
    model.ir_version = _IR_VERSION
    onnx.checker.check_model(model)
    content: bytes = model.SerializeToString(deterministic=True)
    return content


def main(arguments: list[str]) -> int:
    """Write model.onnx for a package folder; 0 = written."""
    if not 1 <= len(arguments) <= 2:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    target = Path(arguments[1] if len(arguments) > 1 else "model.onnx")
    try:
        target.write_bytes(onnx_bytes(load_folder(Path(arguments[0]))))
    except (WifitrainError, OSError) as error:
        sys.stderr.write(f"wifitrain: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
