"""What looks checked and is not, and numbers that nobody would draw again: refused, with a line."""

import pytest

from world.sites import copy_site, find_line, find_problems, new_site, share_folder, snippet

NUMPY = "import numpy as np\n"


def claim(*lines):
    return '\n\ndef claim_so(result):\n    """So."""\n' + "".join(f"    {line}\n" for line in lines)


def equation(*lines):
    return '\n\ndef equation_so():\n    r"""a = b"""\n' + "".join(f"    {line}\n" for line in lines)


SWALLOWED = {  # each claim or equation is wrong, or asserts nothing
    "except AssertionError": claim("try:", "    assert result.value == 2", "except AssertionError:", "    pass"),
    "bare except": claim("try:", "    assert result.value == 2", "except:", "    pass"),
    "except Exception": claim("try:", "    assert result.value == 2", "except Exception as error:", "    str(error)"),
    "suppress": claim(
        "from contextlib import suppress", "with suppress(AssertionError):", "    assert result.value == 2"
    ),
    "finally": claim(
        "for _ in range(1):", "    try:", "        assert result.value == 2", "    finally:", "        break"
    ),
    "of numpy": claim("try:", "    np.testing.assert_allclose(result.value, 2)", "except AssertionError:", "    pass"),
    "of a helper": "\n\ndef fit(value):\n    assert value == 2\n"
    + claim("try:", "    fit(result.value)", "except AssertionError:", "    pass", "assert result.value"),
    "after one that holds": claim(
        "assert result.value == 1", "try:", "    assert result.value == 2", "except AssertionError:", "    pass"
    ),
    "equation that does nothing": equation("return None"),
    "equation of a docstring": equation(),
    "equation that asserts True": equation("assert True"),
    "equation without draws": equation("return []"),
    "equation that swallows": equation("try:", "    assert 1 == 2", "except AssertionError:", "    pass"),
    "equation that reaches nothing": equation("for x in ():", "    assert x"),
}
HELD = {
    "another error": claim("try:", "    int('x')", "except ValueError:", "    pass", "assert result.value == 1"),
    "a number first": claim("assert 1 <= result.value <= 2"),
    "one first, with words": claim("assert 1 < result.value + 1, 'so'"),
    "equation that asserts": equation("assert 1 + 1 == 2"),
    "equation that asserts with numpy": equation("np.testing.assert_allclose(1, 1)"),
    "equation with a list": equation("return [{'a': 1.0, 'b': 1.0}]"),
}
UNSEEDED = {  # what stands before compute(), what it does, and the part that is at fault
    "legacy": (NUMPY, "value = float(np.random.rand())", "np.random.rand()"),
    "legacy without a seed": (NUMPY, "np.random.seed()\nvalue = float(np.random.rand())", "np.random.rand()"),
    "legacy of a module": (NUMPY + "X = np.random.normal()\n", "value = float(X)", "np.random.normal()"),
    "generator": (NUMPY, "value = float(np.random.default_rng().random())", "default_rng()"),
    "generator of None": (NUMPY, "value = float(np.random.default_rng( None ).random())", "default_rng("),
    "generator of a module": (
        "from numpy.random import default_rng\nRNG = default_rng()\n",
        "value = float(RNG.random())",
        "RNG = default_rng()",
    ),
    "state": (NUMPY, "value = float(np.random.RandomState().rand())", "RandomState()"),
    "Python": ("import random\n", "value = random.uniform(0, 1)", "random.uniform("),
    "choice of Python": ("import random\n", "value = random.choice([1, 2])", "random.choice("),
    "generator of Python": ("import random\n", "value = random.Random().random()", "random.Random()"),
}
SEEDED = {
    "generator": (NUMPY, "value = float(np.random.default_rng(4).random())"),
    "named": (NUMPY + "SEED = 3\n", "value = float(np.random.default_rng(seed=SEED).random())"),
    "legacy": (NUMPY, "np.random.seed(3)\nvalue = float(np.random.rand())"),
    "state": (NUMPY, "value = float(np.random.RandomState(3).rand())"),
    "Python": ("import random\n", "random.seed(0)\nvalue = random.choice([1, 2])"),
    "generator of Python": ("import random\n", "value = random.Random(7).random()"),
}
SEEDED["own names"] = (NUMPY, "rng = np.random.default_rng(1)\nvalue = float(rng.choice([1.0, 2.0]))")
INNER = {  # chance that only the libraries see: it starts alike in all runs
    "clusters": (
        NUMPY + "from sklearn.cluster import KMeans\n",
        "points = np.arange(40.0).reshape(-1, 1)\n"
        "value = float(KMeans(3, n_init=1).fit(points).cluster_centers_[0, 0])",
    ),
    "rvs": ("from scipy import stats\n", "value = float(stats.norm.rvs())"),
    "bootstrap": (
        NUMPY + "from scipy import stats\n",
        "value = float(stats.bootstrap((np.arange(9.0),), np.mean, n_resamples=20).standard_error)",
    ),
    "shuffle": ("from random import shuffle\n", "value = list(range(20))\nshuffle(value)"),
}


