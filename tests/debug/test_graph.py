"""show and mermaid: the graph as text."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from minigrad import Module, Tensor, debug, grad, lift, rule, where
from minigrad.backend import Autodiff, NdArray
from minigrad.debug.text import Diagram, Text, brief, count, describe, escape
from minigrad.errors import ConfigError, DtypeError
from minigrad.nn import Linear, LinearConfig
from minigrad.nn.loss import BinaryCrossEntropyLossConfig


def leaf(values: object) -> Tensor:
    return Tensor(values).require_grad()


def shows(text: str, expected: str) -> None:
    assert text == expected.strip("\n")


class Model(Module):
    linear1: Linear
    linear2: Linear

    def forward(self, input: Tensor) -> Tensor:
        return self.linear2(self.linear1(input).relu())


DEVICE = Autodiff(NdArray(seed=1))
MODEL = Model(LinearConfig(2, 16).init(DEVICE), LinearConfig(16, 1).init(DEVICE))


def loss_of_model() -> Tensor:
    output = MODEL(Tensor(np.ones((150, 2))))
    bce = BinaryCrossEntropyLossConfig(logits=True).init(DEVICE)
    return bce(output.squeeze(1), Tensor(np.ones(150, np.int64)))


def chain(n: int) -> Tensor:
    x = leaf(1.0)
    for _ in range(n):
        x = x + 1.0
    return x


# --- show ---------------------------------------------------------------------------------------------------


def test_a_model() -> None:
    shows(
        debug.show(loss_of_model(), MODEL),
        """
linear1.weight                                              float32 (2, 16)    parameter
linear1.bias                                                float32 (16,)      parameter
linear2.weight                                              float32 (16, 1)    parameter
linear2.bias                                                float32 (1,)       parameter
%1 = linear(float32(150, 2), linear1.weight, linear1.bias)  float32 (150, 16)
%2 = relu(%1)                                               float32 (150, 16)
%3 = linear(%2, linear2.weight, linear2.bias)               float32 (150, 1)
%4 = ravel(%3)                                              float32 (150,)
%5 = bce_with_logits(%4, float32(150,))                     float32 ()
""",
    )


def test_a_shared_node_is_named_once() -> None:
    a = leaf(1.0)
    b = a + a
    shows(
        debug.show(b + b, {"a": a, "b": b}),
        """
a               float32 ()  leaf
b = add(a, a)   float32 ()
%1 = add(b, b)  float32 ()
""",
    )


def test_numbers_constants_and_static_arguments() -> None:
    x = Tensor([[1.0, 2.0, 3.0]] * 4).require_grad()
    y = (x * 2 + Tensor(3.0))[1:, ::2] * Tensor([1, 2])
    z = where(np.ones((3, 2), bool), y[None, ..., np.array([0, 1])], 0.5)
    calls = [line.split("  ")[0] for line in debug.show(z.take([0, 0], axis=1).permute_dims((2, 1, 0))).splitlines()]
    assert calls[1:] == [
        "%2 = mul(%1, 2)",
        "%3 = add(%2, 3.0)",
        "%4 = getitem(%3, index=(1:, ::2))",
        "%5 = mul(%4, float32(2,))",
        "%6 = getitem(%5, index=(None, ..., int64(2,)))",
        "%7 = where(%6, 0.5, mask=bool(3, 2))",
        calls[7],
        "%9 = permute_dims(%8, axes=(2, 1, 0))",
    ]


def test_a_leaf_alone_and_one_that_is_not_tracked() -> None:
    assert debug.show(leaf(np.zeros((0, 2)))) == "%1  float32 (0, 2)  leaf"
    assert debug.show(Tensor([1, 2])) == "%1  int64 (2,)  not tracked"


def test_what_is_not_tracked_may_have_a_name_too() -> None:
    x = Tensor([[1.0, 2.0]])
    assert "linear(x, weight, bias)" in debug.show(
        MODEL.linear1(x), {"x": x, "weight": MODEL.linear1.weight, "bias": MODEL.linear1.bias}
    )


def test_the_lines_of_the_program() -> None:
    x = leaf([1.0])
    with debug.lines():
        y = x.exp()
    (line,) = [line for line in debug.show(y).splitlines() if "exp" in line]
    assert re.fullmatch(r"%2 = exp\(%1\)  float32 \(1,\)  test_graph\.py:\d+: y = x\.exp\(\)", line)


def test_a_long_graph_is_shortened() -> None:
    shows(
        debug.show(chain(100_000), limit=5),
        """
%1                           float32 ()  leaf
%2 = add(%1, 1.0)            float32 ()
... 99,996 more ...
%99999 = add(%99998, 1.0)    float32 ()
%100000 = add(%99999, 1.0)   float32 ()
%100001 = add(%100000, 1.0)  float32 ()
""",
    )
    assert len(debug.show(chain(100)).splitlines()) == 61
    assert len(debug.show(chain(59)).splitlines()) == 60
    assert debug.show(chain(3), limit=1) == "... 3 more ...\n%4 = add(%3, 1.0)  float32 ()"


@pytest.mark.parametrize("function", [debug.show, debug.mermaid, debug.explain])
@pytest.mark.parametrize("limit", [0, -3, 2.5, None])
def test_a_limit_is_a_number_of_nodes(function: Any, limit: Any) -> None:
    with pytest.raises(ConfigError) as error:
        function(chain(1), limit=limit)
    assert str(error.value) == f"limit={limit!r}: it is the most nodes to show, an integer of at least 1"


@pytest.mark.parametrize("name", ["show", "mermaid", "explain"])
def test_what_is_no_tensor(name: str) -> None:
    with pytest.raises(DtypeError) as error:
        getattr(debug, name)(np.ones(3))
    assert str(error.value) == f"debug.{name} of a ndarray: give the tensor that the loss is"


def test_inside_and_after_grad() -> None:
    texts = []

    def f(x: Tensor) -> Tensor:
        y = x * x
        texts.append(debug.show(y, {"x": x}))
        return y

    w = leaf(3.0)
    assert grad(f)(2.0).item() == 4
    assert texts == ["x = variable(2.0)  float32 ()\n%1 = mul(x, x)     float32 ()"]
    higher = debug.show(grad(lambda x: x * x * w)(2.0), {"w": w})
    assert higher.startswith("w ")
    assert "variable(2.0)" in higher


# --- mermaid ------------------------------------------------------------------------------------------------


def test_a_flowchart() -> None:
    x, w = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    y = x * w
    shows(
        debug.mermaid((y * y).sum(), {"x": x, "w": w}),
        """
