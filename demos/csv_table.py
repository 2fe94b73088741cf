"""A table of your own: tells what its columns hold, trains, and says how good that is beside a guess.

    python demos/csv_table.py titanic.csv --target Survived
    python demos/csv_table.py --out artifacts/titanic --predict new.csv    with the model that the line above has left

A target of words, or of few whole numbers, is a class; of other numbers it is a number.
"""

from __future__ import annotations

import argparse
import csv
import shlex
import sys
from collections import Counter
from pathlib import Path

import numpy as np
from columns import MOST, Column, Numbers, column_of, counted, is_missing, read, short
from perceptron import Classifier, Perceptron, PerceptronConfig, Regressor
from script import natural, positive, run
from table import Array, Row, loader, no_better_for, split, table

from minigrad import Config, Tensor
from minigrad.activation import softmax
from minigrad.backend import Autodiff, Device, NdArray
from minigrad.data.dataset import Dataset
from minigrad.errors import DatasetError
from minigrad.optim import AdamWConfig
from minigrad.record import DefaultRecorder
from minigrad.train import EvaluatorBuilder, LearnerBuilder
from minigrad.train.metric import AccuracyMetric, AurocMetric, LossMetric, MaeMetric, MseMetric, R2ScoreMetric

Columns = dict[str, list[str]]


class TableConfig(Config):
    """All that is needed to make numbers of a row, and a row's answer of the model's output."""

    target: str
    columns: list[Column]
    classes: list[str]  # none of them: the target is a number
    mean: float = 0.0
    deviation: float = 1.0
    hidden_size: int = 32

    def inputs(self, cells: Columns) -> Array:
        return np.concatenate([column.encode(cells[column.name]) for column in self.columns], axis=1)

    def targets(self, cells: Columns) -> Array:
        if self.classes:
            return np.array([self.classes.index(cell) for cell in cells[self.target]])
        return (np.array(cells[self.target], float) - self.mean) / self.deviation

    def init(self, device: Device, features: int) -> Perceptron:
        if self.classes:
            return PerceptronConfig(features, self.hidden_size, len(self.classes)).init(device, Classifier)
        return PerceptronConfig(features, self.hidden_size, 1).init(device, Regressor)


# --- from cells to a model ------------------------------------------------------------------------------


def target_of(name: str, cells: list[str]) -> tuple[list[str], str]:
    """The classes, none of them where it is a number; and what to say. Raises `DatasetError` for what is no target."""
    missing = [row for row, cell in enumerate(cells, 1) if is_missing(cell)]
    if missing:
        rows = f"{len(missing)} of {len(cells)} rows, the first is row {missing[0]}"
        raise DatasetError(f"the target {name!r} is missing in {rows}\n  fill it in, or leave those rows out")
    values = [value for value in map(Numbers.parse, cells) if value is not None]
    numbers = len(values) == len(cells)
    counts = Counter(cells)
    if len(counts) == 1:
        raise DatasetError(
            f"the target {name!r} is {short(cells[0])!r} in all {len(cells)} rows: there is nothing to tell apart"
        )
    if numbers and (len(counts) > MOST or not all(value.is_integer() for value in values)):
        return [], f"the target, a number from {min(values):g} to {max(values):g}, mean {np.mean(values):.6g}"
    rare = [each for each, count in counts.items() if count < 5]
    if rare:
        raise DatasetError(
            f"the target {name!r} has {len(counts)} classes, and {len(rare)} of them less than 5 rows: "
            f"{short(rare[0])!r} has {counts[rare[0]]}\n"
            "  three to train with, one to validate and one to test are the least; put rare classes together, leave "
            "them out, or name another --target"
        )
    classes = sorted(counts, key=float if numbers else str)
    said = ", ".join(f"{short(each)!r} {counts[each]} times" for each in classes)
    return classes, f"the target, {len(classes)} classes: {short(said, 100)}"


