"""The chain of migrations itself: heads joined or put in a row, and many revisions made one."""
