"""The judges, by subject: each looks at raw numbers and returns None if all is well, else one sentence for the student.

They compare with what reference.py computes; when that differs they look for the known mistake that gives the student's
numbers, and name it.
"""
