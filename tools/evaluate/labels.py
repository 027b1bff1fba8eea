"""What each phone label asks of the lips, one table per label set.

    bilabial     lips meet (p b m)
    labiodental  lower lip to the upper teeth, lips apart (f v)
    vowel        lips apart through the middle half
    open/close   vowels of a wide and of a narrow jaw
    rounded/spread  vowels of a pursed and of a drawn-out mouth
    glide        lips come near on purpose (w, the English h of "m-hm"): counted neither way
    silence      pauses
    oddity       in no row above and yet no consonant with open lips: rare vowels, modifier marks, noises, and
                 consonants whose lips may near each other (β of Spanish, ʋ of Hindi, V of EmoDB)

What is in no row is a consonant with open lips. `oddity` is ours: the reference's `other_sealed` counts
those labels as consonants, our own `consonant_sealed` leaves them out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from facerig.errors import ConfigError

CLASSES: Final = ("bilabial", "labiodental", "vowel", "open", "close", "rounded", "spread", "glide",
                  "silence", "oddity")

# row:        the labels of the class
_ARPABET = """
bilabial      P B M EM
labiodental   F V
vowel         AA AE AH AO AW AX AXR AX-H AY EH ER EY IH IX IY OW OY UH UW UX
open          AA AE AY AW
close         IY IH UW UH
rounded       UW UH OW UX
spread        IY IH EY EH
glide         W HH HV
silence       SIL H# PAU EPI
oddity        +NSN+ +SPN+
"""
_IPA = """
bilabial      p b m
labiodental   f v
vowel         a ɑ æ ʌ ə ᵊ ɛ e ɜ ɪ i ʊ u o ɔ ɒ A I O Q W Y y ø œ ɐ
open          a ɑ æ I W
close         i ɪ u ʊ y
rounded       u ʊ o O Q y ø
spread        i ɪ e ɛ A
glide         w h
silence       SIL
oddity        ᵻ ̃ ʰ β ʋ ʔ
"""
_EMODB = """
bilabial      p b m
labiodental   f v
vowel         a aI aU a6 i I i6 I6 U u y Y O o 9 OY e E E6 e@ @ @6 6 OU AU
open          a aI aU a6
close         i I U u y Y i6 I6
rounded       U u o y Y OY
spread        i I e E
glide         B h H ?
silence       SIL
oddity        V 8 aO ia i@ AO @E Y6 I@ @O
"""
_FESTVOX_RU = """
bilabial      p pp b bb m mm
labiodental   f ff v vv
vowel         a aa ae ay e ee i ii o oo u uu ur y yy
open          a aa
close         i ii u uu y yy
rounded       u uu o oo ur
spread        i ii e ee
glide         h
silence       pau ssil #
"""


@dataclass(frozen=True, slots=True)
class LabelSet:
    """One way of writing phones. `classes` maps a name of CLASSES to its labels."""

    name: str
    classes: dict[str, frozenset[str]]
    stress_marks: str = ""  # digits that follow a label and say nothing about lips
    upper_case: bool = False

    def plain(self, label: str) -> str:
        """The label as the table writes it: `ah0` -> `AH`."""
        return (label.upper() if self.upper_case else label).rstrip(self.stress_marks or None)

    def classes_of(self, label: str) -> frozenset[str]:
        """Names of the classes that the plain label is in."""
        return frozenset(name for name, members in self.classes.items() if label in members)


def _table(text: str) -> dict[str, frozenset[str]]:
    rows = {name: frozenset(labels) for name, *labels in (line.split() for line in text.strip().splitlines())}
    return {name: rows.get(name, frozenset()) for name in CLASSES}


LABEL_SETS: Final = {
    "arpabet": LabelSet("arpabet", _table(_ARPABET), stress_marks="012", upper_case=True),
    "ipa": LabelSet("ipa", _table(_IPA)),
    "emodb": LabelSet("emodb", _table(_EMODB)),
    "festvox_ru": LabelSet("festvox_ru", _table(_FESTVOX_RU)),
}


def label_set(name: str) -> LabelSet:
    """The table called `name`. Raises ConfigError for a name that is none."""
    if name not in LABEL_SETS:
        raise ConfigError(f"no label set is called {name!r}", where="--labels-kind",
                          fix=f"give one of {', '.join(LABEL_SETS)}")
    return LABEL_SETS[name]
