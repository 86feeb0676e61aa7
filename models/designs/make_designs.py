"""Writes plate-designs.json, the one description of plate layouts that the training renderer and the scene renderer share.

9 = digit, A = letter, | = new line; positions are fractions of the plate. Layout facts (colours, patterns) were compiled from public
descriptions of each jurisdiction's plates; pictures on plates are left out.
"""
import json
from pathlib import Path

# code: (name, slogan, background colours, ink, formats)
US = {
    'AL': ('Alabama', 'Heart of Dixie', ['#cfe6f5', '#ffffff'], '#1b2a4a', ['99AA999', '9A999A9', '9AA9999']),
    'AK': ('Alaska', 'The Last Frontier', ['#f5c518'], '#1a2f7a', ['AAA999']),
    'AZ': ('Arizona', 'Grand Canyon State', ['#e8d5c5', '#b9a3c9'], '#1f3d2b', ['AAA9999', 'A9A9AAA', 'AA9A99A']),
    'AR': ('Arkansas', 'The Natural State', ['#ffffff', '#d9e8ef'], '#20304f', ['AAA99A', '999AAA']),
    'CA': ('California', 'dmv.ca.gov', ['#ffffff'], '#14306b', ['9AAA999', '9A99999']),
    'CO': ('Colorado', '', ['#2e6b45'], '#ffffff', ['AAA999', 'AAAA99', '999AAA']),
    'CT': ('Connecticut', 'Constitution State', ['#8fb7dd', '#ffffff'], '#12224d', ['AA99999', '999AAA', '9AAAA9', '9AAAA99']),
    'DE': ('Delaware', 'The First State', ['#1c3f7c'], '#e8c95a', ['999999', '99999', '9999']),
    'DC': ('Washington, DC', 'End Taxation Without Representation', ['#ffffff', '#e9eef6'], '#1a2d68', ['AA9999']),
    'FL': ('Florida', 'Sunshine State', ['#ffffff', '#e9f2e0'], '#0d5a34', ['AAAA99', 'AAAA99', '999AAA', 'AA99AA']),
    'GA': ('Georgia', '', ['#ffffff', '#f3d9c4'], '#1f2430', ['AAA9999', 'AAA9999']),
    'HI': ('Hawaii', 'Aloha State', ['#ffffff', '#f6d9e6'], '#14151a', ['AAA999']),
    'ID': ('Idaho', 'Scenic Idaho', ['#f2c9c9', '#cfe0f2'], '#18243f', ['A999999', '9A9999A', 'AA9999A']),
    'IL': ('Illinois', 'Land of Lincoln', ['#d7e6f2', '#ffffff'], '#b3202b', ['A999999', 'AA99999', '9999999']),
    'IN': ('Indiana', '', ['#cfdcec', '#ffffff'], '#1b2b59', ['999AAA', '999A', '999AA']),
    'IA': ('Iowa', '', ['#cfe3f0', '#ffffff'], '#101c3a', ['AAA999', '999AAA']),
    'KS': ('Kansas', '', ['#dfe7f3'], '#1c2b56', ['999AAA', '9999AAA']),
    'KY': ('Kentucky', 'Bluegrass State', ['#ffffff', '#b7d3ea'], '#1b2b59', ['999AAA', 'AAA999', 'A9A999']),
    'LA': ('Louisiana', 'Sportsman\'s Paradise', ['#ffffff', '#cfe3d8'], '#19243f', ['999AAA', 'AAA999']),
    'ME': ('Maine', 'Vacationland', ['#ffffff', '#dfe9e2'], '#17365d', ['9999AA', '999AAA', '9AAA99']),
    'MD': ('Maryland', '', ['#ffffff'], '#101010', ['9AA9999', 'AAA999', '9AA9999']),
    'MA': ('Massachusetts', 'The Spirit of America', ['#ffffff'], '#b5121b', ['9AAA99', '99A999', '999AA9', '9AA999', '9A99AA', '999AAA']),
    'MI': ('Michigan', 'Pure Michigan', ['#ffffff'], '#16315f', ['AAA9999', 'AAA999', '9AAA99']),
    'MN': ('Minnesota', '10,000 lakes', ['#d9ecf7', '#ffffff'], '#16306b', ['AAA999', '999AAA']),
    'MS': ('Mississippi', '', ['#ffffff', '#e7dcc0'], '#1b2a50', ['AAA999', 'AAA9999', '999AAA']),
    'MO': ('Missouri', 'Show-Me State', ['#ffffff', '#d6e3f1'], '#1a2c57', ['AA9A9A', 'AA9A9A', '9AA99A']),
    'MT': ('Montana', 'Treasure State', ['#1d4a86'], '#ffffff', ['AAA999', '999999A', '99999A']),
    'NE': ('Nebraska', '', ['#ffffff', '#dfe9f5'], '#1a2a4e', ['AAA999', '9A9999', '99A999']),
    'NV': ('Nevada', 'The Silver State', ['#e4d7bf', '#9db8d6'], '#17294d', ['99A999', '999AAA', 'AAA999']),
    'NH': ('New Hampshire', 'Live Free or Die', ['#ffffff', '#d9e8dc'], '#1d5b3c', ['9999999', '999999', '9999999']),
    'NJ': ('New Jersey', 'Garden State', ['#f0d67a', '#fdf5d7'], '#111111', ['A99AAA', 'AAA99A', 'AAA99A']),
    'NM': ('New Mexico', 'Land of Enchantment', ['#f2c22e'], '#b01c2e', ['999AAA', 'AAA999', 'AAAA99']),
    'NY': ('New York', 'Empire State', ['#f0a43a'], '#14275c', ['AAA9999', 'AAA9999', '9AAA99']),
    'NC': ('North Carolina', 'First in Flight', ['#ffffff', '#e6eef7'], '#1a2c6b', ['AAA9999', 'AAA9999', 'AA99999']),
    'ND': ('North Dakota', 'Peace Garden State', ['#dfeaf3', '#f3dfc4'], '#1b2b4a', ['999AAA', 'AAA999']),
    'OH': ('Ohio', 'Birthplace of Aviation', ['#ffffff', '#dce8f2'], '#17284e', ['AAA9999', 'AAA9999', 'AA99AA']),
    'OK': ('Oklahoma', '', ['#dbe8f5', '#8fb3d9'], '#1a2a50', ['AAA999', '999AAA']),
    'OR': ('Oregon', '', ['#dfe7f5', '#cfe0cf'], '#1a2a57', ['999AAA', 'AAA999']),
    'PA': ('Pennsylvania', 'visitPA.com', ['#2b4f94', '#ffffff', '#f2c94c'], '#16284f', ['AAA9999', 'AAA9999', 'AAA999']),
    'RI': ('Rhode Island', 'Ocean State', ['#ffffff', '#dbe9f4'], '#14305e', ['999999', 'AA999', '9AA999', '99999']),
    'SC': ('South Carolina', 'While I Breathe, I Hope', ['#ffffff', '#d3dfee'], '#1a2c56', ['AAA999', '9999AA', '999AAA']),
    'SD': ('South Dakota', 'Great Faces. Great Places.', ['#e7eef5', '#cfd9e5'], '#a52a2a', ['9A9999', '99A999', '9AA999']),
    'TN': ('Tennessee', 'The Volunteer State', ['#21406e'], '#ffffff', ['A9999A', '999AAA', 'AAA9999', 'AA999A']),
    'TX': ('Texas', 'The Lone Star State', ['#ffffff'], '#101010', ['AAA9999', 'AA9A999', 'AAA999']),
    'UT': ('Utah', 'Life Elevated', ['#ffffff', '#cfe0f2'], '#16274e', ['A999AA', 'A99999', '9A9AA', 'A999AA']),
    'VT': ('Vermont', 'Green Mountain State', ['#1f5b3a'], '#ffffff', ['AAA999', '999A999', 'AAA999']),
    'VA': ('Virginia', '', ['#ffffff'], '#1d2b6b', ['AAA9999', 'AAA9999', 'AA99999']),
    'WA': ('Washington', 'Evergreen State', ['#ffffff', '#cfe0f0'], '#16306b', ['AAA9999', '999AAA', 'A99999A']),
    'WV': ('West Virginia', 'Wild, Wonderful', ['#f5d76e', '#ffffff'], '#162a5e', ['9AA999', '99A999', 'A99999']),
    'WI': ('Wisconsin', 'America\'s Dairyland', ['#ffffff', '#e4efe0'], '#15171c', ['999AAA', 'AAA9999', 'AA99999']),
    'WY': ('Wyoming', '', ['#cfe0f2', '#ffffff'], '#231815', ['99999', '999999', '9999AA']),
}
WEIGHTS = {'MA': 8, 'NY': 5, 'NH': 3, 'RI': 3, 'CT': 3, 'VT': 2, 'ME': 2, 'NJ': 2, 'PA': 2, 'FL': 1.5, 'CA': 1.5, 'TX': 1.5}
# Germany by its three-letter code (ISO 3166-1): DE is Delaware.
EU = {
    'DEU': ['A|AA999', 'AAAA999', 'AAA9999', 'AAAA9999', 'AA9999', 'AAA99'], 'FR': ['AA999AA'], 'IT': ['AA999AA'], 'ES': ['9999AAA'],
    'GB': ['AA99AAA', 'A999AAA'], 'NL': ['99AAA9', 'AA999A', '9AAA99', 'AA99AA'], 'BE': ['9AAA999'], 'PL': ['AA99999', 'AAA9999', 'AAA99AA'],
    'CZ': ['9A99999', '9AA9999'], 'AT': ['AA999AA', 'A99999A'], 'CH': ['AA999999', 'AA99999'], 'PT': ['99AA99', 'AA99AA', '9999AA'],
    'RO': ['AA99AAA', 'A999AAA'], 'HU': ['AAA999'], 'SK': ['AA999AA'], 'SE': ['AAA999', 'AAA99A'], 'NO': ['AA99999'], 'DK': ['AA99999'],
    'FI': ['AAA999'], 'IE': ['99A99999', '999A9999'], 'LT': ['AAA999'], 'LV': ['AA9999'], 'EE': ['999AAA'], 'GR': ['AAA9999'], 'BG': ['AA9999AA'],
    'HR': ['AA999AA', 'AA9999AA'], 'SI': ['AAA999', 'AA999AA'],
}


