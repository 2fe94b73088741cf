"""Every exception and warning of minigrad.

Each error is also the builtin that Python would have raised, so `except ValueError` keeps working:

    MinigradError
    ├── ShapeError          (ValueError)       shapes that do not fit
    │   └── PositionError   (IndexError)       a position outside of its axis
    ├── DtypeError          (TypeError)        a dtype that the operation does not take
    ├── DeviceError         (ValueError)       a device that cannot be
    ├── GradientError       (RuntimeError)     a derivative that cannot be taken
    ├── ConfigError         (ValueError)       a Config field or file
    ├── LossInputError      (ValueError)       values that a loss is not defined for
    ├── NonFiniteError      (ArithmeticError)  NaN or infinity where a number was needed
    ├── LinalgError         (LinAlgError)      a matrix that is singular, not positive definite, or not finite
    ├── DatasetError        (ValueError)       a dataset that does not keep its word
    ├── LoaderError         (RuntimeError)     a loader, a batcher or one of its workers
    │   └── LengthError     (TypeError)        a number of batches that nobody knows beforehand
    ├── RecordError         (ValueError)       a record or its file
    ├── CheckpointError     (RuntimeError)     a checkpoint that is missing or not whole
    ├── MetricError         (ValueError)       an output that a metric cannot read
    ├── NamespaceError      (AttributeError)   what the array API has and minigrad has not; also a ValueError
    ├── LearnerError        (RuntimeError)     the training loop's setting
    ├── UnusedResultError   (RuntimeError)     a new model that was thrown away
    ├── CheckError          (AssertionError)   a gradient, rule, dataset or metric that minigrad.testing found wrong
    └── MissingExtraError   (ImportError)      an optional library that is not installed

    MinigradWarning         (UserWarning)

A message has three parts: what was wrong with the user's own numbers, where, and what to write instead.
It is worded in the package that raises it.

>>> issubclass(ShapeError, ValueError) and issubclass(ShapeError, MinigradError)
True
"""

from __future__ import annotations

from numpy.linalg import LinAlgError

__all__ = [
    "CheckError",
    "CheckpointError",
    "ConfigError",
    "DatasetError",
    "DeviceError",
    "DtypeError",
    "GradientError",
    "LearnerError",
    "LengthError",
    "LinalgError",
    "LoaderError",
    "LossInputError",
    "MetricError",
    "MinigradError",
    "MinigradWarning",
    "MissingExtraError",
    "NamespaceError",
    "NonFiniteError",
    "PositionError",
    "RecordError",
    "ShapeError",
    "UnusedResultError",
]


class MinigradError(Exception):
    """What every error of minigrad is."""


class ShapeError(MinigradError, ValueError):
    """Shapes that do not fit each other or the operation."""


class PositionError(ShapeError, IndexError):
    """A position that an axis does not have, or an index with more axes than the tensor."""


class DtypeError(MinigradError, TypeError):
    """A dtype that the operation does not take."""


class DeviceError(MinigradError, ValueError):
    """A device that cannot be, such as `Autodiff(Autodiff(...))`."""


class GradientError(MinigradError, RuntimeError):
    """A derivative that cannot be taken, or a rule that returned a wrong one."""


class ConfigError(MinigradError, ValueError):
    """A field of a Config, or a file of one, that cannot be used."""


class LossInputError(MinigradError, ValueError):
    """Values that a loss is not defined for."""


class NonFiniteError(MinigradError, ArithmeticError):
    """NaN or infinity where a number was needed."""


class LinalgError(MinigradError, LinAlgError):
    """A matrix that is singular, not positive definite, or not finite; also NumPy's `LinAlgError`, a `ValueError`."""


class DatasetError(MinigradError, ValueError):
    """A dataset that is empty or does not keep its word about its length."""


class LoaderError(MinigradError, RuntimeError):
    """A loader's setting, its batcher, or one of its workers failed."""


class LengthError(LoaderError, TypeError):
    """The number of batches of a loader whose batch strategy decides as items come; `list(loader)` does not mind."""


class RecordError(MinigradError, ValueError):
    """A record or its file that cannot be read, written or loaded into a model."""


class CheckpointError(MinigradError, RuntimeError):
    """A checkpoint that is missing, not whole, or of something else."""


class MetricError(MinigradError, ValueError):
    """An output that a metric cannot read."""


class NamespaceError(MinigradError, AttributeError, ValueError):
    """A name, a version or a promise of the array API that minigrad does not have; a `ValueError` too."""


class LearnerError(MinigradError, RuntimeError):
    """A setting of the Learner, or a step that did not return what it must."""


class UnusedResultError(MinigradError, RuntimeError):
    """A new model was thrown away: `optim.step` returns one and leaves the old one as it was."""


class CheckError(MinigradError, AssertionError):
    """A gradient, rule, dataset or metric that `minigrad.testing` found wrong; `law` is the law that it breaks."""

    law = ""


class MissingExtraError(MinigradError, ImportError):
    """An optional library that is not installed."""


class MinigradWarning(UserWarning):
    """What every warning of minigrad is."""