def prepared(cells: Columns, name: str, seed: int) -> tuple[TableConfig, tuple[Array, Array, Array]]:
    """What is made of each column, which is printed; and which rows are to train, validate and test with."""
    if name not in cells:
        names, help = short(", ".join(cells), 300), "  is there another sign between its cells? --delimiter names it"
        one = f"the one column is {names!r}, and not {name!r}\n{help}"
        raise DatasetError(one if len(cells) == 1 else f"there is no column {name!r}\n  --target is one of: {names}")
    if len(cells[name]) < 10:
        raise DatasetError(f"{len(cells[name])} rows are too few to learn from\n  10 are the least")
    classes, said = target_of(name, cells[name])
    target = np.array(cells[name], str if classes else float)
    parts = split(target if classes else np.zeros(len(target)), seed)  # a number has no classes to share out
    width = min(24, max(map(len, cells)))
    columns = []
    for each in cells:
        if each != name:
            column, said_of_it = column_of(each, cells[each], parts[0])
            if column is not None:
                columns.append(column)
                if classes and _gives_away(cells[each], cells[name]):
                    said_of_it += "; each goes with one class alone: will you know it beforehand?"
        print(f"  {short(each, width):<{width}}  {said if each == name else said_of_it}")
    if not columns:
        raise DatasetError(f"no column is left to tell {name!r} from")
    config = TableConfig(name, columns, classes)
    if not classes:
        config = config.replace(mean=float(target[parts[0]].mean()), deviation=float(target[parts[0]].std()) or 1.0)
    return config, parts


def _gives_away(cells: list[str], target: list[str]) -> bool:
    """Whether the column has few different cells, each with one class alone: often it was known only afterwards."""
    return len(set(zip(cells, target))) == len(set(cells)) <= MOST


def train(options: argparse.Namespace) -> None:
    cells, delimiter = read(options.path, options.delimiter)
    rows = len(next(iter(cells.values())))
    print(f"{options.path}: {counted(rows, 'row')}, {counted(len(cells), 'column')}, cut at {delimiter!r}\n")
    config, parts = prepared(cells, options.target, options.seed)
    inputs, targets = config.inputs(cells), config.targets(cells)
    training, validation, test = (table(inputs[rows], targets[rows]) for rows in parts)
    print(
        f"\n{counted(inputs.shape[1], 'number')} a row; {len(training)} rows to train, {len(validation)} to validate, "
        f"{len(test)} to test.\n"
    )

    learner = (
        LearnerBuilder(options.out)
        .metric_train_numeric(LossMetric())
        .metric_valid_numeric(LossMetric())
        .with_file_checkpointer(DefaultRecorder())
        .early_stopping(no_better_for(15))
        .num_epochs(options.epochs)
        .build(
            config.init(Autodiff(NdArray(seed=options.seed)), inputs.shape[1]),
            AdamWConfig(weight_decay=0.1).init(),
            0.005,
        )
    )
    learner.fit(loader(training, shuffle=options.seed), loader(validation))
    best = learner.best()
    config.save(options.out / "table.json")
    best.save_file(options.out / "model", DefaultRecorder())
    report(config, best, test, targets[parts[0]], targets[parts[2]], options.out)
    print(
        f"\nThe model is in {options.out}: table.json says what becomes of each column, model.mpk holds the weights.\n"
        f"For rows whose {options.target} is not known:\n"
        f"  python {sys.argv[0]} --out {shlex.quote(str(options.out))} --predict NEW.csv"
    )


# --- what it is worth -----------------------------------------------------------------------------------


