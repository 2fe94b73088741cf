"""The demos on real data, and on tables that anybody might bring."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import minigrad
from minigrad.errors import DatasetError

DEMOS = Path(__file__).parents[1] / "demos"
SHARED = ("columns", "csv_table", "perceptron", "script", "table")


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Demos import each other as scripts do; here they are forgotten again, as their names are anybody's."""
    monkeypatch.syspath_prepend(str(DEMOS))
    for name in SHARED:
        monkeypatch.delitem(sys.modules, name, raising=False)


def columns() -> ModuleType:
    return import_module("columns")


def ran(demo: str, *options: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(Path(minigrad.__file__).parents[1]), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, "-W", "error", str(DEMOS / demo), *options],
        env=environment, cwd=folder, capture_output=True, text=True, encoding="utf-8", timeout=120,
    )  # fmt: skip


def said(demo: str, *options: str, folder: Path) -> str:
    done = ran(demo, *options, folder=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


# --- scikit-learn's sets --------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", ["42", "0"])
def test_breast_cancer(seed: str, tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    end = said("breast_cancer.py", "--seed", seed, folder=tmp_path).partition("On 113 tumours")[2]  # it asserts itself
    assert "always saying benign would be right for 62.9%" in end
    assert (tmp_path / "artifacts/breast_cancer/test/held out/AUROC.log").exists()


def test_wine(tmp_path: Path) -> None:
    datasets = pytest.importorskip("sklearn.datasets")
    end = said("wine.py", folder=tmp_path).partition("In per cent")[2].splitlines()[1:]
    table = {line[:34].strip(): line[34:].split() for line in end if line.startswith("  ")}
    assert all(len(figures) == 3 for figures in table.values())
    counts = np.array([[int(each) for each in table[f"class_{k}"]] for k in range(3)])
    shares = np.bincount(datasets.load_wine().target) / 5  # dealt out, each class by its share
    assert counts.sum() == 35 and (abs(counts.sum(1) - shares) < 1).all()
    assert float(table["Accuracy"][2]) == pytest.approx(100 * counts.trace() / 35, abs=0.05)
    assert float(table["Recall @ TopK(1) [Macro]"][2]) == pytest.approx(
        100 * (counts.diagonal() / counts.sum(1)).mean(), abs=0.05
    )
    assert float(table["Accuracy"][2]) > 85


@pytest.mark.skipif(os.name != "posix", reason="a pipe of POSIX")
@pytest.mark.parametrize("demo", ["breast_cancer.py", "wine.py", "csv_table.py"])
def test_a_closed_pipe(demo: str, tmp_path: Path) -> None:
    if demo == "csv_table.py":
        write(tmp_path / "a.csv", [["x", "y"], *[[i / 7, i % 2] for i in range(40)]])
        options = [str(tmp_path / "a.csv"), "--target", "y", "--epochs", "1"]
    else:
        pytest.importorskip("sklearn")
        options = ["--epochs", "1"]
    reading, output = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, str(DEMOS / demo), *options],
        env={**os.environ, "PYTHONPATH": str(Path(minigrad.__file__).parents[1])},
        cwd=tmp_path, stdout=output, stderr=subprocess.PIPE, text=True, timeout=120,
    )  # fmt: skip
    os.close(output)
    assert (done.returncode, "Traceback" in done.stderr) == (141, False), done.stderr


def test_the_library_of_the_data_is_named(tmp_path: Path) -> None:
    (tmp_path / "sklearn.py").write_text("raise ImportError('not here')")
    done = subprocess.run(
        [sys.executable, "-c", f"import runpy; runpy.run_path({str(DEMOS / 'wine.py')!r}, run_name='__main__')"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(DEMOS), str(DEMOS.parent)])},
        cwd=tmp_path, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    expected = "MissingExtraError: this demo's data comes with scikit-learn: pip install scikit-learn\n"
    assert (done.returncode, done.stderr) == (1, expected)


# --- what the demos of tables share ---------------------------------------------------------------------


@pytest.mark.parametrize("classes", [np.repeat([0, 1, 2], [50, 5, 31]), np.repeat(["a", "b"], [7, 8]), np.zeros(77)])
def test_a_split_deals_out_every_row_and_every_class(classes: np.ndarray) -> None:
    split = import_module("table").split
    parts = split(classes, 3)
    assert sorted(np.concatenate(parts)) == list(range(len(classes)))
    assert all(map(np.array_equal, parts, split(classes, 3)))
    assert not any(map(np.array_equal, parts, split(classes, 4)))
    for part, share in zip(parts, (0.6, 0.2, 0.2)):
        for each in set(classes):
            count = (classes[part] == each).sum()
            assert count >= 1 and abs(count - share * (classes == each).sum()) <= 1


