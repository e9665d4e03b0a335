"""The one look of everything that is written with XlsxWriter; a cell is text unless it says otherwise.

`book` opens a workbook, `sheets` are its tables, `pages` its overviews, `charts` the pictures on them; `style` and
`text` say how all of it looks and reads.
"""
