"""Linear algebra, by the names of the array API and of `numpy.linalg`.

Matrices stand in the last two axes, the axes before them are a batch. Gradients go through everything, to any order,
but for what says otherwise; Ints become the device's float type where NumPy's would become Float. A matrix that cannot
be worked with raises `LinalgError`, which is also NumPy's `LinAlgError` and says which one of the batch it is; shapes
that do not fit raise `ShapeError`.
"""

from .decompositions import EighResult, QRResult, SVDResult, cholesky, eigh, eigvalsh, qr, svd, svdvals
from .inverses import SlogdetResult, det, inv, matrix_power, matrix_rank, pinv, slogdet, solve
from .norms import matrix_norm, norm, vector_norm
from .products import cross, diagonal, matmul, matrix_transpose, outer, tensordot, trace, vecdot

__all__ = [
    "EighResult", "QRResult", "SVDResult", "SlogdetResult", "cholesky", "cross", "det", "diagonal", "eigh", "eigvalsh",
    "inv", "matmul", "matrix_norm", "matrix_power", "matrix_rank", "matrix_transpose", "norm", "outer", "pinv", "qr",
    "slogdet", "solve", "svd", "svdvals", "tensordot", "trace", "vecdot", "vector_norm",
]  # fmt: skip
