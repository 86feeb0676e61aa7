"""The layouts a jurisdiction issues (9 = digit, A = letter), from the plate designs and, where those are short, from this table."""
import itertools

from alphabet import DESIGNS
from cache import is_held_out
from decode import pattern

# Germany: one to three letters for the district, one or two, one to four digits, and at most eight characters in all.
GERMAN = sorted({'A' * (d + n) + '9' * k for d, n, k in itertools.product((1, 2, 3), (1, 2), (1, 2, 3, 4)) if d + n + k <= 8})
MORE = {
    'AT': ['A9999AA', 'A99999A', 'AA99AAA', 'AA999AA', 'AA9AAA', 'A999AAA', 'AA9999A', 'A99AAA', 'AA999A', 'AA99AA'],
    'CZ': ['9A99999', '9AA9999', 'AAA9999'], 'PL': ['AA99999', 'AAA9999', 'AAA99AA', 'AA9999A', 'AA999AA', 'AAA99999', 'AAAA999', 'AAA9A99'],
    'CH': ['AA9999', 'AA999', 'AA99999', 'AA999999'], 'BE': ['9AAA999', 'AAA999', '999AAA'], 'GB': ['AA99AAA', 'A999AAA', 'AAA999A'],
    'FR': ['AA999AA', '9999AA99', '999AA99', '999AAA99'], 'HR': ['AA999AA', 'AA9999AA', 'AA999A', 'AA9999A'],
    'SI': ['AAA999', 'AA999AA', 'AAA99A', 'AA99AAA'], 'RO': ['AA99AAA', 'A999AAA', 'A99AAA'], 'PT': ['99AA99', 'AA99AA', '9999AA', 'AA9999'],
    'NL': ['99AAA9', 'AA999A', '9AAA99', 'AA99AA', 'AAAA99', '99AAAA', '99AA99'], 'LV': ['AA9999', 'AA999', 'AA99'],
}


def layouts():
    """state -> {layout: weight}; vanity designs are left out."""
    out = {}
    for design in DESIGNS:
        if design['id'].endswith('-vanity'):
            continue
        into = out.setdefault(design['state'], {})
        for form in design['formats']:
            flat = pattern(form.replace('|', ''))
            into[flat] = into.get(flat, 0) + design['weight'] / len(design['formats'])
    for state, forms in MORE.items():
        for form in forms:
            out[state].setdefault(form, 0.1)
    for form in GERMAN:
        out['DEU'].setdefault(form, 0.1)
    return out


# How many labelled plates a state's designs count for, against the layouts seen on its labelled training crops.
DESIGN_COUNT = 4


def issued(metas) -> dict[str, dict[str, float]]:
    """state -> {layout: share of its plates}, from the designs and the labelled training crops (never pseudo-labels or held-out ones)."""
    counts = {state: {form: DESIGN_COUNT * weight / sum(forms.values()) for form, weight in forms.items()} for state, forms in layouts().items()}
    for meta in metas:
        if meta['text'] and meta['state'] in counts and not meta['set'].endswith('-pseudo') and not is_held_out(meta['file']):
            form = pattern(meta['text'])
            counts[meta['state']][form] = counts[meta['state']].get(form, 0) + 1
    return {state: {form: round(count / sum(forms.values()), 4) for form, count in forms.items()} for state, forms in counts.items()}


EUROPEAN = {p for state in {d['state'] for d in DESIGNS if d['country'] == 'EU'} for p in layouts()[state]}
