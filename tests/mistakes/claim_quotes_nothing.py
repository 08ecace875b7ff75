# expects 21: claim_answer() quotes {{ anser }}: no value of claim_quotes_nothing is called ‘anser’; did you mean ‘answer’?
"""What goes wrong here?

A claim quotes what is not there.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    answer: float
    "A number."


def compute() -> Result:
    return Result(answer=1.0)


def claim_answer(result: Result) -> None:
    """The answer is {{ anser }}."""
    assert result.answer