def test_a_scale_knows_the_training_rows_alone() -> None:
    table = import_module("table")
    known = np.array([[1.0, 7.0], [3.0, 7.0]])
    scale = table.Standardise(table.table(known, np.zeros(2)))
    new = table.table(np.array([[2.0, 7.0], [5.0, 8.0]]), np.ones(2))
    assert [scale.map(row).features for row in new] == [(0.0, 0.0), (3.0, 1.0)]
    by_column = scale.map_batch(new.get_batch(np.arange(2))).column("features")
    assert by_column.tolist() == [[0.0, 0.0], [3.0, 1.0]]


# --- columns of a CSV -----------------------------------------------------------------------------------


def write(path: Path, rows: list[list[object]], delimiter: str = ",", encoding: str = "utf-8") -> Path:
    with open(path, "w", newline="", encoding=encoding) as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


ALL = np.arange(20)
ONCE = [f"{i}a" for i in range(21)]


@pytest.mark.parametrize(
    ("name", "cells", "told"),
    [
        ("id", [str(i + 100) for i in range(20)], "left out: it numbers the rows"),
        ("user_id", [str(7 * i) for i in range(20)], "left out: it numbers the rows"),
        ("userId", [str(7 * i) for i in range(20)], "left out: it numbers the rows"),
        ("paid", [str(7 * i) for i in range(20)], "numbers from 0 to 133"),
        ("a", [f"{i}.5" for i in range(20)], "numbers from 0.5 to 19.5"),
        ("a", ["1e400", *["3", "4"] * 15],
         "numbers from 3 to 4; 1 cell such as '1e400' taken for missing; the missing (1) become the mean, and a number "
         "says which"),
        ("a", ["", "NA", *["3", "5"] * 9],
         "numbers from 3 to 5; the missing (2) become the mean, and a number says which"),
        ("a", [*["3", "5"] * 10, "nan"], "numbers from 3 to 5; the missing (1) become the mean"),
        ("a", ["", "NA", "?", "None", "n/a"] * 4, "left out: it is empty"),
        ("a", ["x"] * 20, "left out: it is 'x' in every row"),
        ("a", ["x", "y"] * 10, "2 words, a 0 or 1 for each: 'x', 'y'"),
        ("a", ["x", ""] * 10, "1 word, a 0 or 1 for each: 'x'; to be missing (10) is a word too"),
        ("a", ["3", "oops"] * 10, "2 words, a 0 or 1 for each: '3', 'oops'"),
        ("a", ONCE, "left out: text, 21 different ones in 21 rows"),
        ("a", [str(date(2024, 1, 31) + timedelta(i)) for i in range(20)], "dates from 2024-01-31 to 2024-02-19"),
        ("a", [f"{i + 1}.01.2024" for i in range(21)],
         "left out: text, 21 different ones in 21 rows; dates are read when written as 2024-01-31"),
        ("a", [*[""] * 20, "3", "4"], "left out: there is nothing of it in the training rows"),
        ("a", [*[""] * 20, "x", "y"], "left out: there is nothing of it in the training rows"),
    ],
)  # fmt: skip
def test_what_a_column_holds(name: str, cells: list[str], told: str) -> None:
    column, words = columns().column_of(name, cells, ALL)
    assert words == told
    assert (column is None) == told.startswith("left out")


def test_cells_as_numbers() -> None:
    c = columns()
    cells = ["1", "3", "", *["9"] * 17, "100"]  # the last row is none of training
    numbers, _ = c.column_of("a", cells, np.array([0, 1, 2]))
    assert (numbers.mean, numbers.deviation, numbers.misses) == (2.0, 1.0, True)
    assert numbers.encode(["1", "5", "NA", "x"]).tolist() == [[-1, 0], [3, 0], [0, 1], [0, 1]]
    assert numbers.strange(["1", "NA", "x"]) == ["x"]

    words, _ = c.column_of("a", ["red", "blue", "", *["red"] * 16, "green"], np.array([0, 1, 2]))
    assert words.words == ["blue", "red"]
    assert words.encode(["red", "blue", "", "green"]).tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 1], [0, 0, 0]]
    assert words.strange(["red", "", "green"]) == ["green"]

    dates = c.Dates.of("a", ["2024-01-01", "2024-01-03"])
    assert dates.encode(["2024-01-02 12:00", "2024-01-04"]).tolist() == [[0.5], [2.0]]
    equal = c.Numbers.of("a", ["0.1"] * 10)
    assert equal.encode(["0.1", "1.1"]).ravel() == pytest.approx([0, 1])


