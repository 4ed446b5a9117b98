"""The store: sealed entries, who may fetch them, and nothing a person typed."""
