"""`onrecord evaluate …`: measures on labelled questions, printed as tables or JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from rag.options import JsonOption, LoadSettings, with_settings

app = typer.Typer(help="Measure on labelled questions.", no_args_is_help=True)

TopicsOption = Annotated[Path, typer.Option("--topics", metavar="FILE", help="Labelled questions, JSON lines.")]


@app.command()
@with_settings
def retrieval(
    topics: TopicsOption,
    qrels: Annotated[Path, typer.Option("--qrels", metavar="FILE", help="Graded statements, JSON lines.")],
    zero: Annotated[
        Path | None,
        typer.Option(
            "--zero", metavar="FILE", help="Statements judged irrelevant; found beside the qrels when not given."
        ),
    ] = None,
    compare: Annotated[
        str,
        typer.Option("--compare", metavar="NAMES", help="Ranking methods, for example lexical,dense,fusion,hybrid."),
    ] = "hybrid",
    as_json: JsonOption = False,
    *,
    settings: LoadSettings,
) -> None:
    """Rank the statements for every answerable question and score the ranking, with bootstrap 95% intervals."""
    from rag.evaluation.retrieval import evaluate_retrieval, retrieval_table

    names = [name.strip() for name in compare.split(",") if name.strip()]
    result = evaluate_retrieval(settings(), topics, qrels, zero, names)
    typer.echo(json.dumps(result.model_dump(mode="json"), indent=1) if as_json else retrieval_table(result))


@app.command()
@with_settings
def understanding(
    topics: Annotated[
        Path | None, typer.Option("--topics", metavar="FILE", help="Labelled questions; our own when not given.")
    ] = None,
    as_json: JsonOption = False,
    *,
    settings: LoadSettings,
) -> None:
    """Compare the period, spokesperson and outlet derived from every question with its label."""
    from rag.evaluation.understanding import evaluate_understanding, understanding_table

    result = evaluate_understanding(settings(), topics)
    typer.echo(json.dumps(result.model_dump(mode="json"), indent=1) if as_json else understanding_table(result))


@app.command()
@with_settings
def answers(
    topics: TopicsOption,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for answers.jsonl and answers.html.")],
    as_json: JsonOption = False,
    *,
    settings: LoadSettings,
) -> None:
    """Answer every question and count what is shown, covered and refused; write the answers for reading."""
    from rag.answer import answer
    from rag.evaluation.answers import answers_table, evaluate_answers, read_topics
    from rag.generation.llm import load_llm
    from rag.generation.propositions import FILE, PropositionStore
    from rag.indexing.embedding import load_encoder
    from rag.indexing.store import open_index
    from rag.terminal.console import consoles, progress_bar

    chosen = settings()
    encoder, llm, store = load_encoder(chosen), load_llm(chosen), PropositionStore(chosen.index / FILE)
    with open_index(chosen, encoder) as record, progress_bar(consoles()[1], "Answering") as advance:
        result = evaluate_answers(
            read_topics(topics),
            out,
            lambda topic: answer(
                topic.query,
                index=record,
                encoder=encoder,
                llm=llm,
                propositions=store,
                settings=chosen,
                history=topic.history,
                filters=topic.filters,
            ),
            encoder,
            lambda exchange: record.question(exchange) or "",
            advance,
        )
    typer.echo(json.dumps(result.model_dump(mode="json"), indent=1) if as_json else answers_table(result))


@app.command("cases")
@with_settings
def rated_cases(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="JSON lines to write.")],
    *,
    settings: LoadSettings,
) -> None:
    """Write the answers that readers of the page rated as labelled questions, with the verdict and what was shown."""
    from rag.evaluation.cases import cases, write_cases
    from rag.page.conversations import every_conversation, file_beside

    file = file_beside(settings().index)
    found = cases(every_conversation(file))
    write_cases(found, out)
    up = sum(case.thumb == "up" for case in found)
    typer.echo(f"{len(found)} rated answers of {file.name}: {up} up, {len(found) - up} down")


@app.command()
@with_settings
def confidence(
    topics: Annotated[
        Path | None, typer.Option("--topics", metavar="FILE", help="Labelled questions; our own when not given.")
    ] = None,
    fit: Annotated[bool, typer.Option("--fit", help="Fit the coefficients first and write them.")] = False,
    as_json: JsonOption = False,
    *,
    settings: LoadSettings,
) -> None:
    """Say how well the confidence tells questions that the record answers from those that it does not."""
    from rag.evaluation.confidence import confidence_table, evaluate_confidence, fit_confidence

    measure = fit_confidence if fit else evaluate_confidence
    result = measure(settings(), topics)
    typer.echo(json.dumps(result.model_dump(mode="json"), indent=1) if as_json else confidence_table(result))


@app.command()
@with_settings
def chinese(
    questions: Annotated[
        Path | None, typer.Option("--questions", metavar="FILE", help="Labelled questions; our own when not given.")
    ] = None,
    *,
    settings: LoadSettings,
) -> None:
    """Ask Chinese questions of an index that holds the Chinese archive."""
    from rag.evaluation.chinese import evaluate_chinese

    typer.echo(evaluate_chinese(settings(), questions).table())


@app.command()
@with_settings
def bearing(
    fit: Annotated[bool, typer.Option("--fit", help="Fit the coefficients first and write them.")] = False,
    as_json: JsonOption = False,
    *,
    settings: LoadSettings,
) -> None:
    """Say how well spans that bear on a question are told from those that do not, on spans graded by readers."""
    from rag.evaluation.bearing import bearing_table, evaluate_bearing
    from rag.terminal.console import consoles, progress_bar

    with progress_bar(consoles()[1], "Scoring") as advance:
        report = evaluate_bearing(settings(), fit=fit, advance=advance)
    typer.echo(json.dumps(report.model_dump(mode="json"), indent=1) if as_json else bearing_table(report))


@app.command()
@with_settings
def reranking(
    fit: Annotated[bool, typer.Option("--fit", help="Fit the weights and write them.")] = False,
    as_json: JsonOption = False,
    *,
    settings: LoadSettings,
) -> None:
    """Say how well the best exchanges are ranked anew, on exchanges graded by readers."""
    from rag.evaluation.reranking import evaluate_reranking, reranking_table

    report = evaluate_reranking(settings(), fit=fit)
    typer.echo(json.dumps(report.model_dump(mode="json"), indent=1) if as_json else reranking_table(report))


@app.command()
@with_settings
def adapter(
    fit: Annotated[bool, typer.Option("--fit", help="Fit the matrix on all questions and write it.")] = False,
    as_json: JsonOption = False,
    *,
    settings: LoadSettings,
) -> None:
    """Say how much nearer to its answers a question's vector is moved, by matrices fitted on other questions."""
    from rag.evaluation.adapter import adapter_table, evaluate_adapter

    report = evaluate_adapter(settings(), fit=fit)
    typer.echo(json.dumps(report.model_dump(mode="json"), indent=1) if as_json else adapter_table(report))


