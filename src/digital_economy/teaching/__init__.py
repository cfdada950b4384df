"""Teaching: from each notebook of the book a student's and a teacher's notebook and a handout of one page."""

from digital_economy.teaching.material import SETUP, solved, taught, write

__all__ = ["SETUP", "solved", "taught", "write"]
