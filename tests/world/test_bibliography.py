"""Bibliographies as others write them: mathematics in titles, fields of BibLaTeX, several files, and errors in them."""

import pytest

from world.sites import find_problems

ONE = r"""@article{one.2020, author = {Ann One and others}, title = {Rates in {$L_1$}: the $O(n^2)$ case, for $5},
  year = {2020}, journal = {J}, doi = {https://doi.org/10.1000/x_y}}
@online{DBLP:conf/nips/Two21, author = {Bob Two}, title = {Two}, date = {2021-03-01}, url = {https://example.org/$a$}}
@misc{five, author = {Ed Five}, title = {\emph{E. coli} in {\it vitro}, for \$6}, howpublished = {\url{example.org/x}}}
@artwork{three+b, author = {Cy Three}, title = {Three}, year = {1999}}
"""
TWO = "@book{four, author = {Di Four}, title = {Four}, publisher = {P}, year = {1980}}\n"
CITATIONS = "[@one.2020], [@DBLP:conf/nips/Two21], [@three+b], [@four] and [@five]"
PAGE = f"# One\n\nBy {CITATIONS}.\n\n/// bibliography | one.bib\n///\n"


def test_works_in_common_notations_are_listed_and_cited(site):
    site.write({"docs/one.bib": ONE, "docs/two.bib": TWO, "docs/one.md": PAGE})
    site.write({"docs/two.md": "# Two\n\nBy [@one.2020].\n\n/// bibliography | two.bib\n///\n"}).check_build()
    page = site.soup("one/").main
    labels = [link.get_text() for link in page.find_all("a", class_="reference")]
    assert labels == ["One et al. (2020)", "Two (2021)", "Three (1999)", "Four (1980)", "Five (no date)"], page
    assert "\\" not in page.get_text() and "E. coli in vitro, for $6" in " ".join(page.get_text().split()), page
    assert len(page.find_all("math")) == 2 and "case, for $5" in page.get_text(), page
    assert page.find("a", href="https://doi.org/10.1000/x_y") and page.find("a", href="https://example.org/$a$")
    assert site.soup("two/").main.find("a", href="../one/#one.2020")


def test_error_is_reported_once_with_its_line_however_many_pages_cite(site):
    site.write({"docs/one.md": PAGE, "docs/two.md": "# Two\n\nBy [@one.2020].\n"})
    for text, line, words in (
        (ONE.replace("year = {2020}, ", ""), 1, "missing year in one.2020"),
        (ONE + "@book{six, title = {Six}, year = {1}, publisher = {P}}\n", 6, "no author and no editor in six"),
        (ONE + "\n@book{six, title = {", 7, "end of file"),
        (ONE.replace("$L_1$", r"$\nonsense$"), 1, "nonsense"),
        (ONE.replace("{Two}, date", r"{\nonsense{Two}}, date"), 3, r"\nonsense is no address"),
    ):
        output = site.write({"docs/one.bib": text}).check_refusal()
        messages = find_problems(output, "docs/one.md")
        assert "1 problem:" in output and len(messages) == 1 and messages[0][0] == 5, output
        assert f"docs/one.bib:{line}: it cannot be read: " in messages[0][1] and words in messages[0][1], output


ALIKE = """@book{a, author = {Gabriel Goh}, title = {One in 2017}, year = 2017, publisher = {P}}
@book{b, author = {Gabriel Goh}, title = {Two}, year = {2017}, publisher = {P}}
@online{c, author = {Gabriel Goh}, title = {Three}, date = {2017-05-01}}
@book{d, author = {Gabriel Goh}, title = {Four}, year = 2018, publisher = {P}}
@misc{e, author = {Ann Lee}, title = {Five}}
@misc{f, author = {Ann Lee}, title = {Six}}
@book{g, author = {Bo Lo}, title = {Seven}, year = {2017b}, publisher = {P}}
@book{h, author = {Bo Lo}, title = {Eight}, year = {2017a}, publisher = {P}}
"""
LABELS = "Goh (2017a)|Goh (2017b)|Goh (2017c)|Goh (2018)|Lee (no datea)|Lee (no dateb)|Lo (2017b)|Lo (2017a)".split("|")


def test_works_of_the_same_author_and_year_are_told_apart(site):
    """In the text and in the list, in the order of the file; the author’s own letters stay."""
    cited = " ".join(f"[@{key}]" for key in "abcdefgh")
    site.write({"docs/alike.bib": ALIKE, "docs/one.md": f"# One\n\n{cited}\n\n/// bibliography | alike.bib\n///\n"})
    site.check_build()
    page = site.soup("one/").main
    assert [link.get_text() for link in page.find_all("a", class_="reference")] == LABELS
    listed = [item.get_text() for item in page.find("ul", class_="references").find_all("li")]
    for number, (label, text) in enumerate(zip(LABELS, listed)):
        assert (f"[{label}]" in text) == (number not in (3, 6, 7)), text
    assert "One in 2017" in listed[0] and "2017b" in listed[6]


@pytest.mark.parametrize(
    "text",
    ["", "% nothing yet\n", "@comment{x}\n@string{a = {b}}\n", "TY  - JOUR\nAU  - A\nER  -\n", '[{"id": "x"}]\n'],
)
def test_file_without_entries_is_refused(site, text):
    """Also one of another format."""
    site.write({"docs/one.bib": text, "docs/one.md": "# One\n\ntext\n\n/// bibliography | one.bib\n///\n"})
    assert find_problems(site.check_refusal(), "docs/one.md") == [
        (5, "docs/one.bib holds no entry: write one, or name another file")
    ]
