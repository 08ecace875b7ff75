"""Search in the real browser: whoever types a question, in own words or whole, finds the page that answers it."""

import re

import pytest

from conftest import NO_BROWSER, ROOT

pytestmark = pytest.mark.skipif(NO_BROWSER, reason="no Chromium: install Debian's package chromium")

# The words that readers type, under the pages that answer them; what the four threads ask, and other public questions.
WORDS = {
    "zigzag": [
        "why zigzag gradient updates if derivatives with respect to weights all positive or all negative",
        "all components same sign cause zig-zag intuition mathematical argument",
        "zig-zagging dynamics in gradient updates for the weights",
        "why is zig-zagging a problem",
        "does a smaller learning rate stop the zig-zag?",
    ],
    "batches": [
        "gradients added up across a batch variable signs mitigating",
        "dw = x.T @ dout after matrix product over the batch same sign",
    ],
    "residual": [
        "do skip connections make the activation function irrelevant?",
        "ResNet residual connections centered activations",
    ],
    "targets": [
        "should I standardize the target variable",
        "normalize regression targets of a neural network",
    ],
    "recurrent": [
        "why do LSTMs use sigmoid gates",
        "why tanh and not ReLU in RNN",
    ],
    "transformer": [
        "does zero-centered matter in transformers",
        "transformer block attention embeddings GELU",
    ],
    "symptoms": [
        "how do I detect zig-zag in my own network",
    ],
    "digits adam": [
        "does centering matter with Adam and mini-batches",
    ],
    "steepest_descent": [
        "is it similar to zig-zag of steepest descent?",
        "gradient steps not perpendicular to contour lines",
    ],
    "zigzag activations positivity same_sign relu": [
        "What is the problem with activation functions that only output positive values",
    ],
    "same_sign": [
        "derivative of sigmoid positive so all deltas are positive where is my mistake",
        "what does gradients on w all positive or all negative mean",
        "sign of upstream gradient fixed for a given loss all updates one way",
        "if all outputs are positive how can weights move down and left",
        "x > 0 all positive or all negative gradients which quadrant",
        "with sigmoids are all weight updates positive?",
    ],
    "centering": [
        "which needs to be centered, data or activations?",
        "remove mean across input variables as well as across examples",
    ],
    "centering positivity same_sign zigzag": [
        "how is centering related to all positive or negative gradients",
    ],
    "harm": [
        "does it hinder optimizer exploring loss surface or generalization",
    ],
    "reach": [
        "single vector can't span the space so search space is constrained",
        "how can a neural network change the sign of a weight",
    ],
    "relu activations": [
        "ReLU is non-negative too, why is it popular?",
        "aren't ReLUs popular",
    ],
    "tanh_or_sigmoid": [
        "tanh trains faster than sigmoid linearly related",
        "classes marked -1 and +1 tanh faster",
        "does it matter whether I take tanh or sigmoid?",
        "sigmoid layer plus linear map as powerful as tanh",
    ],
    "fisher": [
        "Fisher matrix natural gradient rigorous argument",
    ],
    "originals originals_recent": [
        "which papers make centering argument rigorous",
    ],
    "zigzag layer vanishing saturation tanh_or_sigmoid": [
        "Why the sigmoid activation function results in sub-optimal gradient descent?",
    ],
    "layer": [
        "upstream gradients of different signs healthy mixture of weight updates in a layer",
        "reduced entropy among weight updates",
        "zigzag in a subset of dimensions",
        "w1 and w3 positive, w2 and w4 negative two neurons",
    ],
    "saturation": [
        "sigmoid saturates at 0 or 1 small gradient",
        "after training hidden sigmoid activations all near 0 or 1",
        "tanh(3) is 1 so why start weights in [-1, 1]",
    ],
    "vanishing": [
        "maximum gradient of sigmoid 0.25 vanishing",
    ],
    "sigmoid_output": [
        "sigmoid output with binary cross-entropy not a problem",
        "output tanh labels -1/1 or 0/1",
        "why train towards targets 0.9 and 0.1",
        "tanh or sigmoid in hidden layer when output is continuous",
    ],
    "identity": [
        "activation function approximates identity near origin gradient approximately equal to its input",
        "why would the gradient approximate the input near zero",
    ],
    "small_gradients": [
        "near-zero gradients desirable at initialization",
        "does a small gradient mean close to a minimum",
    ],
    "initialization": [
        "special care when initializing the weights",
        "He initialization fan-in or fan-out",
        "kaiming uniform square root of 3",
        "why initialize weights with mean 0 and standard deviation 1/sqrt(n)",
    ],
    "relu": [
        "ReLU's expected value is not zero why does it work so well?",
        "zero factor in chain rule product why does ReLU learn anything",
        "neurons only values between 0 and 1 how does ReLU differ from identity",
    ],
    "atlas activations": [
        "which activation functions are zero-centered table",
    ],
    "images": [
        "zero mean and unit variance of image data per channel",
        "subtract the mean image ruins the colors",
        "mean of each pixel over all images standard deviation of all pixels",
        "negative pixel values after subtracting mean absolute value",
        "divide by 255 or subtract mean pixel VGG",
    ],
    "feature_scales": [
        "mathematical reason why feature scaling makes gradient descent faster",
        "different scales of features make an elliptical contour plot",
    ],
    "vanishing small_gradients": [
        "small gradients in early layers cost flat layers finished",
    ],
    "saturation initialization": [
        "standard input, weight and output values for neural network nodes",
    ],
    "batch_norm": [
        "is internal covariate shift the same as not zero-centered",
        "does RMS norm center activations?",
    ],
    "one_at_a_time": [
        "scikit-learn stochastic solver fragile on unscaled data",
    ],
    "bias": [
        "doesn't the bias take care of the mean?",
    ],
    "adam": [
        "do I need centering when I use Adam",
    ],
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
    const found = {}
    for (const words of queries) {
        await type("", () => !links().length)
        await type(words, () => links().length)
        found[words] = [...new Set(links().map(link => new URL(link.href).pathname.slice(1)))].slice(0, 3)
    }
    return found
}"""


def asked():
    """Words or a whole question, and the pages that may come up: from above, and from the page of all questions."""
    for pages, all_words in WORDS.items():
        for words in all_words:
            yield words, {f"{page}/" for page in pages.split()}
    for line in (ROOT / "docs/questions.md").read_text("utf-8").splitlines():
        if line.startswith("- "):
            question, *links = re.split(r",? \[[^\]]+\]\((\w+)\.md[^)]*\)", line[2:])
            yield question.replace("*", ""), {f"{page}/" for page in links if page}


@pytest.fixture
def ready(visit):
    """A page whose search has read its index, opened as readers do."""
    page = visit("bibliography/")
    page.locator("input.md-search__input").focus()
    page.locator(".md-search-result__meta", has_text="Type to start searching").wait_for()
    return page


def test_every_question_finds_its_page_among_the_first_three(ready):
    questions = dict(asked())
    assert len(questions) > 120
    found = ready.evaluate(ASK, list(questions))
    assert {words: found[words] for words, pages in questions.items() if not pages & set(found[words])} == {}


def test_one_word_finds_its_page(ready):
    """However it is spelled; and pages that stand behind the answers are still found by their names."""
    words = {"zigzag": "zigzag", "batchnorm": "batch_norm", "ReLUs": "relu", "Müller 1998": "originals"}
    words |= {name: name for name in ("glossary", "notation", "bibliography")}
    found = ready.evaluate(ASK, list(words))
    assert {word: found[word] for word, page in words.items() if f"{page}/" not in found[word]} == {}


def test_a_word_is_completed_and_marked_on_the_page_that_opens(ready):
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
