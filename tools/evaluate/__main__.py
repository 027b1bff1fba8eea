"""The command line of the evaluation: python -m tools.evaluate VERB, and --help for the verbs."""

from __future__ import annotations

import json as json_module
import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from facerig.errors import ConfigError, FacerigError
from tools.evaluate import acting as act_measures
from tools.evaluate import acting_report as act_report
from tools.evaluate import eyes as eye_measures
from tools.evaluate import eyes_report as eye_report
from tools.evaluate import flame as flames
from tools.evaluate import head_report, nonspeech_clips, operating, report, runner, vocal_clips, vocal_report
from tools.evaluate import metahuman as metahumans
from tools.evaluate import motion as motions
from tools.evaluate import nonspeech as quiet
from tools.evaluate import visemes as viseme_measures
from tools.evaluate import vocal as voices
from tools.evaluate import voice_emotion as heard
from tools.evaluate.noise import CONDITIONS, Draw
from tools.evaluate.peers import PEERS
from tools.evaluate.sets import DATA, DEVELOPMENT_SETS, Utterance, development_set, folder_set, spread
from tools.evaluate.systems import system

app = typer.Typer(add_completion=False, help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False)

LOG_WIDTH = 170  # columns, where the output goes to a file or a pipe

Sets = Annotated[str, typer.Option(help=f"Comma-separated development sets: {', '.join(DEVELOPMENT_SETS)}.")]
Folder = Annotated[Path | None, typer.Option(help="A folder of your own: phones.jsonl and audio/.")]
Kind = Annotated[str, typer.Option(help="How that folder writes phones: arpabet, ipa, emodb, festvox_ru.")]
Noise = Annotated[str, typer.Option(help=f"Comma-separated conditions: {', '.join(CONDITIONS)}.")]
Languages = Annotated[str, typer.Option(help="Only these of the sets' languages, such as de,en.")]
Limit = Annotated[int | None, typer.Option(help="At most so many of each set and language.", min=1)]
Seed = Annotated[int, typer.Option(help="Draws the sample and the noise.")]
Data = Annotated[Path, typer.Option(help="Folder of the development sets.")]
Systems = Annotated[str, typer.Option(help=f"live, offline, MODEL.onnx, csv:FOLDER, {', '.join(PEERS)}.")]
Markdown = Annotated[Path | None, typer.Option(help="Write the tables here.")]
Json = Annotated[Path | None, typer.Option("--json", help="Write all figures here.")]


@app.command()
def run(systems: Systems, sets: Sets = "", folder: Folder = None, labels_kind: Kind = "arpabet",
        noise: Noise = "clean",
        by: Annotated[str, typer.Option(help="Further rows by these facts: speaker, emotion, voice.")] = "",
        languages: Languages = "", limit: Limit = None, seed: Seed = 0, data: Data = DATA, jobs: int = 1,
        json: Json = None,
        markdown: Markdown = None,
        phones: Annotated[Path | None, typer.Option(help="Write every judged phone here.")] = None) -> None:
    """Judge systems side by side."""
    utterances = chosen(sets, folder, labels_kind, languages, limit, seed, data)
    results = runner.run(utterances, _list(noise), _list(systems), draw=Draw(seed, data), by=_list(by),
                         jobs=jobs)
    rows = results.rows()
    report.print_tables(rows, _console())
    if json:
        settings = {"limit": limit, "seed": seed, "utterances": len(utterances)}
        report.write_text(json, report.as_json(rows, _command(), settings) + "\n")
    if markdown:
        report.write_text(markdown, report.markdown(rows, [_command()]))
    if phones:
        report.write_phones(phones, results.phone_rows())


@app.command()
def sweep(sets: Sets = "", folder: Folder = None, labels_kind: Kind = "arpabet", noise: Noise = "clean",
          model: str = "live", thresholds: str = operating.THRESHOLDS, languages: Languages = "",
          limit: Limit = None, seed: Seed = 0, data: Data = DATA, jobs: int = 1, json: Json = None,
          png: Annotated[Path | None, typer.Option(help="Draw the curve here.")] = None) -> None:
    """Sealed p/b/m against wrongly sealed others, as the seal threshold moves."""
    utterances = chosen(sets, folder, labels_kind, languages, limit, seed, data)
    names = operating.system_names(model, [float(t) for t in _list(thresholds)])
    results = runner.run(utterances, _list(noise), names, draw=Draw(seed, data), jobs=jobs)
    rows = results.rows()
    report.print_tables(rows, _console())
    if json:
        settings = {"limit": limit, "seed": seed, "utterances": len(utterances), "model": model}
        report.write_text(json, report.as_json(rows, _command(), settings) + "\n")
    if png:
        operating.draw(rows, png)


@app.command()
def show(files: Annotated[list[Path], typer.Argument(help="Figures that `run --json` wrote.")],
         markdown: Markdown = None) -> None:
    """The tables of earlier runs, side by side where set and condition are the same."""
    read = [report.from_json(file) for file in files]
    rows = [row for _, some in read for row in some]
    report.print_tables(rows, _console())
    if markdown:
        report.write_text(markdown, report.markdown(rows, [command for command, _ in read]))