@pytest.mark.parametrize(
    ("text", "delimiter", "cells"),
    [
        ("a,b\n1,2\n", ",", {"a": ["1"], "b": ["2"]}),
        ("\ufeffa;b\n1,5;2\n", ";", {"a": ["1.5"], "b": ["2"]}),
        ('a;"b, c"\n1;x, y\n2;z\n', ";", {"a": ["1", "2"], "b, c": ["x, y", "z"]}),
        ("a\tb\n1,234,567\tx,y\n", "\t", {"a": ["1,234,567"], "b": ["x,y"]}),
        ('a|b\n"1|2"|" 3 "\n', "|", {"a": ["1|2"], "b": ["3"]}),
        ('a,b\n"say ""hi""","two\nlines"\n', ",", {"a": ['say "hi"'], "b": ["two\nlines"]}),
        ("a\n1\n", ",", {"a": ["1"]}),
    ],
)
def test_how_a_file_is_cut(text: str, delimiter: str, cells: dict[str, list[str]], tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(text, "utf-8")
    assert columns().read(tmp_path / "a.csv", None) == (cells, delimiter)


# --- a table of one's own -------------------------------------------------------------------------------


def passengers(rng: np.random.Generator, count: int) -> list[list[object]]:
    rows: list[list[object]] = [["PassengerId", "Survived", "Sex", "Age", "Name", "Port", "Ship", "Boat"]]
    for number in range(1, count + 1):
        woman, age = rng.random() < 0.4, rng.uniform(1, 80)
        lived = rng.random() < (0.9 if woman else 0.1)
        rows.append([
            number, int(lived), "female" if woman else "male", "" if rng.random() < 0.2 else f"{age:.1f}",
            f'Smith, "{number}"', rng.choice(["S", "C", ""]), "Titanic", "yes" if lived else "no",
        ])  # fmt: skip
    return rows


def test_classes(tmp_path: Path) -> None:
    rows = passengers(np.random.default_rng(1), 300)
    write(tmp_path / "titanic.csv", [[*row[:7]] for row in rows])
    screen = said("csv_table.py", "titanic.csv", "--target", "Survived", "--epochs", "40", folder=tmp_path)
    missing = sum(row[3] == "" for row in rows)
    for line in (
        "titanic.csv: 300 rows, 7 columns, cut at ','",
        "  PassengerId  left out: it numbers the rows",
        "  Sex          2 words, a 0 or 1 for each: 'female', 'male'",
        f"; the missing ({missing}) become the mean, and a number says which",
        "  Name         left out: text, 300 different ones in 300 rows",
        "  Ship         left out: it is 'Titanic' in every row",
        "180 rows to train, 60 to validate, 60 to test.",
    ):
        assert line in screen
    figures = {line[:14].strip(): line.split()[-2:] for line in screen.splitlines() if ", %" in line}
    model, guess = figures["Accuracy, %"]
    assert float(model) > 80 > float(guess)

    new = [rows[0], [1, "", "female", "", "a", "Z", "", ""], [2, "", "male", "30", "b", "S", "", ""]]
    write(tmp_path / "new.csv", [[*row[:7]] for row in new])
    done = ran("csv_table.py", "--out", "artifacts/titanic", "--predict", "new.csv", folder=tmp_path)
    assert done.stderr == "Port: 1 cell such as 'Z' taken for missing, as no training row had the like\n"
    answers = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [answer["predicted Survived"] for answer in answers] == ["1", "0"]
    assert all(0.5 <= float(answer["probability"]) <= 1 for answer in answers) and answers[1]["Name"] == "b"

    write(tmp_path / "less.csv", [["Sex"], ["male"]])
    done = ran("csv_table.py", "--out", "artifacts/titanic", "--predict", "less.csv", folder=tmp_path)
    assert done.returncode == 1
    assert done.stderr == "DatasetError: less.csv: the model reads columns that are not there: Age, Port\n"


def test_a_column_that_gives_the_target_away(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", passengers(np.random.default_rng(1), 60))
    screen = said("csv_table.py", "a.csv", "--target", "Survived", "--epochs", "1", folder=tmp_path)
    (line,) = (line for line in screen.splitlines() if "will you know it beforehand?" in line)
    assert line.startswith("  Boat ")


def test_a_number(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    rows: list[list[object]] = [["Laden", "Menge", "Umsatz"]]
    for _ in range(200):
        shop, amount = rng.choice(["Köln", "Ulm"]), rng.uniform(0, 10)
        earned = 1000 + 50 * amount + (200 if shop == "Ulm" else 0) + rng.normal()
        rows.append([shop, f"{amount:.3f}".replace(".", ","), f"{earned:.3f}".replace(".", ",")])
    write(tmp_path / "shop.csv", rows, ";", "utf-8-sig")
    screen = said("csv_table.py", "shop.csv", "--target", "Umsatz", folder=tmp_path)
    figures = {line[:30].strip(): [*map(float, line.split()[-2:])] for line in screen.splitlines() if "  R" in line}
    assert figures["R2 score"][0] > 0.95 and abs(figures["R2 score"][1]) < 0.1
    earned = [float(str(row[2]).replace(",", ".")) for row in rows[1:]]
    assert figures["Root of the mean square"][1] == pytest.approx(np.std(earned), rel=0.1)  # in units of the target
    write(tmp_path / "new.csv", [["Menge", "Laden"], ["5", "Köln"], ["5", "Ulm"]])
    done = said("csv_table.py", "--out", "artifacts/shop", "--predict", "new.csv", folder=tmp_path)
    assert [float(row["predicted Umsatz"]) for row in csv.DictReader(io.StringIO(done))] == pytest.approx(
        [1250, 1450], abs=40
    )
    kept = json.loads((tmp_path / "artifacts/shop/table.json").read_text())
    assert [next(iter(column)) for column in kept["columns"]] == ["Words", "Numbers"] and kept["classes"] == []


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        (None, [], "nosuch.csv: there is no such file\n  check the path, which begins in FOLDER"),
        ("", [], "a.csv: the file is empty\n  its first line must be the header, or say has_headers=False"),
        ("x,y\n", [], "a.csv: there is a header, and no row below it"),
        ("x,z\n1,2\n", [], "there is no column 'y'\n  --target is one of: x, z"),
        ("x;y\n1;2\n", ["--delimiter", ","],
         "the one column is 'x;y', and not 'y'\n  is there another sign between its cells? --delimiter names it"),
        ("x,y\n1,0\n2,1\n3,0\n", [], "3 rows are too few to learn from\n  10 are the least"),
        ("x,y\n1,2\n1,2,3\n", [],
         "a.csv, line 3: 3 cells, where the first line has 2: '1, 2, 3'\n"
         "  a cell that holds the delimiter or a line break is written in quotes"),
        ("x,y\n" + "1,0\n" * 8 + "2,\n3,NA\n", [],
         "the target 'y' is missing in 2 of 10 rows, the first is row 9\n  fill it in, or leave those rows out"),
        ("x,y\n" + "1,k\n2,k\n" * 5, [],
         "the target 'y' is 'k' in all 10 rows: there is nothing to tell apart"),
        ("x,y\n" + "1,k\n2,k\n" * 5 + "3,l\n", [],
         "the target 'y' has 2 classes, and 1 of them less than 5 rows: 'l' has 1\n"
         "  three to train with, one to validate and one to test are the least; put rare classes together, leave "
         "them out, or name another --target"),
        ("x,y\n" + ",k\nNA,l\n" * 5, [], "no column is left to tell 'y' from"),
        ("x,y\n1,2\n", ["--delimiter", "ab"],
         "from_csv: delimiter is 'ab', and must be one character, such as ',' or '\\t'"),
    ],
)  # fmt: skip
def test_tables_that_teach_nothing(
    text: str | None, options: list[str], expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "nosuch.csv" if text is None else "a.csv"
    if text is not None:
        (tmp_path / name).write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["csv_table.py", name, "--target", "y", *options])
    with pytest.raises(DatasetError) as caught:
        import_module("csv_table").main()
    assert str(caught.value) == expected.replace("FOLDER", str(tmp_path))
    assert not (tmp_path / "artifacts").exists()


def test_what_is_asked_of_it(tmp_path: Path) -> None:
    for options, end in (
        (["a.csv"], "error: it takes a table and --target COLUMN, or --predict NEW.csv\n"),
        (["--predict", "a.csv"], "error: --predict needs the --out folder of the model\n"),
        (["a.csv", "--target", "y", "--seed", "-1"], "error: argument --seed: -1 is less than 0\n"),
    ):
        done = ran("csv_table.py", *options, folder=tmp_path)
        assert done.returncode == 2 and done.stderr.endswith(end)


def test_targets_of_whole_numbers() -> None:
    target_of = import_module("csv_table").target_of
    few, many = [str(i % 12) for i in range(120)], [str(i) for i in range(120)]
    assert target_of("y", few)[0] == [str(i) for i in range(12)]  # in the order of numbers
    assert target_of("y", many) == ([], "the target, a number from 0 to 119, mean 59.5")
    assert target_of("y", ["0.5", "1.5"] * 10)[0] == []
    with pytest.raises(DatasetError, match="20 classes"):
        target_of("y", [f"w{i}" for i in range(20)])
