"""Plate text from the reader's columns: CTC beam search, and the layouts that jurisdictions issue as a prior. text.ts does the same."""
import numpy as np

BEAM = 16
CHARACTER_MIN = 1e-3


def beam_search(probabilities, alphabet):
    """[T,A] -> {text: probability}: CTC prefix beam search (Graves et al. 2006, Hannun et al. 2014), no language model."""
    beams = {'': (1.0, 0.0)}
    for row in probabilities:
        wanted = [k for k in np.flatnonzero(row > CHARACTER_MIN) if k]
        if not wanted:  # Only the blank: every beam goes on alike.
            beams = {text: ((b + n) * row[0], 0.0) for text, (b, n) in beams.items()}
            continue
        after = {}
        for text, (b, n) in beams.items():
            held = after.get(text, (0.0, 0.0))
            last = alphabet.index(text[-1]) if text else 0
            after[text] = (held[0] + (b + n) * row[0], held[1] + (n * row[last] if text else 0.0))
            for k in wanted:
                longer = text + alphabet[k]
                held = after.get(longer, (0.0, 0.0))
                after[longer] = (held[0], held[1] + (b if k == last else b + n) * row[k])
        beams = dict(sorted(after.items(), key=lambda item: -sum(item[1]))[:BEAM])
    return {text: float(b + n) for text, (b, n) in beams.items()}


def pattern(text):
    return ''.join('9' if c.isdigit() else 'A' for c in text)


def layout_prior(layout, states, prior):
    """Probability of a layout given the state's probabilities {state: p}: what each issues, and a share of vanity plates in any layout."""
    switches = sum(a != b for a, b in zip(layout, layout[1:]))
    free = 0.5 ** (switches + 1) / 6
    return sum(p * ((1 - prior['vanity']) * prior['layouts'].get(s, {}).get(layout, 0.0) + prior['vanity'] * free) for s, p in states.items())


def decode(views, states, prior):
    """Beams {text: probability} of one or more framings -> [(text, log probability)], best first."""
    texts = {}
    for beams in views:
        for text, p in beams.items():
            texts[text] = texts.get(text, 0.0) + p / len(views)
    mass = sum(texts.values())
    scored = {text: p * (layout_prior(pattern(text), states, prior) ** prior['weight'] if prior else 1.0) for text, p in texts.items() if text}
    total = sum(scored.values()) or 1.0
    ranked = sorted(scored.items(), key=lambda item: -item[1])
    return [(text, float(np.log(max(mass * p / total, 1e-9)))) for text, p in ranked]
