"""The points of a class as files that the gradebooks of Canvas and Moodle import."""

import csv
import io

from tests.checker import reports

HIGHEST = "    Points Possible"  # what Canvas calls the row of largest points; the spaces are its own


def table(columns, rows):
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows([columns, *rows])
    return text.getvalue()


def points_of(grading):
    """Points of all tasks; empty where the machine, or a folder without a task, left no grade."""
    return "" if reports.problem(grading) else reports.totals(grading)[0]


def of_platform(grading, platform):
    """The student's name and number; the number is empty if another platform gave it."""
    student = grading.student
    number = student.get("number", "") if student.get("platform") == platform else ""
    return reports.cell(student.get("name") or grading.folder), number


def canvas(gradings, column="GAN course"):
    """The file for Grades > Import of Canvas. `column` is the name of the assignment there.

    Canvas knows students by their number, which the names of the files of its own download have.
    """
    columns = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", reports.cell(column)]
    rows = [[HIGHEST, "", "", "", "", sum(reports.tasks_of(gradings).values())]]
    for grading in gradings:
        name, number = of_platform(grading, "canvas")
        rows.append([name, number, "", "", "", points_of(grading)])
    return table(columns, rows)


def moodle(gradings):
    """The file for "Upload grading worksheet" of an assignment in Moodle, with a comment for each student."""
    columns = ["Identifier", "Full name", "Grade", "Maximum Grade", "Last modified (grade)", "Feedback comments"]
    rows, most = [], sum(reports.tasks_of(gradings).values())
    for grading in gradings:
        name, number = of_platform(grading, "moodle")
        comment = reports.cell(reports.overview(grading))
        rows.append([f"Participant {number}" if number else "", name, points_of(grading), most, "-", comment])
    return table(columns, rows)