def us_design(code, suffix, weight, colours, ink, formats, legends, sequence=(0.05, 0.24, 0.9, 0.54), size=(305, 152)):
    return {'id': f'us-{code.lower()}-{suffix}', 'state': code, 'country': 'US', 'weight': weight,
            'sizeMm': {'width': size[0], 'height': size[1]},
            'background': {'kind': 'gradient' if len(colours) > 1 else 'flat', 'colors': colours}, 'ink': ink,
            'border': {'color': ink, 'widthMm': 2} if len(colours) == 1 else None,
            'formats': formats, 'sequence': dict(zip('xywh', sequence)), 'legends': legends}


def legend(text, x, y, height, colour):
    return {'text': text, 'x': x, 'y': y, 'hFraction': height, 'color': colour}


def united_states():
    for code, (name, slogan, colours, ink, formats) in US.items():
        legends = [legend(name.upper(), 0.5, 0.12, 0.13, ink)]
        if slogan:
            legends.append(legend(slogan, 0.5, 0.9, 0.09, ink))
        weight = WEIGHTS.get(code, 1)
        yield us_design(code, 'passenger', weight, colours, ink, formats, legends)
        yield us_design(code, 'vanity', weight * 0.25, colours, ink, ['AAAA', 'AAAAA', 'AAAAAA', 'AAAAAAA', 'AAA9', 'AAAA99', '99AAAA', 'AA', '9AAAAA9'], legends)
        yield us_design(code, 'motorcycle', weight * 0.15, colours, ink, ['99|999', 'AA|9999', '9A|999', 'AAA|99', '999|99'],
                        legends[:1], (0.1, 0.22, 0.8, 0.72), (178, 102))
    ma = [legend('MASSACHUSETTS', 0.5, 0.12, 0.13, '#1c4587'), legend('The Spirit of America', 0.5, 0.9, 0.09, '#1c4587')]
    yield us_design('MA', 'livery', 0.8, ['#ffffff'], '#b5121b', ['LV99999', 'LV9999'], ma)
    yield us_design('MA', 'commercial', 0.8, ['#ffffff'], '#b5121b', ['A99999', 'A9999', 'AA9999', '9A9999'], ma)
    yield us_design('MA', 'old-green', 0.8, ['#ffffff'], '#1f6b3a', ['999AAA', '9999AA', '999999'], [legend('MASSACHUSETTS', 0.5, 0.88, 0.13, '#1f6b3a')], (0.05, 0.08, 0.9, 0.6))


