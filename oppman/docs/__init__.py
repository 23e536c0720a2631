"""What `oppman docs export` writes: the API schema and a folder of documentation that needs no network."""
