"""The words that free text is matched with: which feeling each stands for, and words that weigh others.

A lexicon of our own, made for what writers of dialogue put beside a line. Words are given in any form that
`wording.stem` brings to the same root; phrases win over the words in them.
"""

from __future__ import annotations

from typing import Final

# feeling                     words and phrases
LEXICON: Final = """
neutral 1.0                   | neutral, calm, calmly, composed, deadpan, expressionless, blank, plain,
                                plainly, flat, matter of fact, poker face, stone faced, stoic,
                                even tempered, level headed, serious, normal, emotionless, unemotional,
                                collected, impassive, no emotion, without emotion, at ease
neutral 0.8, contempt 0.2     | indifferent, unimpressed, uninterested, apathetic, bored, unbothered,
                                dispassionate, aloof, detached, distant, cold, coldly, cool, shrug it off,
                                unmoved
neutral 0.6, joy 0.25         | relaxed, serene, peaceful, at peace, tranquil, mellow, untroubled, patient,
                                gentle, mild, soothing, thoughtful, attentive
joy 0.25                      | polite smile, faint smile, ghost of a smile, wan smile, not bad, half smile,
                                kind
joy 0.4                       | content, pleased, satisfied, comfortable, friendly, warm, polite, hopeful,
                                grateful, thankful, glad, relieved, reassuring, welcoming, tender,
                                soft smile, affectionate, encouraging, optimistic, sigh of relief,
                                approving, trusting, sympathetic, fond
joy 0.6                       | happy, cheerful, smile, cheery, good mood, bright, sunny, merry, amused,
                                chuckle, proud, lighthearted, jolly, playful laugh, enjoying, loving,
                                in love, adoring, good spirits, upbeat, pleasure, sparkling, enthusiastic,
                                eager, giggling, friendly grin, triumph in the eyes
joy 0.85                      | joy, joyful, joyous, laugh, laughing, beam, grin, gleeful, glee, excited,
                                thrilled, delighted, elated, exuberant, jubilant, overjoyed, triumphant,
                                victorious, celebrate, bubbly, grinning from ear to ear, walking on air,
                                enchanted, exhilarated
joy 1.0                       | ecstatic, euphoric, bliss, blissful, rapturous, over the moon,
                                on cloud nine, hysterical, roaring with laughter, laughing out loud,
                                howling with laughter, could not be happier, best day of my life,
                                in seventh heaven, radiant, crack up, burst out laughing, lmao, lol
anger 0.35                    | annoyed, irritated, grumpy, cranky, cross, miffed, peeved, impatient, stern,
                                strict, testy, irked, terse, curt, sulky, sullen, determined, firm,
                                resolute, frown, frowning, displeased, grumbling, snappy, short tempered,
                                tense, reproachful
anger 0.6                     | angry, anger, mad, frustrated, indignant, cross with, offended, exasperated,
                                resentful, bitter, upset with, hostile, aggressive, glaring, glare, scowl,
                                threatening, menacing, accusing, fed up, had enough,
                                at the end of his patience, at the end of her patience, confrontational,
                                defiant, vengeful, jealous, snarl, insulted, ticked off, scold, fierce,
                                pissed, pissed off, hateful, hate, ominous, grim
anger 1.0                     | furious, fury, rage, raging, enraged, livid, irate, seething, outraged,
                                incensed, boiling, wrath, wrathful, infuriated, apoplectic,
                                shouting in anger, screaming at, yelling at, out for blood, ready to kill,
                                murderous, seeing red, blood boiling, beside himself with anger,
                                beside herself with anger, blow up, lose his temper, lose her temper,
                                fuming, violent, shout, yell, lashing out, berserk
sadness 0.35                  | wistful, melancholy, melancholic, pensive, nostalgic, feeling down, blue,
                                glum, subdued, regretful, disappointed, lonely, moody, apologetic, sorry,
                                rueful, longing, homesick, resigned, discouraged, let down, dull, sober,
                                sigh, missing someone, pity, guilty, guilt, ashamed, shame, embarrassed,
                                humble, somber, sombre
sadness 0.65                  | sad, sadness, unhappy, sorrow, sorrowful, gloomy, mournful, dejected,
                                downcast, hurt, upset, downhearted, broken, miserable, heavy hearted,
                                crestfallen, depressed, forlorn, disheartened, dismal, teary, teary eyed,
                                watery eyes, lump in the throat, pleading, on the verge of tears,
                                close to tears, near tears, moved to tears, whimper, pout, remorse,
                                remorseful, lost, abandoned, weary, wounded, moping, down in the dumps
sadness 1.0                   | heartbroken, despair, despairing, hopeless, desolate, crushed, inconsolable,
                                broken hearted, shattered, devastated, suicidal, despondent, utterly alone
grief 0.75                    | tears, tearful, crying, cry, weep, teardrop, tears in the eyes,
                                eyes full of tears, eyes well up, choked up, snivel, sniffle,
                                voice breaking, on the brink of breaking down
grief 1.0                     | grief, grieving, grief stricken, sob, bawling, wail, bereaved, anguish,
                                anguished, lament, tears streaming, burst into tears, breaking down,
                                cry his eyes out, cry her eyes out, agony of loss, distraught
fear 0.35                     | nervous, worried, worry, uneasy, anxious, anxiety, concerned, apprehensive,
                                shy, timid, insecure, unsure, hesitant, doubtful, jittery, on edge, wary,
                                cautious, stressed, restless, fidgety, butterflies, suspicious, troubled,
                                uncertain, skittish, vulnerable, shaky
fear 0.65                     | afraid, scared, fear, fearful, frightened, spooked, alarmed, alarm, dread,
                                intimidated, trembling, shaking, distressed, distress, cowering, flinch,
                                desperate, helpless, haunted, creeped out, goosebumps, quivering,
                                foreboding, cornered, unnerved, in danger
fear 1.0                      | terrified, terror, panic, panicked, petrified, horror, horrified, scream,
                                screaming, scared to death, scared stiff, hysteria, frantic, mortal fear,
                                scared out of his wits, scared out of her wits, paralysed with fear,
                                paralyzed with fear, shriek, aghast, fear for his life, fear for her life,
                                nightmare
disgust 0.4                   | distaste, dislike, put off, disapproving, displeasure, wince at,
                                unappetising, averse, turned off, queasy, sour, cringe, squeamish,
                                bad smell, stinks, smelly
disgust 0.75                  | disgust, disgusted, disgusting, gross, grossed out, yuck, eww, ew, repelled,
                                sick, nauseous, nauseated, foul, rotten, icky, sickened, filthy, repugnant,
                                vile, grimace
disgust 1.0                   | revolted, revolting, repulsed, appalled, loathing, abhorrent, retching, gag,
                                vomit, about to throw up, makes me sick, abomination
surprise 0.4                  | curious, interested, intrigued, raised eyebrows, taken aback, puzzled,
                                confused, perplexed, bewildered, baffled, questioning, did not expect, huh,
                                inquisitive, quizzical, perked up, alert, expectant
surprise 0.75                 | surprise, surprised, startled, astonished, caught off guard, unexpected,
                                disbelief, incredulous, wide eyed, gasp, flabbergasted, double take, oh,
                                whoa
surprise 1.0                  | shock, shocked, stunned, thunderstruck, dumbfounded, speechless,
                                jaw dropped, jaw on the floor, dumbstruck, staggered, bolt from the blue,
                                gobsmacked, mind blown, cannot believe
amazement 0.6                 | impressed, fascinated, marvel, admiring, admiration, pleasantly surprised,
                                wow, spellbound, captivated, dazzled, entranced, inspired, in wonder
amazement 1.0                 | amazed, amazement, amazing, awe, awestruck, awed, astounded, wonder,
                                starstruck, mesmerised, mesmerized, blown away, wonderstruck, breathtaking,
                                miracle, incredible, star struck
contempt 0.4                  | skeptical, sceptical, dismissive, sarcastic, sarcasm, ironic, dry, cynical,
                                snide, sardonic, patronising, patronizing, condescending, arrogant,
                                superior, haughty, snobbish, could not care less, do not care,
                                does not care, could care less, whatever, eye roll, roll his eyes,
                                roll her eyes, roll my eyes, rolling eyes, wry, not impressed, unconvinced,
                                yeah right, pompous, jaded
contempt 0.75                 | contempt, contemptuous, scorn, scornful, disdain, disdainful, sneer,
                                sneering, derisive, mocking, mockery, belittling, look down on,
                                looking down on, scoff, ridicule, despise, withering, spiteful, cruel
contempt 0.5, cheekiness 0.3  | smug, smugly, self satisfied, gloating, cocky, conceited, full of himself,
                                full of herself, i told you so, complacent, overconfident, vain, know it all
cheekiness 0.5                | playful, flirty, flirting, teasing, witty, sly, coy, impish, smirk, wink,
                                winking, joking, kidding, humorous, funny, knowing look, tongue in cheek,
                                knowing smile, crafty, seductive, sassy, confident, charming
cheekiness 0.85               | cheeky, cheekiness, mischief, mischievous, roguish, naughty, rascal,
                                up to no good, devilish, wicked grin, prankster, cunning, lopsided grin,
                                crooked grin, conspiratorial, foxy, puckish
pain 0.45                     | sore, ache, discomfort, headache, wince, uncomfortable, stung, cramp,
                                strained, bruised
pain 0.8                      | pain, painful, pained, in pain, injured, toothache, suffering, ouch, ow,
                                stabbed, burnt, burned, wounded badly, groan, moan, clenched teeth
pain 1.0                      | agony, agonising, agonizing, excruciating, tortured, torment, tormented,
                                writhing, dying
outofbreath 0.5               | breathless, winded, short of breath, puffed, sighing heavily,
                                heavy breathing, breathing hard, breathing heavily, effort
outofbreath 1.0               | out of breath, panting, pant, gasping for air, gasping for breath,
                                exhausted, exhaustion, after running, catch breath, catching his breath,
                                catching her breath, hyperventilating, worn out, running, sprint, wheezing,
                                suffocating, drained
sadness 0.3, outofbreath 0.25 | tired, sleepy, fatigued, drowsy, groggy, drunk, yawning, ill, feverish
joy 0.4, sadness 0.35         | bittersweet, smiling through tears, tears of joy, happy tears,
                                crying with happiness, sad smile, brave face
joy 0.5, fear 0.3             | nervous laugh, nervous smile, nervous laughter, giddy, awkward,
                                awkward smile, sheepish
joy 0.5, surprise 0.3         | happy surprise, good news, cannot wait, anticipation
anger 0.5, joy 0.4            | evil laugh, maniacal, maniac, sadistic, evil grin, villainous, wicked, evil,
                                crazed, insane
anger 0.5, disgust 0.4        | hatred, detest, abhor, disgusted and angry, odious
anger 0.45, sadness 0.35      | betrayed, jilted, wronged, embittered, sullen resentment
fear 0.45, surprise 0.45      | oh no, oh my god, oh god, startled and afraid, jump scare
fear 0.35, sadness 0.4        | worried sick, crying for help, begging, beg, imploring, lost child
"""