def report(
    config: TableConfig, model: Perceptron, test: Dataset[Row], training: Array, truth: Array, folder: Path
) -> None:
    """Metrics of the test rows, beside those of a guess that knows nothing but the targets of the training rows."""
    builder = EvaluatorBuilder(folder)
    if config.classes:
        auroc = AurocMetric() if len(config.classes) == 2 else AurocMetric.multiclass()
        builder = builder.metric_numeric(AccuracyMetric()).metric_numeric(auroc)
        figures = builder.build(model).eval("test", loader(test))
        commonest = np.bincount(training).argmax()
        guess = config.classes[commonest]
        guessed = [100 * np.mean(truth == commonest), 50.0]
        rows = list(zip(("Accuracy, %", "AUROC, %"), figures.values(), guessed))
    else:
        builder = builder.metric_numeric(R2ScoreMetric()).metric_numeric(MaeMetric()).metric_numeric(MseMetric())
        r2, mae, mse = builder.build(model).eval("test", loader(test)).values()
        guess = f"{config.mean:.4g}"  # which is 0 where the targets have been standardised
        rows = [
            ("R2 score", r2, 1 - np.mean(truth**2) / np.var(truth)),
            ("Mean error", mae * config.deviation, np.mean(abs(truth)) * config.deviation),
            ("Root of the mean square", mse**0.5 * config.deviation, np.mean(truth**2) ** 0.5 * config.deviation),
        ]
    guess = f"always {short(guess, 16)}"
    print(f"\n{f'On {len(test)} rows that it has never seen':<38}{'model':>12}  {guess:>24}")
    for name, value, by_guess in rows:
        print(f"  {name:<36}{value:12.4g}  {by_guess:>24.4g}")
    if not rows[0][1] > rows[0][2]:
        print("It is no better than that guess: these columns tell nothing, or there are too few rows to see it.")


def predict(options: argparse.Namespace) -> None:
    """The rows of a file with two columns more, as CSV."""
    config = TableConfig.load(options.out / "table.json")
    cells, _ = read(options.predict, options.delimiter)
    missing = [column.name for column in config.columns if column.name not in cells]
    if missing:
        raise DatasetError(f"{options.predict}: the model reads columns that are not there: {', '.join(missing)}")
    for column in config.columns:
        if strange := column.strange(cells[column.name]):
            what = f"{counted(len(strange), 'cell')} such as {short(strange[0])!r}"
            print(f"{column.name}: {what} taken for missing, as no training row had the like", file=sys.stderr)
    inputs = config.inputs(cells)
    device = NdArray(seed=0)
    model = config.init(device, inputs.shape[1]).load_file(options.out / "model", DefaultRecorder())
    output = model(Tensor.from_data(inputs, device))
    writer = csv.writer(sys.stdout, lineterminator="\n")
    if config.classes:
        shares = softmax(output, 1).numpy()
        answers = [[config.classes[row.argmax()], f"{row.max():.3f}"] for row in shares]
        writer.writerow([*cells, f"predicted {config.target}", "probability"])
    else:
        answers = [[f"{value * config.deviation + config.mean:.6g}"] for value in output.numpy()[:, 0]]
        writer.writerow([*cells, f"predicted {config.target}"])
    writer.writerows([*row, *answer] for row, answer in zip(zip(*cells.values()), answers))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path, nargs="?", help="the table to learn from, a CSV file with a header")
    parser.add_argument("--target", metavar="COLUMN", help="the column to predict")
    parser.add_argument("--predict", type=Path, metavar="NEW.csv", help="rows to predict, with the model in --out")
    parser.add_argument("--delimiter", help="what stands between two cells, unless the file shows it: ',' or '\\t'")
    parser.add_argument("--epochs", type=positive, default=200, help="the most epochs (200)")
    parser.add_argument("--seed", type=natural, default=42, help="of split, weights and shuffling (42)")
    parser.add_argument("--out", type=Path, help="where to, and what to predict with (artifacts/NAME, of NAME.csv)")
    options = parser.parse_args()
    if options.delimiter == "\\t":  # as a shell gives it
        options.delimiter = "\t"
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")  # a cell that the terminal cannot show is no reason to fail
    if options.predict is not None:
        if options.out is None:
            parser.error("--predict needs the --out folder of the model")
        predict(options)
    elif options.path is None or options.target is None:
        parser.error("it takes a table and --target COLUMN, or --predict NEW.csv")
    else:
        options.out = options.out or Path("artifacts") / options.path.stem
        train(options)


if __name__ == "__main__":
    run(main)
