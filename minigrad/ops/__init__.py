"""Operations with more to say about their arguments than one line: functions, which `Tensor` names as its methods."""
