"""Search in the real browser: a typed question, in the reader's own words or ours, finds the page that answers it."""

import pytest

from conftest import NO_BROWSER, ROOT
from zigzag_site.pages import read_site

pytestmark = pytest.mark.skipif(NO_BROWSER, reason="no Chromium: install Debian's package chromium")

# Queries in words that no front matter of ours foresees, and the pages that answer them.
OTHER_WORDS = {
    "sigmoid not zero-centered": "zigzag activations centering same_sign",
    "sigmoid outputs are not zero-centered": "zigzag activations centering same_sign",
    "why is relu better than sigmoid": "relu activations",
    "loss is NaN": "diverges loss_curves",
    "loss not decreasing": "loss_curves symptoms",
    "loss goes up and down": "loss_curves edge_of_stability",
    "training is slow": "loss_curves symptoms",
    "diagnose slow training": "symptoms loss_curves",
    "my network does not learn": "symptoms loss_curves",
    "zig-zagging dynamics in gradient updates": "zigzag",
    "normalize regression targets": "targets",
    "kaiming uniform square root of 3": "initialization",
    "does zero-centered matter in transformers": "transformer",
    "w1 and w3 positive, w2 and w4 negative two neurons": "layer",
}

ASK = """async queries => {
    const input = document.querySelector("input.md-search__input")
    const links = () => [...document.querySelectorAll(".md-search-result__item > a.md-search-result__link")]
    const type = async (words, done) => {
        const since = performance.now()
        input.value = words
        input.dispatchEvent(new KeyboardEvent("keyup", {bubbles: true}))
        while (!done() && performance.now() - since < 5000) await new Promise(resolve => setTimeout(resolve))
    }
    const results = {}
    for (const words of queries) {
        await type("", () => !links().length)
        await type(words, () => links().length)
        results[words] = [...new Set(links().map(link => new URL(link.href).pathname.slice(1)))].slice(0, 3)
    }
    return results
}"""


def list_questions():
    """Map each wording of a question to the addresses of the pages whose front matter has it."""
    pages = {}
    for page in read_site(ROOT).pages:
        for words, _ in page.asked():
            pages.setdefault(words, set()).add(f"{page.path.removesuffix('.md')}/")
    return pages


@pytest.fixture
def ready(visit):
    """A page whose search has loaded its index."""
    page = visit("bibliography/")
    page.locator("input.md-search__input").focus()
    page.locator(".md-search-result__meta", has_text="Type to start searching").wait_for()
    return page


def test_every_question_finds_its_page_in_the_first_three_results(ready):
    questions = list_questions()
    assert len(questions) > 120
    results = ready.evaluate(ASK, list(questions))
    assert {words: results[words] for words, pages in questions.items() if not pages & set(results[words])} == {}


def test_queries_in_other_words_find_a_page_that_answers(ready):
    results = ready.evaluate(ASK, list(OTHER_WORDS))
    pages = {words: {f"{page}/" for page in answers.split()} for words, answers in OTHER_WORDS.items()}
    assert {words: results[words] for words in OTHER_WORDS if not pages[words] & set(results[words])} == {}


def test_one_word_finds_its_page(ready):
    """Find words in other spellings, and reference pages by their names."""
    words = {"zigzag": "zigzag", "batchnorm": "batch_norm", "ReLUs": "relu", "Müller 1998": "originals"}
    words |= {name: name for name in ("glossary", "notation", "bibliography")}
    results = ready.evaluate(ASK, list(words))
    assert {word: results[word] for word, page in words.items() if f"{page}/" not in results[word]} == {}


def test_every_number_of_two_digits_is_found(ready):
    """Find numbers as prefixes of longer ones, some of which lunr by itself takes for words that no page has."""
    numbers = [str(number) for number in range(10, 100)]
    results = ready.evaluate(ASK, numbers)
    assert [number for number in numbers if not results[number]] == []


def test_query_is_completed_and_highlighted_on_the_page_that_opens(ready):
    ready.keyboard.type("internal covar", delay=20)
    ready.locator(".md-search__suggest", has_text="internal covariate").wait_for()
    ready.keyboard.press("ArrowRight")
    assert ready.locator("input.md-search__input").input_value() == "internal covariate"
    first = ready.locator(".md-search-result__item").first
    first.locator("mark").first.wait_for(state="attached")
    first.locator("a").first.click()
    ready.wait_for_url("**/batch_norm/?h=*")
    marks = ready.locator("article mark[data-md-highlight]")
    marks.first.wait_for()
    assert {mark.lower() for mark in marks.all_inner_texts()} >= {"internal covariate", "covariate"}
