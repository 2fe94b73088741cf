"""einops and SciPy on tensors: the values are theirs on arrays, and gradients flow through."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from minigrad import Tensor
from minigrad.backend import NdArray
from minigrad.testing import check_gradients

WIDE = NdArray(seed=1, dtype=np.float64)
IMAGES = np.random.default_rng(0).normal(size=(2, 4, 6, 3))


# --- einops: the module `einops.array_api` takes any array of the standard --------------------------------------------


@pytest.mark.parametrize(
    "call",
    [
        lambda e, x: e.rearrange(x, "b h w c -> b c h w"),
        lambda e, x: e.rearrange(x, "b (h h2) (w w2) c -> b h w (c h2 w2)", h2=2, w2=3),
        lambda e, x: e.rearrange([x, x * 2], "n b h w c -> (b n) (h w) c"),
        lambda e, x: e.reduce(x, "b (h h2) (w w2) c -> b h w c", "max", h2=2, w2=2),
        lambda e, x: e.reduce(x, "b h w c -> b c", "mean"),
        lambda e, x: e.reduce(x, "b h w c -> b 1 1 c", "prod"),
        lambda e, x: e.repeat(x, "b h w c -> b (h 2) w (c n)", n=2),
        lambda e, x: e.repeat(x[0, 0, 0], "c -> c new", new=3),
        lambda e, x: e.pack([x, x[:, 0]], "b * c")[0],
    ],
)
def test_einops(call: Callable[[Any, Any], Any]) -> None:
    einops = pytest.importorskip("einops")
    from einops import array_api

    result = call(array_api, Tensor(IMAGES, WIDE))
    assert isinstance(result, Tensor)
    np.testing.assert_allclose(result.numpy(), call(einops, IMAGES), rtol=1e-12)
    check_gradients(lambda x: call(array_api, x), IMAGES, order=1, samples=20)


# --- SciPy, which reads when it is imported whether it should take arrays of the standard -----------------------------

SCIPY = {
    "special.softmax": "special.softmax(x, axis=1)",
    "special.xlogy": "special.xlogy(x, 2 * x)",
    "stats.gmean": "stats.gmean(x, axis=1)",
    "stats.skew": "stats.skew(x, axis=1)",
    "stats.kurtosis": "stats.kurtosis(x, axis=1)",
    "stats.circmean": "stats.circmean(x, axis=1)",
    "stats.directional_stats": "stats.directional_stats(x).mean_direction",
    "integrate.trapezoid": "integrate.trapezoid(x, axis=1)",
    "integrate.cumulative_trapezoid": "integrate.cumulative_trapezoid(x, axis=1)",
    "optimize.rosen": "optimize.rosen(x)",
    "spatial.transform.Rotation": "spatial.transform.Rotation.from_rotvec(x[:, :3]).as_matrix()",
}
# They write into the arrays that they make, which of tensors nobody can: docs/standards.md
WRITING = {
    "special.logsumexp": "special.logsumexp(x, axis=1)",
    "stats.zscore": "stats.zscore(x, axis=1)",
}

PROGRAM = """
import json, sys
import numpy as np
from scipy import integrate, optimize, spatial, special, stats
from minigrad import Tensor
from minigrad.backend import NdArray
from minigrad.testing import check_gradients

array = np.random.default_rng(0).uniform(0.2, 2.0, size=(3, 5))
found = {}
for name, text in json.loads(sys.argv[1]).items():
    call = eval(f"lambda x: {text}")
    try:
        result = call(Tensor(array, NdArray(dtype=np.float64)))
        assert isinstance(result, Tensor), type(result)
        np.testing.assert_allclose(result.numpy(), call(array), rtol=1e-10)
        check_gradients(call, array, order=1)
        found[name] = "works"
    except Exception as error:
        found[name] = f"{type(error).__name__}: {error}"
x = Tensor(array, NdArray(dtype=np.float64))
assert special.expit(x).dtype == np.float64, "by way of NumPy and back it keeps its width"
print(json.dumps(found))
"""


def test_scipy(run_python: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("scipy", minversion="1.17")
    monkeypatch.setitem(os.environ, "SCIPY_ARRAY_API", "1")
    found = json.loads(run_python(PROGRAM, json.dumps(SCIPY | WRITING)))
    assert {name: found[name] for name in SCIPY} == dict.fromkeys(SCIPY, "works")
    assert all("no item assignment" in found[name] for name in WRITING)
