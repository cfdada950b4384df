"""The Chinese edition: every text of the built English pages replaced by its translation from the catalogues.

The English pages hold all that a reader sees, prose and what code wrote, so their texts are the messages: nothing is
run or read twice, and no text can be left out. ``python -m translation`` lists the commands.
"""
