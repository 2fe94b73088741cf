"""docs/rosetta.md has a row for every name of Burn's tensors, and what stands beside it runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minigrad import Distribution, Tensor, activation, functional, where
from minigrad.backend import Autodiff, NdArray

PAGE = (Path(__file__).parents[1] / "docs" / "rosetta.md").read_text("utf-8")
CELL = r"((?:[^|\\]|\\.)*)"
ROW = re.compile(rf"^\|{CELL}\|{CELL}\|$", re.M)

METHODS = """
empty from_data from_data_dtype from_primitive zeros ones full zeros_like ones_like full_like random eye from_floats
random_like arange arange_step from_ints cartesian_grid from_bool triu_mask tril_mask diag_mask dims shape dtype
device into_primitive reshape transpose swap_dims permute movedim flip flatten squeeze squeeze_dims unsqueeze
unsqueeze_dim unsqueeze_dims expand repeat_dim repeat slice slice_assign narrow chunk split split_with_sizes
iter_dim gather scatter select select_assign mask_where mask_fill cat stack add add_scalar sub sub_scalar mul
mul_scalar div div_scalar remainder remainder_scalar neg sign abs powf powf_scalar powi powi_scalar clamp clamp_min
clamp_max exp log log1p erf recip sqrt cos sin tan cosh sinh tanh round floor ceil matmul cast int inplace cov
quantize quantize_dynamic dequantize sum mean prod max min max_abs sum_dim mean_dim prod_dim max_dim min_dim
max_abs_dim max_dim_with_indices min_dim_with_indices argmax argmin max_pair min_pair var var_bias var_mean
var_mean_bias any all any_dim all_dim equal not_equal greater greater_equal lower lower_equal equal_elem
not_equal_elem greater_elem greater_equal_elem lower_elem lower_equal_elem is_close all_close is_nan contains_nan
sort sort_descending sort_with_indices sort_descending_with_indices argsort argsort_descending topk
topk_with_indices float bitwise_and bitwise_or bitwise_xor bitwise_not bitwise_left_shift bitwise_right_shift
bitwise_and_scalar bitwise_or_scalar bitwise_xor_scalar bitwise_left_shift_scalar bitwise_right_shift_scalar
bool_not bool_and bool_or nonzero argwhere triu tril pad one_hot one_hot_fill bool into_data to_data into_scalar
into_data_async to_data_async into_scalar_async to_device backward grad grad_remove grad_replace inner from_inner
require_grad set_require_grad is_require_grad detach
"""

FUNCTIONS = """
relu leaky_relu gelu prelu softmax softmin softplus quiet_softmax log_softmax sigmoid hard_sigmoid log_sigmoid silu
mish tanh embedding conv1d conv2d conv3d deform_conv2d conv_transpose1d conv_transpose2d conv_transpose3d unfold4d
max_pool1d max_pool2d max_pool2d_with_indices avg_pool1d avg_pool2d adaptive_avg_pool1d adaptive_avg_pool2d
interpolate cross_entropy_with_logits
"""


def rows(after: str, before: str) -> list[tuple[str, str]]:
    """Both cells of each row of the page between two texts."""
    text = PAGE[PAGE.index(after) : PAGE.index(before, PAGE.index(after) + 1)]
    return [(left, right) for left, right in ROW.findall(text) if "`" in left]


METHOD_ROWS = rows("## Every method of Burn's tensors", "Functions of `burn::tensor::activation`")
FUNCTION_ROWS = rows("Functions of `burn::tensor::activation`", "## What differs on purpose")


def spans(cell: str) -> list[str]:
    return [code.replace("\\|", "|") for code in re.findall(r"`([^`]+)`", cell)]


@pytest.mark.parametrize(("table", "names"), [(METHOD_ROWS, METHODS), (FUNCTION_ROWS, FUNCTIONS)])
def test_every_name_of_burn_has_its_row(table: list[tuple[str, str]], names: str) -> None:
    told = [name for left, _ in table for name in spans(left)]
    assert sorted(told) == sorted(set(told)), "a name stands in two rows"
    assert set(told) == set(names.split())


def example() -> dict[str, Any]:
    device = Autodiff(NdArray(seed=1))
    x = Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], device).require_grad()
    y = Tensor([[0.5, 2.0, 1.0], [1.0, 3.0, 2.0]])
    k = Tensor([[1, 2, 3], [3, 1, 2]])
    return {
        "Tensor": Tensor, "Distribution": Distribution, "activation": activation, "functional": functional,
        "where": where, "np": np, "device": device, "x": x, "y": y, "n": k + 4, "k": k, "b": y > 1, "c": k == 2,
        "i": Tensor([1, 0, 1])[:2], "grads": (x * y).sum().backward(),
        "signal": Tensor(np.ones((1, 2, 4))), "image": Tensor(np.ones((1, 2, 4, 4))),
        "kernel1": Tensor(np.ones((2, 2, 3))), "kernel2": Tensor(np.ones((2, 2, 3, 3))),
    }  # fmt: skip


@pytest.mark.parametrize(("left", "right"), METHOD_ROWS + FUNCTION_ROWS)
def test_what_stands_beside_a_name_runs(left: str, right: str) -> None:
    codes = spans(right)
    assert codes or right.strip().startswith("none"), f"{left} has neither code nor a reason"
    for code in codes:
        assert eval(code, example()) is not None
