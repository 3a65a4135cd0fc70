"""A class as one HTML page that needs nothing else: points, what is missed most, the report on each folder."""

from collections import Counter
from html import escape

from tests.checker import reports
from tests.checker.rubric import FAILED

BINS = 10
MOST_MISSED, MOST_SENTENCES = 15, 3
STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; color: #222; }
table { border-collapse: collapse; } td, th { padding: .2em .8em; text-align: left; border-bottom: 1px solid #ccc; }
td.number, th.number { text-align: right; } pre { white-space: pre-wrap; background: #f5f5f5; padding: 1em; }
.wide { overflow-x: auto; } svg { max-width: 100%; height: auto; } section { margin-top: 2em; }
"""
# Nothing is loaded from anywhere, and nothing is run: whatever a student wrote is text.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def text(x):
    return escape(reports.clean(x), quote=True)


def page(gradings):
    """The page as text."""
    anchors = {id(grading): f"report-{number}" for number, grading in enumerate(gradings, 1)}
    parts = [
        "<!DOCTYPE html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>Grading of {reports.plural(len(gradings), 'folder')}</title><style>{STYLE}</style></head><body>",
        f"<h1>Grading of {reports.plural(len(gradings), 'folder')}</h1>",
        *overview(gradings),
        *histogram(gradings),
        *missed(gradings, anchors),
        *everybody(gradings, anchors),
        *(line for grading in gradings for line in report(grading, anchors[id(grading)])),
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"


def overview(gradings):
    found = reports.figures(gradings)
    words = [f"{found['all_points']} with all points", f"{found['not_graded']} not graded"]
    if found["mean_share"] is not None:
        words.append(f"on average {found['mean_share']:.0%} of the points")
    lines = [f"<p>{', '.join(words)}.</p>"]
    if found["seed"] is not None:
        lines.append(f"<p>The inputs were drawn with <code>--seed {found['seed']}</code>.</p>")
    return lines


def histogram(gradings):
    """How many folders have which share of the points of all tasks of the class."""
    most = sum(reports.tasks_of(gradings).values())
    graded = [reports.totals(grading)[0] for grading in gradings if not reports.problem(grading)]
    if not graded or not most:
        return []
    counts = Counter(min(BINS - 1, points * BINS // most) for points in graded)
    highest, width, height = max(counts.values()), 56, 180
    lines = [
        "<section><h2>Points</h2>",
        f'<svg viewBox="0 0 {BINS * width + 60} {height + 70}" width="{BINS * width + 60}" role="img" '
        'aria-label="Histogram: number of folders by points">',
        f'<text x="14" y="{height / 2 + 20:.0f}" transform="rotate(-90 14 {height / 2 + 20:.0f})" '
        'text-anchor="middle">folders</text>',
    ]
    for i in range(BINS):
        tall, left = round(height * counts[i] / highest), 40 + i * width
        low, high = -(-most * i // BINS), most if i == BINS - 1 else -(-most * (i + 1) // BINS) - 1
        middle = left + width / 2 - 3
        lines += [
            f'<rect x="{left}" y="{20 + height - tall}" width="{width - 6}" height="{tall}" fill="#3b6ea5"/>',
            f'<text x="{middle}" y="{15 + height - tall}" text-anchor="middle" font-size="13">{counts[i] or ""}</text>',
            f'<text x="{middle}" y="{height + 38}" text-anchor="middle" font-size="12">{low}-{high}</text>',
        ]
    lines += [
        f'<line x1="36" y1="{height + 20}" x2="{BINS * width + 40}" y2="{height + 20}" stroke="#222"/>',
        f'<text x="{BINS * width / 2 + 40:.0f}" y="{height + 60}" text-anchor="middle">points of {most}</text>',
        "</svg></section>",
    ]
    return lines


def missed(gradings, anchors):
    """The behaviours that most folders miss, with what was said of them."""
    rows = [row for row in reports.class_summary(gradings) if row["failed"]][:MOST_MISSED]
    if not rows:
        return []
    lines = ["<section><h2>Missed most</h2><ol>"]
    for row in rows:
        told = {}
        for grading in gradings:
            for verdict in sum(grading.verdicts.values(), []) if not reports.problem(grading) else ():
                if verdict.behaviour.key == row["behaviour"] and verdict.status == FAILED:
                    told.setdefault(reports.sentence_of(verdict), []).append(grading)
        lines.append(
            f"<li><b>{text(row['behaviour'])}</b>: {text(row['title'])}. Missed in {row['failed']} of {row['graded']} "
            f"folders, the first thing to look at in {row['root_cause']}.<ul>"
        )
        for sentence, whose in sorted(told.items(), key=lambda one: -len(one[1]))[:MOST_SENTENCES]:
            links = ", ".join(f'<a href="#{anchors[id(one)]}">{text(one.folder)}</a>' for one in whose[:5])
            more = f" and {len(whose) - 5} more" if len(whose) > 5 else ""
            lines.append(f"<li>{text(sentence)} ({links}{more})</li>")
        lines.append("</ul></li>")
    return [*lines, "</ol></section>"]


def everybody(gradings, anchors):
    """A row for each folder, with a link to its report."""
    tasks = reports.tasks_of(gradings)
    heads = "".join(f'<th class="number">Task {task} ({most})</th>' for task, most in tasks.items())
    lines = [
        '<section><h2>Folders</h2><div class="wide"><table>',
        f'<tr><th>Folder</th>{heads}<th class="number">Points ({sum(tasks.values())})</th></tr>',
    ]
    for grading in gradings:
        link = f'<a href="#{anchors[id(grading)]}">{text(grading.folder)}</a>'
        if reports.problem(grading):
            cells = f'<td colspan="{len(tasks) + 1}">not graded: {text(reports.problem(grading))}</td>'
        else:
            points = [grading.points(task) if task in grading.verdicts else "" for task in tasks]
            cells = "".join(f'<td class="number">{one}</td>' for one in [*points, reports.totals(grading)[0]])
        lines.append(f"<tr><td>{link}</td>{cells}</tr>")
    return [*lines, "</table></div></section>"]


def report(grading, anchor):
    lines = "\n".join(escape(line) for line in reports.terminal(grading, everything=True))
    return [f'<section id="{anchor}"><h2>{text(grading.folder)}</h2><pre>{lines}</pre></section>']
