"""From a spreadsheet to rows and findings.

The way of the data: `bounds` refuses what is no mapping, a reader makes a book of tabs, `grid` shows them as sheets,
a layout recognises them by their `headings`, `packing` turns columns of `cells` into what their `words` mean, `rows`
says what that comes to. `load` is the whole of it.
"""
