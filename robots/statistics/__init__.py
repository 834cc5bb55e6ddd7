"""What the robots give: the figures of a period, as tables, pictures and a workbook (docs/statistics.md).

``reading`` takes narrow rows out of the database, ``calculating`` makes ``Figures`` of them with pandas, and all that
shows figures (page, API, command, workbook) takes those.
"""
