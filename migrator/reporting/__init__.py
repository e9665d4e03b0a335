"""Writes what a run did, and what a plan would do, as workbooks for people.

`write` is the way in; `facts` computes every figure once from the record; `advice`, `words`, `names` and `filenames`
say things as a person would; `formats` holds one file per report.
"""
