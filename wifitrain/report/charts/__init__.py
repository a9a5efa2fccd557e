"""Charts: numbers in, inline SVG out, in colours that the page's theme decides."""