flowchart TD
    n0(["x<br/>float32 (2,)"])
    n1(["w<br/>float32 (2,)"])
    n2["%1 = mul(x, w)<br/>float32 (2,)"]
    n3["%2 = mul(%1, %1)<br/>float32 (2,)"]
    n4["%3 = sum(%2, axis=None, keepdims=False)<br/>float32 ()"]
    n0 --> n2
    n1 --> n2
    n2 --> n3
    n2 --> n3
    n3 --> n4
""",
    )


def test_what_is_left_out_of_a_flowchart_is_one_box() -> None:
    x = leaf(1.0)
    y = x
    for _ in range(20_000):
        y = y + x
    shows(
        debug.mermaid(y, limit=3),
        """
flowchart TD
    n0(["%1<br/>float32 ()"])
    n19999["%20000 = add(%19999, %1)<br/>float32 ()"]
    n20000["%20001 = add(%20000, %1)<br/>float32 ()"]
    more["... 19,998 more ..."]
    n0 --> n19999
    n19999 --> n20000
    n0 --> n20000
    n0 --> more
    more --> n19999
""",
    )


LABEL = re.compile(r' {4}n\d+(\[|\(\[)"([^"\n]*)"(\]|\]\))')
EDGE = re.compile(r" {4}(n\d+|more) --> (n\d+|more)")


@pytest.mark.parametrize(
    "name", ['"]', "a\n%% b", "%%{init: {}}%%", "`x`", "end", "#quot;", "<script>", "a\x1b[31m", "\u202e", "x" * 500]
)
def test_hostile_names_are_escaped(name: str) -> None:
    def same(K: Any, x: Any) -> Any:
        return x * 1, lambda g: g

    same.__name__ = name
    x = leaf([1.0])
    y = lift(rule()(same))(x).sum()
    first, *rest = debug.mermaid(y, {name: x}).split("\n")
    assert first == "flowchart TD"
    assert all(LABEL.fullmatch(line) or EDGE.fullmatch(line) for line in rest)
    assert not re.search('%%|[`<>;](?!br/|>|")', re.sub(r"#\d+;|<br/>|-->", "", "\n".join(rest)))
    for text in (debug.show(y, {name: x}), debug.explain(y, {name: x})):
        assert text.replace("\n", "").isprintable()
        assert max(map(len, text.split("\n"))) < 200
    assert len(debug.show(y, {name: x}).split("\n")) == 3


# --- text ---------------------------------------------------------------------------------------------------


def test_text_shows_itself() -> None:
    text = debug.show(leaf(1.0))
    assert isinstance(text, Text)
    assert repr(text) == str(text) == "%1  float32 ()  leaf"
    assert text._repr_markdown_() == "```\n%1  float32 ()  leaf\n```"
    assert debug.mermaid(leaf(1.0))._repr_markdown_().startswith("```mermaid\nflowchart TD\n")
    assert Diagram("a ```` b")._repr_markdown_() == "`````mermaid\na ```` b\n`````"


def test_arrays_in_words() -> None:
    assert describe(np.float32(0.1)) == "0.1"
    assert describe(np.array([[1, 2], [3, 4]])) == "[[1, 2], [3, 4]]"
    assert describe(np.array([0.1, 1e-9, -0.0, np.nan], np.float32)) == "[0.1, 1e-09, -0.0, nan]"
    assert describe(np.arange(9.0)) == "float64 (9,), from 0 to 8"
    assert describe(np.full((3, 3), 0.1)) == "float64 (3, 3), all 0.1"
    assert describe(np.array([np.nan, np.inf, *[1.0] * 9])) == "float64 (11,), all 1, 1 NaN and 1 infinite of 11 values"
    assert describe(np.full(9, np.nan)) == "float64 (9,), 9 NaN of 9 values"
    assert describe(np.zeros((0, 3))) == "float64 (0, 3), no elements"
    assert describe(np.arange(20) > 3) == "bool (20,), from 0 to 1"
    assert count(np.array(np.inf)) == "1 infinite of 1 value"


def test_full_digits_whatever_the_print_options() -> None:
    with np.printoptions(precision=2, threshold=2, linewidth=10, suppress=True):
        assert describe(np.array([1 / 3, 1e-7, 2])) == "[0.3333333333333333, 1e-07, 2.0]"


def test_static_arguments_in_words() -> None:
    assert brief((1, None, ..., slice(None), slice(1, None, -1))) == "(1, None, ..., :, 1::-1)"
    assert brief((1,)) == "(1,)"
    assert brief(np.dtype("float32")) == "float32"
    assert len(brief(list(range(100)))) < 40
    assert len(brief(tuple(range(100)))) < 40
    assert brief("a\nb") == r"'a\nb'"
    assert escape("\ud800") == r"\ud800"
