"""What every web face shares: headers, forms, languages, and how a form is read."""
