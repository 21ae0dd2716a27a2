"""Docstrings in the known styles tell of each parameter; anything else is prose."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmring._core.docstrings import Documented, read

GOOGLE = """Tell the weather.

    It is often right: not always.

    Args:
        city (str, optional): Where,
            and more: of it.
        *days: When.
        unit: C or F.

            More on units.
        untold:

    Returns:
        words: for people
    """
NUMPY = """Tell the weather.

    Parameters
    ----------
    city : {"Lisbon", "Porto"}
        Where,
        and more of it.
    low, high : int, default 3
        Both bounds.
    **rest
    untold

    Returns
    -------
    str
        Words.
    """
SPHINX = """Tell the weather.

    :param city: Where,
        and more of it.
    :param int days: When.
    :type days: int
    :keyword unit: C or F.
    :raises ValueError: sometimes
        often
    :returns: words
    """


@pytest.mark.parametrize(
    "docstring, parameters",
    [
        (GOOGLE, {"city": "Where, and more: of it.", "days": "When.", "unit": "C or F. More on units."}),
        (NUMPY, {"city": "Where, and more of it.", "low": "Both bounds.", "high": "Both bounds."}),
        (SPHINX, {"city": "Where, and more of it.", "days": "When.", "unit": "C or F."}),
    ],
    ids=["google", "numpy", "sphinx"],
)
def test_styles(docstring: str, parameters: dict[str, str]) -> None:
    """What is said of parameters is found; what is said of results is not taken for it."""
    said = read(docstring)
    assert said.parameters == parameters
    assert said.text.startswith("Tell the weather.")
    assert "eturns" not in said.text


def test_prose_stays() -> None:
    """All before the first section is what the function does."""
    assert read(GOOGLE).text == "Tell the weather.\n\nIt is often right: not always."
    assert read("Note: this is prose.\n\nExample: so is that.") == Documented("Note: this is prose.\n\nExample: so is that.", {})
    assert read(None) == read("") == Documented("", {})


def test_empty_sections() -> None:
    """A section may have nothing in it."""
    assert read("Do it.\n\nArgs:\n") == Documented("Do it.", {})
    assert read("Do it.\n\nArgs:\n    nothing to be told of here\n").parameters == {}


@given(st.text(alphabet=st.sampled_from(":@ -\n\tabArgsParametrsReturnsparam*()"), max_size=200))
def test_any_text_is_read(text: str) -> None:
    """No docstring is an error."""
    said = read(text)
    assert all(said.parameters.values())