@app.command()
def nonspeech(systems: Systems, seed: Seed = 0, kinds: Annotated[
        str, typer.Option(help="Only these kinds, such as music,steps.")] = "",
        every: Annotated[int, typer.Option(help="Take one clip of so many.", min=1)] = 1,
        json: Json = None, markdown: Markdown = None) -> None:
    """How still the mouth stays in music, effects, machines and silence (of Debian's game data)."""
    found, missing = nonspeech_clips.clips()
    wanted = set(_list(kinds))
    clips = [clip for clip in found if not wanted or clip.kind in wanted][::every]
    if missing:
        Console(stderr=True).print(f"skipped, not installed: apt install --no-install-recommends "
                                   f"{' '.join(missing)}", style="yellow", markup=False, highlight=False)
    if not clips:
        raise ConfigError("no clip is of these kinds", where="--kinds",
                          fix=f"give some of {', '.join(dict.fromkeys(clip.kind for clip in found))}")
    results = quiet.measure(clips, _list(systems), seed)
    rows = quiet.kind_rows(results)
    quiet.print_table(rows, _console())
    if json:
        report.write_text(json, report.as_text(quiet.as_document(results, _command(), seed)))
    if markdown:
        report.write_text(markdown, quiet.markdown(rows, _command()))


@app.command()
def motion(systems: Systems = "live,offline", limit: Limit = None, data: Data = DATA,
           part: Annotated[str, typer.Option(help="test, or validate while training.")] = "test",
           json: Json = None) -> None:
    """Jaw and mouth width against the recorded face of GRID's speaker, clips that nothing learnt from."""
    clips = motions.recorded_clips(data, part)[:limit]
    if not clips:
        raise ConfigError(f"GRID has no part {part!r}", where="--part", fix="give test, validate or train")
    rows = [row for name in _list(systems) for row in motions.judge(system(name), clips)]
    motions.print_table(rows, _console())
    if json:
        document = {"command": _command(), "part": part, "motion": motions.as_entries(rows)}
        report.write_text(json, json_module.dumps(document, indent=1) + "\n")


@app.command()
def metahuman(sets: Sets = "emodb,kokoro", systems: Systems = "live,offline", languages: Languages = "",
              limit: Limit = 12, seed: Seed = 0, data: Data = DATA, json: Json = None) -> None:
    """p/b/m sealed, vowels wrongly together and f/v as a MetaHuman's own controls have them."""
    utterances = chosen(sets, None, "", languages, limit, seed, data)
    found = metahumans.measure(utterances, [system(name) for name in _list(systems)])
    metahumans.print_table(found, _console())
    if json:
        document = {"command": _command(), "metahuman": metahumans.as_entries(found)}
        report.write_text(json, json_module.dumps(document, indent=1) + "\n")


@app.command()
def visemes(sets: Sets = "kokoro,an4", model: str = "offline", languages: Languages = "en",
            limit: Limit = 40, seed: Seed = 0, data: Data = DATA, json: Json = None) -> None:
    """Whether the leading Oculus viseme is the phone's, and phones heard by ear."""
    found, led = viseme_measures.measure(chosen(sets, None, "", languages, limit, seed, data), model)
    viseme_measures.print_tables(found, led, _console())
    if json:
        document = {"command": _command(), "visemes": viseme_measures.as_entries(found)}
        report.write_text(json, json_module.dumps(document, indent=1) + "\n")


@app.command()
def flame(model: Annotated[Path | None,
                           typer.Option(help="Your FLAME; without it models with known answers.")] = None,
          ict: Annotated[Path, typer.Option(help="ICT-FaceKit's npz, for a second one of those.")]
          = DATA.parent / "reference" / "ict_facekit.npz",
          expressions: Annotated[int, typer.Option(help="10, 50 or 100.")] = 50, json: Json = None) -> None:
    """FLAME both ways: what a fit misses in millimetres, lips that seal, ARKit to FLAME and back."""
    found = flames.measure(model, ict, expressions)
    flames.print_tables(found, _console())
    if json:
        document = {"command": _command(), "flame": flames.as_entries(found)}
        report.write_text(json, json_module.dumps(document, indent=1) + "\n")


@app.command()
def eyes(characters: Annotated[int, typer.Option(help="How many, each with a seed of its own.", min=2)] = 50,
         minutes: Annotated[float, typer.Option(help="Of talk for each.", min=1)] = 10.0,
         sets: Annotated[str, typer.Option(help="And with this recorded speech, heard live.")] = "",
         languages: Languages = "", data: Data = DATA, json: Json = None,
         plots: Annotated[Path | None, typer.Option(help="Draw eyes-*.png in this folder.")] = None) -> None:
    """Blinks and gaze beside people's, over made-up talks: rates, intervals, saccades, looks."""
    speech = None
    if sets:
        utterances = chosen(sets, None, "arpabet", languages, None, 0, data)
        speech = eye_measures.recorded(utterances, 60 * minutes)
    found = eye_measures.measured(characters, 60 * minutes, speech)
    figures = eye_report.figures(found)
    eye_report.print_table(figures, _console())
    if json:
        document = eye_report.as_document(figures, _command(), characters, 60 * minutes)
        report.write_text(json, json_module.dumps(document, indent=1) + "\n")
    if plots:
        eye_report.draw(found, plots)


