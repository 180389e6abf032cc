"""A drawing of letters with a logarithmic height, for a terminal."""

import math


def draw(title, columns, series, height=16):
    """Prints one letter for each (letter, values) at each column; `columns` are the labels below."""
    values = [value for _, numbers in series for value in numbers if value and value > 0]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    steps = (height - 1) / max(high - low, 1)
    width = max(len(label) for label in columns) + 2
    grid = [[" "] * (width * len(columns)) for _ in range(height)]
    for letter, numbers in series:
        for place, value in enumerate(numbers):
            if not value or value <= 0:
                continue
            row = round((math.log10(value) - low) * steps)
            column = place * width + width // 2
            # Two letters at one place stand side by side.
            while grid[row][column] != " ":
                column += 1
            grid[row][column] = letter
    print(f"\n{title}")
    marks = {round((power - low) * steps): f"{10.0 ** power:g}" for power in range(low, high + 1)}
    for row in reversed(range(height)):
        print(f"{marks.get(row, ''):>12} |" + "".join(grid[row]).rstrip())
    print(f"{'':>12} +" + "-" * (width * len(columns)))
    print(f"{'':>14}" + "".join(label.center(width) for label in columns).rstrip())
