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
    "gradients all positive sigmoid cs231n": "zigzag same_sign",
    "why are only positive activations bad": "zigzag positivity same_sign activations",
    "zero mean inputs faster convergence": "zigzag centering feature_scales digits harm",
    "sigmoid vs tanh which converges faster": "tanh_or_sigmoid",
    "leaky relu zero centered": "atlas activations relu",
    "vanishing gradient sigmoid derivative": "vanishing saturation",
    "exploding gradients what to do": "clipping batch_norm_depth diverges loss_curves recurrent_relu",
    "gradient norm clipping max_norm 1.0": "clipping",
    "adam eps 1e-8 too small": "clipping",
    "why normalize images before cnn": "images convolution",
    "divide pixels by 255": "images",
    "imagenet mean std values": "pretrained images",
    "minmaxscaler or standardscaler neural network": "min_max",
    "fit scaler on train only": "min_max",
    "one hot encoding multicollinearity intercept": "coding",
    "dummy variable trap": "coding",
    "why scale features gradient descent": "feature_scales",
    "do decision trees need scaling": "boosting limits",
    "random forest normalization needed": "boosting limits",
    "learning rate too high diverges": "stable_step diverges step_size edge_of_stability",
    "how to choose learning rate": "stable_step step_size calculator",
    "loss oscillates": "edge_of_stability step_size loss_curves",
    "validation loss nan batchnorm eval": "train_eval",
    "model.eval() worse accuracy": "train_eval",
    "batch size 1 batch norm": "train_eval",
    "layernorm vs batchnorm": "batch_norm norm_gradients transformer",
    "rmsnorm why no mean": "batch_norm transformer norm_gradients",
    "bias before batchnorm": "redundant",
    "conv bias=False batchnorm": "redundant",
    "xavier vs he initialization": "initialization gains",
    "glorot uniform formula": "initialization constants originals_recent",
    "weights initialized to zero symmetry": "initialization",
    "dead neurons relu negative bias": "dead_units",
    "neuron always outputs zero": "dead_units",
    "lstm forget gate bias 1": "forget_gate",
    "rnn tanh instead of relu": "recurrent_relu",
    "skip connection vanishing gradient": "residual stream_growth vanishing",
    "pre-ln post-ln warmup": "transformer_depth stream_growth",
    "embeddings collapse to a cone": "transformer_depth uncentered collapse output_embeddings",
    "cosine similarity too high between all sentences": "uncentered transformer_depth",
    "pca without centering": "uncentered",
    "sklearn ConvergenceWarning logistic regression max_iter": "solvers",
    "perfect separation glm warning": "solvers",
    "condition number regression warning statsmodels": "solvers ill_conditioned",
    "polyfit poorly conditioned": "ill_conditioned",
    "center before interaction term moderation analysis": "polynomial_features limits",
    "mean centering reduces multicollinearity": "polynomial_features limits bias ill_conditioned",
    "weight decay on bias": "adamw least_norm",
    "adamw vs adam l2": "adamw",
    "muon optimizer newton schulz": "orthogonalized",
    "natural gradient invariance": "fisher invariances originals_methods",
    "hessian eigenvalue spectrum outliers": "whole_network",
    "sharpness aware minimization": "flat_minima",
    "momentum 0.9 how much faster": "adam nesterov",
    "conjugate gradient iterations condition number": "calculator steepest_descent originals_methods zigzag",
    "advantage normalization ppo": "baselines returns",
    "reward scaling reinforcement learning": "returns baselines",
    "fp16 loss nan": "low_precision diverges clipping label_range",
    "bf16 weights stop updating": "low_precision",
    "int8 quantization zero point": "exported low_precision",
    "lora alpha rank scaling": "lora",
    "xgboost base score": "boosting",
    "lat lon features neural network": "coordinates",
    "timestamp input neural net": "coordinates unscaled low_precision",
    "target normalization regression neural network": "targets",
    "output always the mean of targets": "loss_curves targets coordinates ill_conditioned",
    "network predicts constant": "loss_curves hinges ill_conditioned",
    "loss stuck at ln 2": "loss_curves",
    "cross entropy 2.303": "loss_curves",
    "softmax twice": "sigmoid_output",
    "mse with sigmoid output slow": "sigmoid_output loss_below",
    "label smoothing": "sigmoid_output label_range",
    "mup learning rate width transfer": "width",
    "stable diffusion scaling factor 0.18215": "diffusion",
    "siren omega 30": "siren",
    "physics informed neural network input scaling": "siren coordinates",
    "zca whitening cifar": "whitening",
    "internal covariate shift": "batch_norm",
    "why tanh output minus one to one labels": "sigmoid_output tanh_or_sigmoid coding",
    "lecun 1998 efficient backprop tricks": "originals",
    "stochastic gradient one sample at a time zigzag": "one_at_a_time",
    "minibatch cancels zig zag": "batches",
    "saddle point or minimum small gradient": "small_gradients",
    "how many seeds": "comparing",
    "gradient pointing same direction consecutive steps negative cosine": "symptoms zigzag",
    "pytorch hook print activations mean": "symptoms",
    "stan divergent transitions centered parameterization": "solver_messages",
    "liblinear regularized intercept": "intercept_scaling",
}

UNANSWERED = [  # queries that no page answers
    "best laptop", "asdfgh qwerty", "kubernetes ingress nginx", "what is the capital of France", "cooking pasta",
    "docker compose volumes", "react useEffect cleanup", "pandas groupby", "stock market prediction",
    "blockchain consensus",
]  # fmt: skip

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


def test_query_of_digits_finds_a_page_without_highlighting_them(ready):
    ready.locator("input.md-search__input").fill("0 1 or \u22121 1")
    ready.locator("input.md-search__input").press("Shift")
    first = ready.locator(".md-search-result__item a").first
    first.wait_for()
    assert "h=" not in first.get_attribute("href") or "1" not in first.get_attribute("href").split("h=")[1]
    assert not ready.locator(".md-search-result__terms").first.is_visible()


def test_query_that_no_page_answers_finds_nothing(ready):
    """Find nothing even if pages have its common words, and few pages for a query that is answered."""
    assert {words: pages for words, pages in ready.evaluate(ASK, UNANSWERED).items() if pages} == {}
    ready.evaluate(ASK, ["which learning rate is too large"])
    assert int(ready.locator(".md-search-result__meta").inner_text().split()[0]) < 40


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
