"""Spreadsheets: tables that people bring, and lists that they take away.

`reading.read_sheet` makes plain rows of an .xlsx or .csv file as offices really write them; nothing
in it is evaluated, and what it may cost is bounded. `writing.written` makes both kinds of file of a
list, piece by piece, and no cell of them is ever a formula. Neither knows people nor screens: who
asks says which columns there are.
"""
