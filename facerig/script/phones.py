"""One phone inventory for all label sets, named by IPA, and what each phone asks of the mouth.

`parse` turns a corpus's labels into `Phone`s: diphthongs are split into their two vowels, marks join the
phone they follow, pauses that touch become one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

PAUSE: Final = "_"
SHORTEST_PAUSE_SECS: Final = 0.09  # a shorter gap between labels is speech that no label claims


@dataclass(frozen=True, slots=True)
class Phone:
    """One phone of the inventory, from `start` to `end` in seconds."""

    name: str
    start: float
    end: float


# Articulation targets (curve values at full dominance) of each phone; sources below.
#   seal: 1 lips must meet (p b m); contact: 1 lower lip on upper teeth (f v); pull_*: dominance of the phone
#   over its neighbours for the jaw and for the shape of the lips (Cohen & Massaro 1993, "Modeling
#   coarticulation in synthetic visual speech"): 0 takes the neighbours' shape, 1 holds its own.
# Openness of vowels follows IPA height; jaw values were set to the means that GRID's speaker shows (jawOpen
# p50 .09, p99 .38) and widened by a quarter for legibility on a game head.
# Stretch and smile are small but on i: GRID's speaker hardly moves them (p99 .04 and .07), and twice as much
# halved the correlation of the mouth's width with his.
# fmt: off
COLUMNS: Final = ("seal", "contact", "pull_jaw", "pull_lips",
                  "jawOpen", "mouthFunnel", "mouthPucker", "mouthStretch", "mouthSmile", "mouthLowerDown",
                  "mouthUpperUp", "mouthRollLower", "mouthShrugUpper", "mouthPress", "tongueOut")
_TABLE: Final = """
#      seal cont pjaw plip | jaw  funl puck strt smil lowr uppr rolL shrU pres tong   why
_      0    0    1.0  0.8  | 0    0    0    0    0    0    0    0    0    0    0      rest
p      1    0    0.9  0.15 | .05  0    0    0    0    0    0    .05  0    .15  0      sealed, jaw nearly shut
b      1    0    0.9  0.15 | .05  0    0    0    0    0    0    .05  0    .10  0
m      1    0    0.9  0.15 | .05  0    0    0    0    0    0    .05  0    .10  0
f      0    1    1.2  0.35 | .05  0    0    .02  0    0    .25  .35  0    0    0      lip under the teeth
v      0    1    1.2  0.35 | .05  0    0    .02  0    0    .22  .30  0    0    0
β      0    0    0.8  0.30 | .04  .05  0    0    0    0    .05  .05  0    0    0      does not quite meet
w      0    0    0.7  1.30 | .07  .20  .70  0    0    0    0    0    0    0    0      the most rounded
ɹ      0    0    0.5  0.60 | .10  .28  .22  0    0    .05  0    0    0    0    0      rounded in English
r      0    0    0.4  0.10 | .13  0    0    .02  0    .05  0    0    0    0    0      tap, trill
s      0    0    1.2  0.35 | .06  0    0    .05  .02  .15  .05  0    0    0    0      teeth together
ʃ      0    0    1.1  0.90 | .07  .45  .25  0    0    .10  .10  0    0    0    0      protruded
t      0    0    0.7  0.15 | .11  0    0    .03  0    .10  0    0    0    0    .12
n      0    0    0.5  0.12 | .11  0    0    .03  0    .08  0    0    0    0    .14
l      0    0    0.5  0.12 | .14  0    0    .02  0    .06  0    0    0    0    .20     tongue tip visible
θ      0    0    0.8  0.25 | .12  0    0    .02  0    .10  .03  0    0    0    .60     between the teeth
k      0    0    0.3  0.08 | .14  0    0    .02  0    .04  0    0    0    0    0
x      0    0    0.3  0.08 | .14  0    0    .015 0    .04  0    0    0    0    0
h      0    0    0.05 0.03 | .15  0    0    0    0    0    0    0    0    0    0      takes the vowel's shape
ʔ      0    0    0.05 0.03 | .12  0    0    0    0    0    0    0    0    0    0
j      0    0    0.6  0.50 | .09  0    0    .20  .04  .05  0    0    0    0    0
i      0    0    0.8  0.70 | .11  0    0    .28  .10  .10  .04  0    0    0    0
ɪ      0    0    0.8  0.45 | .16  0    0    .10  .03  .08  .02  0    0    0    0
y      0    0    0.8  1.10 | .08  .15  .60  0    0    .03  0    0    0    0    0
e      0    0    0.9  0.55 | .21  0    0    .11  .04  .10  .03  0    0    0    0
ø      0    0    0.9  1.00 | .18  .22  .42  0    0    .04  0    0    0    0    0
ɛ      0    0    1.0  0.50 | .26  0    0    .08  .02  .12  .04  0    0    0    0
æ      0    0    1.0  0.50 | .34  0    0    .08  .03  .14  .05  0    0    0    0
a      0    0    1.0  0.45 | .40  0    0    .03  0    .12  .03  0    0    0    0
ɑ      0    0    1.0  0.45 | .40  .04  0    0    0    .10  .02  0    0    0    0
ʌ      0    0    0.9  0.35 | .28  0    0    .02  0    .08  .02  0    0    0    0
ə      0    0    0.6  0.25 | .17  0    0    .015 0    .05  0    0    0    0    0
ɜ      0    0    0.8  0.50 | .17  .20  .12  0    0    .05  0    0    0    0    0
ɔ      0    0    0.9  0.90 | .29  .32  .25  0    0    .05  0    0    0    0    0
o      0    0    0.9  1.00 | .20  .28  .48  0    0    .03  0    0    0    0    0
ʊ      0    0    0.8  0.80 | .13  .18  .42  0    0    .03  0    0    0    0    0
u      0    0    0.8  1.10 | .09  .18  .68  0    0    .02  0    0    0    0    0
"""
# fmt: on


def _rows() -> dict[str, tuple[float, ...]]:
    rows = {}
    for line in _TABLE.strip().splitlines()[1:]:
        name, *cells = line.replace("|", " ").split()
        rows[name] = tuple(float(c) for c in cells[: len(COLUMNS)])
    return rows


TARGETS: Final = _rows()
INVENTORY: Final = tuple(TARGETS)
CURVES: Final = COLUMNS[4:]
CLASS: Final = {name: i for i, name in enumerate(INVENTORY)}
VOWELS: Final = frozenset("iɪyeøɛæaɑʌəɜɔoʊu")  # of one letter each

# label set -> {label: phones}; several phones share the label's time evenly. Inventory names pass as is.
_IPA = """
d=t T=t ɾ=t ʈ=t ɖ=t c=k ɟ=k ɡ=k g=k q=k ŋ=n ɲ=n ɳ=n ʎ=l z=s ʂ=ʃ ʒ=ʃ ʧ=ʃ ʤ=ʃ ð=θ ɣ=x ʁ=x ʋ=v
ɐ=ʌ ɒ=ɔ œ=ø ᵊ=ə ᵻ=ɪ A=e,ɪ I=a,ɪ O=o,ʊ Q=ə,ʊ W=a,ʊ Y=ɔ,ɪ
"""
_ARPABET = """
SIL=_ H#=_ PAU=_ EPI=_ +NSN+=_ P=p B=b M=m EM=m F=f V=v W=w R=ɹ S=s Z=s SH=ʃ ZH=ʃ CH=ʃ JH=ʃ T=t D=t DX=t
N=n EN=n NG=n L=l EL=l TH=θ DH=θ K=k G=k HH=h HV=h Y=j Q=ʔ
IY=i IH=ɪ IX=ɪ EH=ɛ AE=æ AA=ɑ AH=ʌ AX=ə AX-H=ə ER=ɜ AXR=ɜ AO=ɔ UH=ʊ UW=u UX=u
EY=e,ɪ AY=a,ɪ AW=a,ʊ OW=o,ʊ OY=ɔ,ɪ
"""
_RUSSIAN = """
pau=_ ssil=_ #=_ pp=p bb=b mm=m ff=f vv=v tt=t d=t dd=t nn=n ll=l rr=r ss=s z=s zz=s c=s sh=ʃ zh=ʃ ch=ʃ sch=ʃ
kk=k g=k gg=k h=x hh=x aa=a ae=ə ay=ə ee=e ii=i oo=o uu=u ur=u y=ɪ yy=ɪ
"""


def _mapping(text: str) -> dict[str, tuple[str, ...]]:
    pairs = (item.split("=") for item in text.split())
    return {label or "=": tuple(phones.split(",")) for label, phones in pairs}


LABELS: Final = {"ipa": _mapping(_IPA), "arpabet": _mapping(_ARPABET), "festvox_ru": _mapping(_RUSSIAN)}
MARKS: Final = frozenset("\u0303ʰ̃")  # nasalisation and aspiration belong to the phone before them


def parse(labels: Iterable[list[Any]], kind: str, duration_secs: float) -> list[Phone]:
    """Phones of one recording, covering [0, duration] without gaps: what is unlabelled is a pause.

    Raises KeyError with the label that the set `kind` ("ipa", "arpabet", "festvox_ru") does not know.
    """
    table, phones = LABELS[kind], list[Phone]()
    for label, start, end in labels:
        name = label.rstrip("012") if kind == "arpabet" else label
        start, end = max(0.0, float(start)), min(float(end), duration_secs)
        if name in MARKS:  # one whose phone was cut out as silence marks nothing
            if phones and start - phones[-1].end < SHORTEST_PAUSE_SECS:
                phones[-1] = Phone(phones[-1].name, phones[-1].start, end)
            continue
        names = table.get(name) or ((name,) if name in CLASS else None)
        if names is None:
            raise KeyError(f"{kind} has no label {label!r}")
        step = (end - start) / len(names)
        if step > 0:
            phones += [Phone(n, start + i * step, start + (i + 1) * step) for i, n in enumerate(names)]
    return _with_pauses(phones, duration_secs)


def _with_pauses(phones: list[Phone], duration_secs: float) -> list[Phone]:
    out: list[Phone] = []
    for p in [*phones, Phone(PAUSE, duration_secs, duration_secs)]:
        reached = out[-1].end if out else 0.0
        if out and out[-1].name != PAUSE != p.name and p.start - reached < SHORTEST_PAUSE_SECS:
            middle = (reached + p.start) / 2
            out[-1] = Phone(out[-1].name, out[-1].start, middle)
            p = Phone(p.name, middle, p.end)
        elif p.start > reached + 0.005:
            out.append(Phone(PAUSE, reached, p.start))
        if p.end <= p.start:
            continue
        if out and p.name == PAUSE == out[-1].name:
            out[-1] = Phone(PAUSE, out[-1].start, p.end)
        else:
            out.append(p)
    return out