# how much of a feeling shows, times
MODIFIERS: Final = """
0.3  | hint of, trace of, touch of, a shade, tinge of, imperceptibly, vaguely, faintly
0.45 | slightly, a little, little, a bit, bit, mildly, subtly, slight, faint, subtle, softly, quietly,
       lightly, weakly
0.6  | somewhat, kind of, sort of, kinda, sorta, a tad, partly, almost, half, moderately, vague, inwardly,
       secretly
0.8  | fairly, rather, pretty, quite, growing, gently, nearly, rising
1.2  | really, so, visibly, clearly, openly, truly, genuinely, obviously, seriously, loudly, hard, deep,
       deeply, strong, big
1.4  | very, much, greatly, highly, super, terribly, awfully, intensely, strongly, bitterly, wildly,
       violently, loads of
1.6  | extremely, utterly, totally, absolutely, completely, incredibly, insanely, furiously, utter, sheer,
       pure, total, beyond, overwhelmingly, uncontrollably, hysterically, madly, too, full of, filled with,
       complete, wild
"""
SPARING: Final = "barely, hardly, scarcely, only just"  # a trace of a feeling; of restraint: about to break
RESTRAINT: Final = """
trying not to, try not to, holding back, hold back, fighting back, fight back, contain, suppress, hiding,
hide, conceal, keeping back, controlled, stifle, bite back, choke back, swallow, restrained, repressed,
trying to hide, masking, bottling up, attempt not to, struggling not to, about to, on the verge of,
on the brink of, close to
"""
NEGATIONS: Final = "not, no, never, without, neither, nor, far from, anything but, lack of, no longer, stop"
BREAKS: Final = "but, and, then, yet, while, though, although, with, because, or, plus, also"
# said of how a line is spoken or by whom: no feeling, and no reason to report them as not understood
FILLERS: Final = """
a, an, the, in, on, at, of, to, is, are, am, be, been, being, was, were, i, you, he, she, it, we, they,
my, your, his, her, its, our, their, me, him, them, us, that, this, like, as, if, for, from, by, feel,
look, sound, seem, speak, say, talk, whisper, voice, tone, face, eye, mood, way, kind, very, just, still,
some, from, into, out, up, over, have, has, had, do, does, did, will, would, can, could, person, man,
woman, someone, something, about, all, more, bit, get, emotion, feeling, expression, state
"""
OPPOSITE: Final = {"joy": ("sadness", 0.5), "cheekiness": ("neutral", 1.0), "amazement": ("contempt", 0.4)}