def make_site(folder, snippets):
    site = new_site(folder)
    names = {f"s{number}": text for number, text in enumerate(snippets)}
    site.write({f"snippets/{name}.py": text for name, text in names.items()})
    shown = [
        f"- {{{{ {name}.value | digits(9){' | list' if 'list(range' in text else ''} }}}}"
        for name, text in names.items()
    ]
    shown += [
        f"\n/// {kind} | {name}.so\n///\n"
        for name, text in names.items()
        for kind in ("claim", "equation")
        if f"def {kind}_so" in text
    ]
    return site.write({"docs/index.md": "# All\n\n" + "\n".join(shown) + "\n"})


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    """What a build says of each snippet, by kind and name, and the values of those whose chance is a library’s."""
    texts = {("swallowed", name): snippet("value = 1", NUMPY) + text for name, text in SWALLOWED.items()}
    texts |= {("held", name): snippet("value = 1", NUMPY) + text for name, text in HELD.items()}
    texts |= {("unseeded", name): snippet(body, before) for name, (before, body, _) in UNSEEDED.items()}
    texts |= {("seeded", name): snippet(body, before) for name, (before, body) in SEEDED.items()}

    def make(folder):
        output = make_site(folder / "site", texts.values()).check_refusal()
        found = {"/".join(key): find_problems(output, f"s{number}.py") for number, key in enumerate(texts)}
        inner = make_site(folder / "inner", [snippet(body, before) for before, body in INNER.values()])
        again = copy_site(inner, folder / "again")
        values = []
        for each in (inner, again):
            each.check_build()
            values.append([item.get_text() for item in each.soup("").main.find_all("li")])
        return {"found": found, "values": values}

    made = share_folder(tmp_path_factory, "checks", make)[1]
    return {"/".join(key): text for key, text in texts.items()}, made


@pytest.mark.parametrize("name", SWALLOWED)
def test_an_assertion_that_is_swallowed_checks_nothing(checked, name):
    texts, made = checked
    ((line, what),) = made["found"][f"swallowed/{name}"]
    assert line == find_line(texts[f"swallowed/{name}"], "def claim_so" if "claim_so" in what else "def equation_so")
    assert "equation_so() yields no bindings" in what or "claim_so() catches an assertion that fails" in what, what


@pytest.mark.parametrize("name", HELD)
def test_an_assertion_that_holds_is_taken(checked, name):
    assert checked[1]["found"][f"held/{name}"] == []


@pytest.mark.parametrize("name", UNSEEDED)
def test_chance_without_a_seed_is_refused(checked, name):
    texts, made = checked
    ((line, what),) = made["found"][f"unseeded/{name}"]
    assert line == find_line(texts[f"unseeded/{name}"], UNSEEDED[name][2]) and "without a seed" in what


@pytest.mark.parametrize("name", SEEDED)
def test_chance_with_a_seed_is_taken(checked, name):
    assert checked[1]["found"][f"seeded/{name}"] == []


def test_chance_of_libraries_is_the_same_in_all_runs(checked):
    first, second = checked[1]["values"]
    assert first == second and len(first) == len(INNER)