@app.command()
def head(characters: Annotated[int, typer.Option(help="How many, each with a seed of its own.", min=1)] = 4,
         minutes: Annotated[float, typer.Option(help="Of talk.", min=0.5)] = 10.0, limit: Limit = None,
         data: Data = DATA, seed: Seed = 0, json: Json = None,
         plots: Annotated[Path | None, typer.Option(help="Draw head.png and listening.png there.")] = None
         ) -> None:
    """Head motion beside a recorded head's, and listening: speeds, spreads, nods a minute."""
    found, sample = head_report.measured_from(data, limit, 60 * minutes, characters, seed)
    head_report.print_tables(found, _console())
    if json:
        document = head_report.as_document(found, _command())
        report.write_text(json, json_module.dumps(document, indent=1) + "\n")
    if plots:
        head_report.draw(found, sample, plots)


@app.command()
def vocal(systems: Systems = "live,offline,live~joy,offline~joy", kinds: Annotated[
        str, typer.Option(help=f"Only these kinds: {', '.join(vocal_clips.KINDS)}.")] = "",
        limit: Annotated[int, typer.Option(help="Sentences of plain speech beside them.", min=1)] = 24,
        seed: Seed = 0, data: Data = DATA, json: Json = None) -> None:
    """Does the face hold when the voice laughs, sobs, sighs, screams, sings or whispers?"""
    wanted = _list(kinds) or list(vocal_clips.KINDS)
    if unknown := set(wanted) - set(vocal_clips.KINDS):
        raise ConfigError(f"no clip is of kind {', '.join(sorted(unknown))}", where="--kinds",
                          fix=f"give some of {', '.join(vocal_clips.KINDS)}")
    clips = vocal_clips.speech(data, limit) + vocal_clips.clips(seed, data, wanted)
    results = voices.measure(clips, voices.systems(_list(systems), seed))
    vocal_report.print_table(vocal_report.kind_rows(results), _console())
    if json:
        report.write_text(json, report.as_text(vocal_report.as_document(results, _command(), seed)))


@app.command("voice-emotion")
def voice_emotion(data: Data = DATA, seed: Seed = 7, extra: Annotated[
        Path | None, typer.Option(help="Folder of tools.train.extra: more people to judge on.")] = None,
        json: Json = None) -> None:
    """Emotion heard in the voice: by actor held out, and how neutral readers are heard. Trains; minutes."""
    log = Console(stderr=True)
    _, document = heard.learnt_and_judged(data, seed, extra, lambda text: log.print(text, style="dim"))
    heard.print_tables(document, _console())
    if json:
        report.write_text(json, json_module.dumps({"command": _command(), **document}, indent=1) + "\n")


@app.command()
def acting(sets: Sets = "emodb,kokoro", languages: Languages = "de,en",
           limit: Annotated[int, typer.Option(help="Of each set and language; 0: no lips.", min=0)] = 15,
           characters: Annotated[int, typer.Option(help="Each with a seed of its own.", min=1)] = 4,
           model: str = "live", seed: Seed = 0, data: Data = DATA, jobs: int = 1, json: Json = None,
           png: Annotated[Path | None, typer.Option(help="Draw it here.")] = None) -> None:
    """Every emotion on the face: how far, how smoothly, told apart by whom; and the lips under it."""
    found = act_measures.measured(act_measures.heard(act_measures.sample()), range(characters))
    utterances = chosen(sets, None, "", languages, limit, seed, data) if limit else []
    rows = act_report.lips(utterances, model, Draw(seed, data), jobs) if utterances else []
    act_report.print_tables(found, rows, _console())
    if json:
        settings = {"limit": limit, "seed": seed, "utterances": len(utterances), "characters": characters}
        report.write_text(json, report.as_text(act_report.as_document(found, rows, _command(), settings)))
    if png:
        act_report.draw(found, rows, png)


def chosen(sets: str, folder: Path | None, kind: str, languages: str, limit: int | None, seed: int,
           data: Path) -> list[Utterance]:
    """The utterances that the options name, `limit` of each set and language."""
    parts = [development_set(name, data) for name in _list(sets)]
    parts += [folder_set(folder, kind)] if folder else []
    wanted = set(_list(languages))
    found = [u for part in parts for u in spread(part, limit, seed) if not wanted or u.language in wanted]
    if not found:
        raise ConfigError("nothing to judge on", where="--sets",
                          fix="give --sets emodb,an4,kokoro or --folder PATH, and languages that they hold")
    return found


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else LOG_WIDTH)


def _list(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]


def _command() -> str:
    return "python -m tools.evaluate " + shlex.join(sys.argv[1:])


def main() -> None:
    """Run the command line; one line and exit code 2 for the user's mistakes."""
    try:
        app()
    except FacerigError as error:
        Console(stderr=True).print(f"error: {error}", style="red", markup=False, highlight=False)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