def europe():
    for code, formats in EU.items():
        band = legend(code[0] if code in ('DEU', 'FR', 'IT', 'ES', 'BE', 'PT') else code, 0.045, 0.78, 0.2, '#ffffff')
        plates = [('white', ['#f7f7f5'], 0.9 if code != 'NL' else 0.1)]
        if code in ('GB', 'NL'):
            plates.append(('yellow', ['#f2c51b'], 0.9))
        for name, colours, weight in plates:
            for layout, size, sequence, rows in (('long', (520, 112), (0.1, 0.12, 0.88, 0.76), formats),
                                                 ('square', (280, 200), (0.08, 0.08, 0.84, 0.84), [f[:len(f) // 2] + '|' + f[len(f) // 2:] for f in (g.replace('|', '') for g in formats)])):
                yield {'id': f'eu-{code.lower()}-{name}-{layout}', 'state': code, 'country': 'EU',
                       'weight': weight if layout == 'long' else weight * 0.12, 'sizeMm': dict(zip(('width', 'height'), size)),
                       'background': {'kind': 'flat', 'colors': colours}, 'ink': '#111111', 'border': {'color': '#111111', 'widthMm': 3},
                       'band': {'color': '#1a3f9c', 'w': 0.085} if layout == 'long' else None,
                       'formats': [f.replace('|', '') for f in rows] if layout == 'long' else rows,
                       'sequence': dict(zip('xywh', sequence)), 'legends': [band] if layout == 'long' else []}


def brazil():
    for name, colours, ink, formats, weight in (('grey', ['#c9ccce'], '#161616', ['AAA9999'], 6.0), ('red', ['#b3262e'], '#ffffff', ['AAA9999'], 1.2),
                                                ('mercosul', ['#fafafa'], '#161616', ['AAA9A99'], 2.0)):
        top = legend('SP - SAO PAULO' if name != 'mercosul' else 'BRASIL', 0.5, 0.13, 0.14, ink if name != 'mercosul' else '#ffffff')
        for layout, size, sequence, rows in (('long', (400, 130), (0.03, 0.27, 0.94, 0.68), formats),
                                             ('motorcycle', (200, 170), (0.06, 0.24, 0.88, 0.72), ['AAA|9999' if name != 'mercosul' else 'AAA|9A99'])):
            yield {'id': f'br-{name}-{layout}', 'state': 'BR', 'country': 'BR', 'weight': weight if layout == 'long' else weight * 0.25,
                   'sizeMm': dict(zip(('width', 'height'), size)), 'background': {'kind': 'flat', 'colors': colours}, 'ink': ink,
                   'border': {'color': ink, 'widthMm': 2}, 'header': {'color': '#1a3f9c', 'h': 0.24} if name == 'mercosul' else None,
                   'formats': rows, 'sequence': dict(zip('xywh', sequence)), 'legends': [top]}


if __name__ == '__main__':
    designs = [*united_states(), *europe(), *brazil()]
    for design in designs:
        for key in [k for k in ('band', 'header') if design.get(k) is None]:
            design.pop(key, None)
    out = Path(__file__).with_name('plate-designs.json')
    out.write_text('{"version":1,"designs":[\n' + ',\n'.join(json.dumps(d, separators=(',', ':')) for d in designs) + '\n]}\n')
    print(len(designs), 'designs,', out.stat().st_size, 'bytes')
