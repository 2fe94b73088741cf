"""What a record tells about a result: where its first NaN was born, how it was made, how its gradients come about.

`where_nan`, `show`, `mermaid` and `explain` return text that shows itself: a REPL and a notebook show it without
quotes, and a program prints it.
"""

from .backward import explain
from .graph import mermaid, show
from .nan import where_nan
from .places import lines

__all__ = ["explain", "lines", "mermaid", "show", "where_nan"]