@app.command("joint")
@with_settings
def joint_reading(
    fit: Annotated[bool, typer.Option("--fit", help="Tune the embedding model first and write what changed.")] = False,
    as_json: JsonOption = False,
    *,
    settings: LoadSettings,
) -> None:
    """Say how well question and span, read together, tell what bears on the question, on spans graded by readers."""
    from rag.evaluation.joint import evaluate_joint, joint_table
    from rag.terminal.console import consoles, progress_bar

    with progress_bar(consoles()[1], "Tuning") as advance:
        report = evaluate_joint(settings(), fit=fit, advance=advance)
    typer.echo(json.dumps(report.model_dump(mode="json"), indent=1) if as_json else joint_table(report))


@app.command()
def checks(
    pairs: Annotated[
        Path, typer.Option("--pairs", metavar="FILE", help="Labelled span and sentence pairs, JSON lines.")
    ],
    pages: Annotated[
        list[Path], typer.Argument(metavar="PATH…", help="Where the pairs' pages are: files, folders, archives.")
    ],
    model: Annotated[
        bool, typer.Option("--model", help="Let the language model score every pair, and calibrate its score.")
    ] = False,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write every verdict, JSON lines.")] = None,
) -> None:
    """Run the checks on restated sentences over labelled pairs and say how many right and wrong ones are shown."""
    from rag.config import load_settings
    from rag.corpus import iter_inputs
    from rag.evaluation.pairs import calibration_table, check_pairs, pairs_table, read_pairs, write_checked
    from rag.generation.llm import load_llm
    from rag.terminal.console import consoles, progress_bar

    inputs = ((item.path, item.data) for item in iter_inputs(pages) if item.data is not None)
    with progress_bar(consoles()[1], "Checking") as advance:
        checked = check_pairs(read_pairs(pairs), inputs, load_llm(load_settings()) if model else None, advance)
    if out:
        write_checked(checked, out)
    typer.echo(pairs_table(checked))
    if model:
        typer.echo(calibration_table(checked))
